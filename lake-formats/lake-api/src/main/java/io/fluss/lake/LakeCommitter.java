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

    /** A snapshot with the tiering marker. */
    record TieringCommit(long snapshotId, String offsetsPath) {}
}
