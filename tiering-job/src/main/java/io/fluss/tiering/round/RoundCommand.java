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
package io.fluss.tiering.round;

import io.fluss.client.lake.TieringAdmin.SnapshotCommit;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeWriter;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.List;
import java.util.Map;

/** What the caller of a {@link Round} has to do next; it answers with a {@link RoundEvent}. */
public sealed interface RoundCommand {
    <R> R accept(Cases<R> cases);

    /** Read the table and its tiering progress from cluster and lake. */
    record ReadProgress() implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.readProgress(this);
        }
    }

    /** Tell the cluster of a lake snapshot that was committed without telling it. */
    record Repair(SnapshotCommit commit) implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.repair(this);
        }
    }

    /** List what the logs of all buckets hold now. */
    record ReadRanges(TableInfo table) implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.readRanges(this);
        }
    }

    /**
     * Copy the splits into lake files.
     *
     * @param taskRecordsMax small splits may share a task up to so many records; 0: they may not
     */
    record Write(TableInfo table, List<BucketSplit> splits, long taskRecordsMax)
            implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.write(this);
        }
    }

    /** Have the coordinator write the offsets file. */
    record Prepare(TableInfo table, Map<TableBucket, Long> ends) implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.prepare(this);
        }
    }

    /** Read the id of the table and renew the claim on it, right before the commit. */
    record Renew(TableInfo table) implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.renew(this);
        }
    }

    /** Commit to the lake. */
    record CommitLake(LakeCommitter.Request request) implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.commitLake(this);
        }
    }

    /** Register the lake snapshot with the cluster. */
    record CommitCluster(SnapshotCommit commit) implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.commitCluster(this);
        }
    }

    /**
     * Tell the cluster what readers may use, of a lake that does not show commits at once.
     *
     * @param committed the newest tiering commit, which the cluster knows
     * @param tiered log end offsets with that commit
     */
    record Show(LakeCommitter.TieringCommit committed, Map<TableBucket, Long> tiered)
            implements RoundCommand {
        public Show {
            tiered = Map.copyOf(tiered);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.show(this);
        }
    }

    /** Delete files that no snapshot refers to and none will. */
    record Abort(List<LakeWriter.Result> files) implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.abort(this);
        }
    }

    /** The round is over. */
    record Done(RoundOutcome outcome) implements RoundCommand {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.done(this);
        }
    }

    /** One method per command. */
    interface Cases<R> {
        R readProgress(ReadProgress command);

        R repair(Repair command);

        R readRanges(ReadRanges command);

        R write(Write command);

        R prepare(Prepare command);

        R renew(Renew command);

        R commitLake(CommitLake command);

        R commitCluster(CommitCluster command);

        R show(Show command);

        R abort(Abort command);

        R done(Done command);
    }
}
