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
package io.fluss.lake.paimon;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeMaintenance;
import io.fluss.table.TablePath;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.paimon.Snapshot;
import org.apache.paimon.operation.LocalOrphanFilesClean;
import org.apache.paimon.options.ExpireConfig;
import org.apache.paimon.table.ExpireSnapshotsImpl;
import org.apache.paimon.table.FileStoreTable;

/** Expiry and orphans by Paimon's own means; what may go is decided here. */
final class PaimonMaintenance implements LakeMaintenance {
    /** Snapshots of one call; the next round takes the rest. */
    private static final int EXPIRED_MAX = 1000;

    private final PaimonLakeCatalog catalog;
    private final TablePath path;
    private final String tableUuid;

    PaimonMaintenance(PaimonLakeCatalog catalog, TablePath path, String tableUuid) {
        this.catalog = catalog;
        this.path = path;
        this.tableUuid = tableUuid;
    }

    /** Paimon expires from the oldest on, so the first that must stay ends it. */
    @Override
    public int expireSnapshots(Expiry expiry) {
        FileStoreTable table = load();
        // Commits of rounds do not do it. What a reader that died has held goes with its time.
        table.store().newTagAutoManager(table).getTagTimeExpire().expire();
        List<Snapshot> all;
        try {
            all = table.snapshotManager().safelyGetAllSnapshots();
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(path + ": listing snapshots: " + e.getMessage(), e);
        }
        all = all.stream().sorted(java.util.Comparator.comparingLong(Snapshot::id)).toList();
        Set<Long> missing = new HashSet<>(expiry.keep());
        all.forEach(s -> missing.remove(s.id()));
        if (all.isEmpty() || !missing.isEmpty()) {
            return 0;
        }
        OptionalLong consumed = table.consumerManager().minNextSnapshot();
        int count = 0;
        int max = Math.min(EXPIRED_MAX, all.size() - expiry.retainLast());
        while (count < max
                && !expiry.keep().contains(all.get(count).id())
                && (consumed.isEmpty() || all.get(count).id() < consumed.getAsLong())
                && isReplacedBefore(all, count, expiry.replacedBeforeMs())) {
            count++;
        }
        if (count == 0) {
            return 0;
        }
        long first = all.get(0).id();
        return ((ExpireSnapshotsImpl)
                        table.newExpireSnapshots().config(ExpireConfig.builder().build()))
                .expireUntil(first, all.get(count - 1).id() + 1);
    }

    /** When a reader could get the snapshot from the cluster for the last time. */
    private static boolean isReplacedBefore(List<Snapshot> all, int at, long beforeMs) {
        for (Snapshot s : all.subList(at + 1, all.size())) {
            if (LakeCommitter.COMMIT_USER.equals(s.commitUser())) {
                return s.timeMillis() < beforeMs;
            }
        }
        return false;
    }

    @Override
    public int removeOrphans(long committedSnapshotId, long olderThanMs) {
        FileStoreTable table = load();
        if (!table.snapshotManager().snapshotExists(committedSnapshotId)) {
            return 0;
        }
        long before = Math.min(olderThanMs, table.snapshot(committedSnapshotId).timeMillis());
        try {
            return Math.toIntExact(
                    new LocalOrphanFilesClean(table, before).clean().getDeletedFileCount());
        } catch (IOException | ExecutionException e) {
            throw ErrorReason.STORAGE.exception(
                    path + ": removing orphan files: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.STORAGE.exception(path + ": removing orphan files was stopped", e);
        }
    }

    private FileStoreTable load() {
        FileStoreTable now = catalog.load(path);
        if (!tableUuid.equals(now.uuid())) {
            throw ErrorReason.LAKE_COMMIT_FENCED.exception(
                    "Paimon table " + path + " was dropped and created again");
        }
        return now;
    }
}
