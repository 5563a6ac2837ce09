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
package io.fluss.lake.iceberg;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeCommitter.TieringCommit;
import io.fluss.table.TablePath;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.jspecify.annotations.Nullable;

/**
 * Lets a commit pass only if the newest tiering commit among the ancestors is the expected one.
 * Used by the one thread that commits.
 */
final class TieringFence implements SnapshotAncestryValidator {
    private final TablePath path;
    private final OptionalLong expected;
    private @Nullable FlussException refusal;

    TieringFence(TablePath path, OptionalLong expected) {
        this.path = path;
        this.expected = expected;
    }

    /** The newest snapshot with both markers; ancestors come newest first. */
    static Optional<TieringCommit> latest(Iterable<Snapshot> ancestors) {
        for (Snapshot s : ancestors) {
            Map<String, String> summary = s.summary();
            if (summary == null
                    || !LakeCommitter.COMMIT_USER.equals(
                            summary.get(LakeCommitter.COMMIT_USER_PROPERTY))) {
                continue;
            }
            String offsets = summary.get(LakeCommitter.OFFSETS_PROPERTY);
            if (offsets != null) {
                return Optional.of(new TieringCommit(s.snapshotId(), offsets));
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean validate(Iterable<Snapshot> ancestors) {
        Optional<TieringCommit> latest = latest(ancestors);
        boolean isExpected =
                latest.isPresent()
                        ? expected.isPresent() && latest.get().snapshotId() == expected.getAsLong()
                        : expected.isEmpty();
        refusal = isExpected ? null : refuse(latest, ancestors);
        return isExpected;
    }

    @Override
    public String errorMessage() {
        return refusal().map(FlussException::getMessage).orElse("");
    }

    Optional<FlussException> refusal() {
        return Optional.ofNullable(refusal);
    }

    private FlussException refuse(Optional<TieringCommit> latest, Iterable<Snapshot> ancestors) {
        if (expected.isPresent() && !contains(ancestors, expected.getAsLong())) {
            return ErrorReason.LAKE_SNAPSHOT_NOT_EXIST.exception(
                    "Iceberg table "
                            + path
                            + " has lost snapshot "
                            + expected.getAsLong()
                            + " on which the round was planned; was it rolled back or expired?");
        }
        return ErrorReason.LAKE_COMMIT_FENCED.exception(
                "Iceberg table "
                        + path
                        + " has a newer tiering commit: snapshot "
                        + latest.map(TieringCommit::snapshotId).orElseThrow()
                        + ", expected "
                        + (expected.isPresent() ? "snapshot " + expected.getAsLong() : "none"));
    }

    private static boolean contains(Iterable<Snapshot> ancestors, long id) {
        for (Snapshot s : ancestors) {
            if (s.snapshotId() == id) {
                return true;
            }
        }
        return false;
    }
}
