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
package io.fluss.lake;

import io.fluss.table.TableInfo;

/**
 * One lake table. Thread-safe; sees new commits only through {@link #committer()} or when loaded
 * again.
 */
public interface LakeTable {
    /**
     * Makes writers in tasks.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE if the lake table does not fit the
     *     Fluss table any more
     */
    LakeWriterFactory writerFactory(TableInfo table);

    LakeCommitter committer();

    LakeMaintenance maintenance();

    /**
     * Size of a snapshot.
     *
     * @throws io.fluss.errors.FlussException with LAKE_SNAPSHOT_NOT_EXIST
     */
    SnapshotSize snapshotSize(long snapshotId);

    /** Rows, data files and bytes of a snapshot. */
    record SnapshotSize(long rows, long files, long sizeBytes) {}
}
