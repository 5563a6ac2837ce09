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
package io.fluss.client.lake;

import io.fluss.table.TableBucket;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A lake snapshot that the cluster has registered.
 *
 * @param snapshotId in the lake format's own numbering
 * @param endOffsets per bucket the log offset (exclusive) up to which the snapshot holds
 *     everything; a bucket without an entry has nothing in the lake
 */
public record LakeSnapshot(long tableId, long snapshotId, Map<TableBucket, Long> endOffsets) {
    public LakeSnapshot {
        endOffsets = Map.copyOf(endOffsets);
    }

    public OptionalLong endOffset(TableBucket bucket) {
        Long o = endOffsets.get(bucket);
        return o == null ? OptionalLong.empty() : OptionalLong.of(o);
    }
}
