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

import io.fluss.filestore.FileStore;
import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.metastore.Dropped;
import io.fluss.metastore.RemoteManifests;
import io.fluss.metastore.RemoteManifests.Entry;
import io.fluss.table.TableBucket;
import java.util.Map;
import java.util.Optional;

/**
 * Which manifest of the remote log is valid, per bucket. A leader is heard only while it is the one
 * that was elected last, and replaces only the manifest that it knows. {@link #read} and {@link
 * #commit} run on the coordinator's loop, so no election comes in between.
 */
public final class RemoteLogRegistry {
    private final RemoteManifests manifests;
    private final FileStore files;
    private final String root;
    private final LeaderFence leaders;

    RemoteLogRegistry(
            RemoteManifests manifests, FileStore files, String root, LeaderFence leaders) {
        this.manifests = manifests;
        this.files = files;
        this.root = root;
        this.leaders = leaders;
    }

    /** The valid manifest, for the leader. */
    public Optional<String> read(TableBucket bucket, int leaderEpoch) {
        leaders.check(bucket, leaderEpoch, "the remote log");
        return manifests.read(bucket).map(Entry::uri);
    }

    /**
     * Makes a manifest the valid one.
     *
     * @param previous URI of the one that is valid as far as the leader knows
     */
    public void commit(TableBucket bucket, int leaderEpoch, Optional<String> previous, Entry next) {
        leaders.check(bucket, leaderEpoch, "the remote log");
        manifests.write(bucket, previous, next);
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
