/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.spark.hold;

import java.io.Serializable;

/**
 * The right of one scan to read a lake snapshot. In the driver it can be reached as long as
 * anything can read by the scan: from the scan itself, and from the readers' factory, which every
 * RDD made of it refers to. In tasks it is only a name for errors.
 */
public final class LakeUse implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String table;
    private final long snapshotId;

    public LakeUse(String table, long snapshotId) {
        this.table = table;
        this.snapshotId = snapshotId;
    }

    @Override
    public String toString() {
        return table + ": lake snapshot " + snapshotId;
    }
}
