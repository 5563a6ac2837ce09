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
package io.fluss.remote.snapshot;

import io.fluss.filestore.FileStore;
import io.fluss.formats.remote.KvSnapshotDirectory;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * What the snapshots of all buckets of one server share. Thread-safe.
 *
 * @param root the remote data directory, without a slash at the end
 * @param executor runs what blocks; bounded
 */
public record Snapshots(
        SnapshotSettings settings,
        String root,
        FileStore files,
        SnapshotRegistry registry,
        Executor executor) {

    /** The snapshots of a bucket for one term of its leader; nothing is read yet. */
    public BucketSnapshots open(
            TablePath table, Optional<String> partitionName, TableBucket bucket, int leaderEpoch) {
        return new BucketSnapshots(
                new BucketSnapshots.Place(
                        table
                                + partitionName.map(p -> " partition " + p).orElse("")
                                + " bucket "
                                + bucket.bucket(),
                        KvSnapshotDirectory.of(root, table, partitionName, bucket),
                        bucket,
                        leaderEpoch),
                settings.newestKept(),
                files,
                registry,
                UUID::randomUUID);
    }
}
