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
package io.fluss.tablet;

import io.fluss.kv.BucketRows;
import io.fluss.remote.snapshot.Rows;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * The rows of a led bucket as a snapshot needs them. Any thread.
 *
 * @param forceLog returns when everything in the log is on the disk
 */
record SnapshotRows(BucketRows rows, Runnable forceLog) implements Rows {
    @Override
    public long committedOffset() {
        return rows.committedOffset();
    }

    @Override
    public State checkpoint(Path into) {
        BucketRows.RowsAt at = rows.checkpoint(into);
        // A power cut must not take from the log what a snapshot holds.
        forceLog.run();
        return new State(
                at.endOffset(),
                rows.isCounted() ? OptionalLong.of(at.rowCount()) : OptionalLong.empty(),
                List.of());
    }
}
