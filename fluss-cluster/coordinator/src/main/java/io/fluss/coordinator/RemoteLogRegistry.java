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
package io.fluss.coordinator;

import io.fluss.coordinator.image.Bucket;
import io.fluss.coordinator.image.ClusterImage;
import io.fluss.errors.ErrorReason;
import io.fluss.filestore.FileStore;
import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.metastore.Dropped;
import io.fluss.metastore.RemoteManifests;
import io.fluss.metastore.RemoteManifests.Entry;
import io.fluss.table.TableBucket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which manifest of the remote log is valid, per bucket. A leader is heard only while it is the one
 * that was elected last, and replaces only the manifest that it knows. {@link #read} and {@link
 * #commit} run on the coordinator's loop, so no election comes in between.
 */
public final class RemoteLogRegistry {
    private final RemoteManifests manifests;
    private final FileStore files;
    private final String root;
    private final Supplier<ClusterImage> image;

    RemoteLogRegistry(
            RemoteManifests manifests, FileStore files, String root, Supplier<ClusterImage> image) {
        this.manifests = manifests;
        this.files = files;
        this.root = root;
        this.image = image;
    }

    /** The valid manifest, for the leader. */
    public Optional<String> read(TableBucket bucket, int leaderEpoch) {
        checkLeader(bucket, leaderEpoch);
        return manifests.read(bucket).map(Entry::uri);
    }

    /**
     * Makes a manifest the valid one.
     *
     * @param previous URI of the one that is valid as far as the leader knows
     */
    public void commit(TableBucket bucket, int leaderEpoch, Optional<String> previous, Entry next) {
        checkLeader(bucket, leaderEpoch);
        manifests.write(bucket, previous, next);
    }

    private void checkLeader(TableBucket b, int leaderEpoch) {
        List<Bucket> buckets =
                image.get()
                        .table(b.tableId())
                        .map(t -> t.buckets().getOrDefault(b.partitionId(), List.of()))
                        .orElse(List.of());
        int current =
                buckets.stream()
                        .filter(known -> known.state().bucket() == b.bucket())
                        .mapToInt(known -> known.state().leaderEpoch())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        ErrorReason.UNKNOWN_TABLE_OR_BUCKET.exception(
                                                "bucket " + b + " does not exist"));
        if (leaderEpoch != current) {
            throw ErrorReason.FENCED_LEADER_EPOCH.exception(
                    "bucket "
                            + b
                            + ": leader epoch is "
                            + current
                            + ", the remote log is kept by a leader of epoch "
                            + leaderEpoch);
        }
    }

    /** Valid manifests by bucket; for any thread, blocks. */
    public Map<Integer, Entry> all(long tableId, long partitionId) {
        return manifests.all(tableId, partitionId);
    }

    /** Deletes all files of a dropped table or partition; blocks. */
    void delete(Dropped.Group g) {
        String table = RemoteLogDirectory.ofTable(root, g.path(), g.tableId());
        if (g.isWholeTable()) {
            files.delete(table);
            return;
        }
        String suffix = RemoteLogDirectory.partitionSuffix(g.partitionId());
        files.listDirectories(table).stream()
                .filter(d -> d.endsWith(suffix))
                .forEach(files::delete);
    }
}
