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
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Keeps a lake table small: rewrites small files and files with many deleted rows into larger ones,
 * and removes what nobody can need any more. Removal is called right after a commit of the same
 * round: whatever was planned before that commit is fenced from then on, so that its files can
 * never become part of the table. Thread-safe.
 */
public interface LakeMaintenance {
    /**
     * Expires snapshots with the files that only they hold. A snapshot goes only if a newer tiering
     * commit replaced it before {@code replacedBeforeMs}; what tags and branches hold stays, and so
     * does everything at or behind the newest of the kept ones.
     *
     * @return number of snapshots
     */
    int expireSnapshots(Expiry expiry);

    /**
     * Deletes data files of tiering rounds that no snapshot refers to.
     *
     * @param committedSnapshotId the commit of the round that this call belongs to; files written
     *     after it stay
     * @param olderThanMs files written after this time stay, too
     * @return number of files
     */
    int removeOrphans(long committedSnapshotId, long olderThanMs);

    /**
     * What compaction would rewrite now; empty if nothing is worth it, or if the format does it in
     * its own writers.
     */
    default List<Rewrite> planCompaction(Compaction compaction) {
        return List.of();
    }

    /**
     * Puts rewritten files in the place of the old ones, rows unchanged, unless a tiering service
     * has committed since the plan or others have changed the old files; then the new ones are
     * deleted. Offsets do not move, so the cluster need not hear of the snapshot: readers get it
     * with the next round.
     *
     * @return the new snapshot, if there is one
     * @throws io.fluss.errors.FlussException with LAKE_COMMIT_UNKNOWN if the catalog did not say
     *     whether the commit took effect; nothing is deleted
     */
    default OptionalLong commitCompaction(List<LakeWriter.Result> rewritten) {
        return OptionalLong.empty();
    }

    /** Deletes the files of rewrites that will not be committed; failures are logged. */
    default void abortCompaction(List<LakeWriter.Result> rewritten) {}

    /** Plans, rewrites and commits on this thread. */
    default OptionalLong compact(Compaction compaction, String runId) {
        List<LakeWriter.Result> rewritten = new ArrayList<>();
        boolean isWhole = false;
        try {
            for (Rewrite rewrite : planCompaction(compaction)) {
                rewritten.add(rewrite.run(runId, rewritten.size(), 0));
            }
            isWhole = true;
        } finally {
            if (!isWhole) {
                abortCompaction(rewritten);
            }
        }
        return rewritten.isEmpty() ? OptionalLong.empty() : commitCompaction(rewritten);
    }

    /** Files that become others; runs in a task, to which it travels by Java serialization. */
    interface Rewrite extends Serializable {
        /** Bytes to be read. */
        long sizeBytes();

        /**
         * Writes the new files; if it fails, nothing of them stays.
         *
         * @param runId a UUID, unique for the compaction
         * @param taskId unique in the compaction
         * @param attemptId unique among all attempts of its tasks
         */
        LakeWriter.Result run(String runId, int taskId, long attemptId);
    }

    /**
     * What to compact.
     *
     * @param table the Fluss table
     * @param filesMin so many small files of a bucket make a rewrite worth it, at least 2
     * @param deletedFraction a file of which more is deleted is rewritten, above 0
     * @param bytesMax roughly so much is read in one compaction; the next one goes on
     */
    record Compaction(TableInfo table, int filesMin, double deletedFraction, long bytesMax) {
        public Compaction {
            if (filesMin < 2 || deletedFraction <= 0 || bytesMax <= 0) {
                throw new IllegalArgumentException(
                        "files at least "
                                + filesMin
                                + ", deleted "
                                + deletedFraction
                                + ", bytes "
                                + bytesMax
                                + ": use 2 or more, above 0, above 0");
            }
        }
    }

    /**
     * What to expire.
     *
     * @param keep ids of snapshots that the cluster refers to, at least one; if one of them is not
     *     in the table's history, nothing is expired
     * @param replacedBeforeMs readers may use a snapshot for some time after it was replaced
     * @param retainLast so many of the newest snapshots stay, at least 1
     */
    record Expiry(Set<Long> keep, long replacedBeforeMs, int retainLast) {
        public Expiry {
            keep = Set.copyOf(keep);
            if (keep.isEmpty() || retainLast < 1) {
                throw new IllegalArgumentException(
                        "keep "
                                + keep
                                + ", retain "
                                + retainLast
                                + ": at least one snapshot stays");
            }
        }
    }
}
