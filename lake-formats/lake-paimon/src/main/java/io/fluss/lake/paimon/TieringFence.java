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
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeCommitter.TieringCommit;
import io.fluss.table.TablePath;
import java.io.FileNotFoundException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.paimon.Snapshot;
import org.apache.paimon.catalog.SnapshotCommit;
import org.apache.paimon.partition.PartitionStatistics;
import org.apache.paimon.utils.SnapshotManager;
import org.jspecify.annotations.Nullable;

/**
 * Lets a commit pass only if the newest tiering commit below it is the expected one, or one of its
 * own. Paimon publishes snapshot n by creating it where none was, so what this sees below n when it
 * is asked cannot change any more. Used by the one thread that commits.
 */
@SuppressWarnings("try")
final class TieringFence implements SnapshotCommit {
    /** Snapshot property that tells our commit from others when its outcome is unclear. */
    static final String COMMIT_ID_PROPERTY = "fluss-commit-id";

    private final TablePath path;
    private final OptionalLong expected;
    private final String commitId;
    private final SnapshotManager snapshots;
    private final SnapshotCommit publisher;
    private Outcome outcome = Outcome.NOT_ASKED;
    private @Nullable FlussException refusal;

    /** What came of the publishing. */
    enum Outcome {
        NOT_ASKED,
        REFUSED,
        /** Somebody else has made a snapshot of that number. */
        OUTRUN,
        UNKNOWN,
        PUBLISHED
    }

    TieringFence(
            TablePath path,
            OptionalLong expected,
            String commitId,
            SnapshotManager snapshots,
            SnapshotCommit publisher) {
        this.path = path;
        this.expected = expected;
        this.commitId = commitId;
        this.snapshots = snapshots;
        this.publisher = publisher;
    }

    /** The newest snapshot of a tiering service up to an id, that one included. */
    static Optional<Snapshot> latest(SnapshotManager snapshots, long upTo) {
        return newest(
                snapshots,
                upTo,
                s ->
                        LakeCommitter.COMMIT_USER.equals(s.commitUser())
                                && property(s, LakeCommitter.OFFSETS_PROPERTY).isPresent());
    }

    /** The newest snapshot of a commit. */
    static Optional<Snapshot> committed(SnapshotManager snapshots, long upTo, String commitId) {
        return newest(
                snapshots,
                upTo,
                s -> property(s, COMMIT_ID_PROPERTY).filter(commitId::equals).isPresent());
    }

    private static Optional<Snapshot> newest(
            SnapshotManager snapshots, long upTo, Predicate<Snapshot> wanted) {
        for (long id = upTo; id >= Snapshot.FIRST_SNAPSHOT_ID; id--) {
            Snapshot s;
            try {
                s = snapshots.tryGetSnapshot(id);
            } catch (FileNotFoundException e) {
                // Expired, and all older ones with it.
                return Optional.empty();
            }
            if (wanted.test(s)) {
                return Optional.of(s);
            }
        }
        return Optional.empty();
    }

    static TieringCommit described(Snapshot s) {
        return new TieringCommit(s.id(), property(s, LakeCommitter.OFFSETS_PROPERTY).orElseThrow());
    }

    static Optional<String> property(Snapshot s, String key) {
        Map<String, String> properties = s.properties();
        return properties == null ? Optional.empty() : Optional.ofNullable(properties.get(key));
    }

    /**
     * @throws FlussException with LAKE_COMMIT_FENCED or LAKE_SNAPSHOT_NOT_EXIST if a commit of that
     *     id may not be made
     */
    void check(long nextId) {
        Optional<Snapshot> latest = latest(snapshots, nextId - 1);
        if (latest.isPresent() && isOurs(latest.get())) {
            return;
        }
        boolean isExpected =
                latest.isPresent()
                        ? expected.isPresent() && latest.get().id() == expected.getAsLong()
                        : expected.isEmpty();
        if (!isExpected) {
            throw refuse(latest);
        }
    }

    @Override
    public boolean commit(Snapshot snapshot, String branch, List<PartitionStatistics> statistics)
            throws Exception {
        try {
            check(snapshot.id());
        } catch (FlussException e) {
            outcome = Outcome.REFUSED;
            refusal = e;
            throw e;
        }
        outcome = Outcome.UNKNOWN;
        boolean isPublished = publisher.commit(snapshot, branch, statistics);
        outcome = isPublished ? Outcome.PUBLISHED : Outcome.OUTRUN;
        return isPublished;
    }

    Outcome outcome() {
        return outcome;
    }

    Optional<FlussException> refusal() {
        return Optional.ofNullable(refusal);
    }

    private boolean isOurs(Snapshot s) {
        return property(s, COMMIT_ID_PROPERTY).filter(commitId::equals).isPresent();
    }

    private FlussException refuse(Optional<Snapshot> latest) {
        if (expected.isPresent() && !exists(expected.getAsLong())) {
            return ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                    "Paimon table "
                            + path
                            + " has lost snapshot "
                            + expected.getAsLong()
                            + " on which the round was planned; was it rolled back or expired?");
        }
        return ErrorReason.LAKE_COMMIT_FENCED.exception(
                "Paimon table "
                        + path
                        + " has a newer tiering commit: "
                        + latest.map(s -> "snapshot " + s.id()).orElse("none")
                        + ", expected "
                        + (expected.isPresent() ? "snapshot " + expected.getAsLong() : "none"));
    }

    private boolean exists(long id) {
        try {
            return snapshots.tryGetSnapshot(id) != null;
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    @Override
    public void close() throws Exception {
        publisher.close();
    }
}
