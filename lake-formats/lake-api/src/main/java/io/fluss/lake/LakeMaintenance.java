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

import java.util.Set;

/**
 * Removes what nobody can need any more. Called right after a commit of the same round: whatever
 * was planned before that commit is fenced from then on, so that its files can never become part of
 * the table. Thread-safe.
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
