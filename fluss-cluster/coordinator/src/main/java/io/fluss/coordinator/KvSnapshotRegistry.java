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

import io.fluss.errors.ErrorReason;
import io.fluss.filestore.FileStore;
import io.fluss.formats.json.KvSnapshotJson;
import io.fluss.formats.remote.KvSnapshot;
import io.fluss.formats.remote.KvSnapshotDirectory;
import io.fluss.formats.remote.RemoteLogDirectory;
import io.fluss.metastore.Dropped;
import io.fluss.metastore.KvSnapshots;
import io.fluss.metastore.KvSnapshots.Entry;
import io.fluss.metastore.KvSnapshots.OfBucket;
import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which snapshots of buckets with a primary key there are: the newest ones, and those that a lease
 * holds. A leader is heard only while it is the one that was elected last. What leaders call runs
 * on the coordinator's loop, so that neither an election nor a lease comes in between. Files are
 * deleted by the leader, after what named them is gone from here.
 */
public final class KvSnapshotRegistry {
    private static final String WHAT = "a snapshot";

    private final KvSnapshots snapshots;
    private final Leases leases;
    private final FileStore files;
    private final String root;
    private final LeaderFence leaders;

    /** What holds snapshots besides their being new. */
    interface Leases {
        boolean isHeld(TableBucket bucket, long snapshotId);

        /** How many of the newest snapshots stay anyway. */
        int newestKept();
    }

    KvSnapshotRegistry(
            KvSnapshots snapshots,
            Leases leases,
            FileStore files,
            String root,
            LeaderFence leaders) {
        this.snapshots = snapshots;
        this.leases = leases;
        this.files = files;
        this.root = root;
        this.leaders = leaders;
    }

    // -------- for leaders

    /** All snapshots of a bucket, by id. */
    public List<Entry> read(TableBucket bucket, int leaderEpoch) {
        leaders.check(bucket, leaderEpoch, WHAT);
        return snapshots.read(bucket).entries();
    }

    /** An id that no snapshot of the bucket had or will have. */
    public long begin(TableBucket bucket, int leaderEpoch) {
        leaders.check(bucket, leaderEpoch, WHAT);
        OfBucket before = snapshots.read(bucket);
        snapshots.write(bucket, before, new OfBucket(before.nextId() + 1, before.entries()));
        return before.nextId();
    }

    /**
     * Makes a snapshot known whose files are complete, and forgets those that nothing holds. The
     * same once more changes nothing.
     *
     * @return all that are left, by id
     */
    public List<Entry> commit(TableBucket bucket, int leaderEpoch, Entry next) {
        leaders.check(bucket, leaderEpoch, WHAT);
        OfBucket before = snapshots.read(bucket);
        if (before.entry(next.id()).isPresent()) {
            return before.entries();
        }
        if (next.id() >= before.nextId()
                || before.latest().filter(e -> e.id() > next.id()).isPresent()) {
            throw ErrorReason.FENCED_LEADER_EPOCH.exception(
                    "bucket " + bucket + ": snapshot " + next.id() + " is not its next one");
        }
        List<Entry> all = new ArrayList<>(before.entries());
        all.add(next);
        return write(bucket, before, held(bucket, all));
    }

    /** Forgets the snapshots that nothing holds; gives those that are left, by id. */
    public List<Entry> trim(TableBucket bucket, int leaderEpoch) {
        leaders.check(bucket, leaderEpoch, WHAT);
        OfBucket before = snapshots.read(bucket);
        return write(bucket, before, held(bucket, before.entries()));
    }

    /** Forgets a snapshot that cannot be used; gives those that are left, by id. */
    public List<Entry> drop(TableBucket bucket, int leaderEpoch, long id) {
        leaders.check(bucket, leaderEpoch, WHAT);
        OfBucket before = snapshots.read(bucket);
        return write(bucket, before, before.entries().stream().filter(e -> e.id() != id).toList());
    }

    private List<Entry> write(TableBucket bucket, OfBucket before, List<Entry> after) {
        if (!after.equals(before.entries())) {
            snapshots.write(bucket, before, new OfBucket(before.nextId(), after));
        }
        return after;
    }

    private List<Entry> held(TableBucket bucket, List<Entry> byId) {
        int newest = byId.size() - leases.newestKept();
        List<Entry> out = new ArrayList<>();
        for (int i = 0; i < byId.size(); i++) {
            if (i >= newest || leases.isHeld(bucket, byId.get(i).id())) {
                out.add(byId.get(i));
            }
        }
        return out;
    }

    // -------- for clients; any thread, blocks

    /** Those of a table without partitions or of one partition that have any, by bucket. */
    public Map<Integer, OfBucket> all(long tableId, long partitionId) {
        return snapshots.all(tableId, partitionId);
    }

    public boolean exists(TableBucket bucket, long id) {
        return snapshots.read(bucket).entry(id).isPresent();
    }

    /**
     * The files of a snapshot.
     *
     * @throws io.fluss.errors.FlussException with KV_SNAPSHOT_NOT_EXIST
     */
    public KvSnapshot snapshot(TableBucket bucket, long id) {
        return snapshots
                .read(bucket)
                .entry(id)
                .flatMap(e -> files.read(e.metadataUri()))
                .map(KvSnapshotJson::read)
                .orElseThrow(
                        () ->
                                ErrorReason.KV_SNAPSHOT_NOT_EXIST.exception(
                                        "bucket "
                                                + bucket
                                                + " has no snapshot "
                                                + id
                                                + "; ask for the latest ones, and lease what"
                                                + " should stay"));
    }

    /** Deletes all files of a dropped table or partition; blocks. */
    void delete(Dropped.Group g) {
        String table = KvSnapshotDirectory.ofTable(root, g.path(), g.tableId());
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
