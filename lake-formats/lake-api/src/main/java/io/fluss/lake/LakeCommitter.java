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

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Publishes the files of a round, fenced. Thread-safe. */
public interface LakeCommitter {
    /** Marks snapshots that a tiering service has made. */
    String COMMIT_USER = "__fluss_lake_tiering";

    /** Snapshot property with {@link #COMMIT_USER}. */
    String COMMIT_USER_PROPERTY = "commit-user";

    /** Snapshot property with the path of the offsets file. */
    String OFFSETS_PROPERTY = "fluss-offsets";

    /** The newest snapshot of any tiering service, read from the catalog now. */
    Optional<TieringCommit> latestTieringCommit();

    /**
     * One atomic commit of all results with the two markers; also made when there are no files, so
     * that offsets can advance.
     *
     * @return id of the new snapshot
     * @throws io.fluss.errors.FlussException with LAKE_COMMIT_FENCED if a tiering commit newer than
     *     the expected one exists (nothing was published); LAKE_COMMIT_UNKNOWN if the catalog did
     *     not say whether the commit took effect (delete nothing)
     */
    long commit(Request request);

    /** Whether a snapshot shows readers all rows that were committed up to it. */
    default boolean showsCommitsAtOnce() {
        return true;
    }

    /**
     * If commits are not shown at once: the newest snapshot of which is known what it shows.
     *
     * @param since the snapshot that readers use now, if they use one; answers are newer
     */
    default Optional<Shown> shown(OptionalLong since) {
        return Optional.empty();
    }

    /** Deletes the files of results that will not be committed; failures are logged. */
    void abort(List<LakeWriter.Result> results);

    /**
     * What to publish, and on which state.
     *
     * @param offsetsPath value of {@link #OFFSETS_PROPERTY}
     * @param expectedLatest snapshot id of the {@link #latestTieringCommit} that the round was
     *     planned on; empty if there was none
     * @param properties further snapshot properties
     */
    record Request(
            List<LakeWriter.Result> results,
            String offsetsPath,
            OptionalLong expectedLatest,
            Map<String, String> properties) {
        public Request {
            results = List.copyOf(results);
            properties = Map.copyOf(properties);
        }
    }

    /**
     * A snapshot that shows less than was committed up to it. Of buckets that are neither in {@code
     * shownBy} nor in {@code asBefore} it shows nothing.
     *
     * @param tieredBy the newest tiering commit up to it
     * @param shownBy the tiering commit up to whose offsets the rows of a bucket are shown
     * @param asBefore buckets that show what the snapshot showed that readers use now
     */
    record Shown(
            long snapshotId,
            long tieredBy,
            Map<ShownBucket, Long> shownBy,
            Set<ShownBucket> asBefore) {
        public Shown {
            shownBy = Map.copyOf(shownBy);
            asBefore = Set.copyOf(asBefore);
        }
    }

    /**
     * A bucket of a lake table.
     *
     * @param partitionName values joined with {@code $}; empty if the table is not partitioned
     */
    record ShownBucket(String partitionName, int bucket) {}

    /** A snapshot with the tiering marker. */
    record TieringCommit(long snapshotId, String offsetsPath) {}
}
