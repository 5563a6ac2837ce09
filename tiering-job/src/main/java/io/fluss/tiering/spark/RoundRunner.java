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
package io.fluss.tiering.spark;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.errors.FlussException;
import io.fluss.lake.LakeTable;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.tiering.round.BucketRange;
import io.fluss.tiering.round.BucketSplit;
import io.fluss.tiering.round.Progress;
import io.fluss.tiering.round.Round;
import io.fluss.tiering.round.RoundCommand;
import io.fluss.tiering.round.RoundEvent;
import io.fluss.tiering.round.RoundOutcome;
import io.fluss.tiering.round.SplitResult;
import io.fluss.tiering.round.SplitTasks;
import io.fluss.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the commands of one {@link Round}. {@link #run} is called once, on a thread of the round
 * pool; {@link #cancel} may be called from any thread, at any time.
 */
final class RoundRunner implements RoundCommand.Cases<RoundEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(RoundRunner.class);

    private final TableInWork work;
    private final String roundId;
    private final SparkSession spark;
    private final Connection connection;
    private final LakeCatalogs lakes;
    private final RoundSettings settings;
    private final Clock clock;
    private final Function<TableInWork, CompletableFuture<Void>> renewal;
    private final LakeUpkeep upkeep;
    private final RoundProbe probe;
    private final AtomicReference<@Nullable FlussException> cancelled = new AtomicReference<>();
    private Optional<LakeTable> lake = Optional.empty();
    private Optional<TableInfo> written = Optional.empty();

    /**
     * @param renewal sends a heartbeat now; fails if the claim on the table does not hold
     */
    RoundRunner(
            TableInWork work,
            String roundId,
            SparkSession spark,
            Connection connection,
            LakeCatalogs lakes,
            RoundSettings settings,
            Clock clock,
            Function<TableInWork, CompletableFuture<Void>> renewal,
            LakeUpkeep upkeep,
            RoundProbe probe) {
        this.work = work;
        this.roundId = roundId;
        this.spark = spark;
        this.connection = connection;
        this.lakes = lakes;
        this.settings = settings;
        this.clock = clock;
        this.renewal = renewal;
        this.upkeep = upkeep;
        this.probe = probe;
    }

    RoundOutcome run(Round round) {
        RoundCommand command = round.start();
        while (!(command instanceof RoundCommand.Done)) {
            command = round.on(execute(command));
        }
        return ((RoundCommand.Done) command).outcome();
    }

    /** Stops the Spark job of the round; no commit is begun after this. */
    void cancel(FlussException reason) {
        cancelled.compareAndSet(null, reason);
        spark.sparkContext().cancelJobGroupAndFutureJobs(roundId);
    }

    private Optional<FlussException> cancelReason() {
        return Optional.ofNullable(cancelled.get());
    }

    private RoundEvent execute(RoundCommand command) {
        Optional<FlussException> reason = cancelReason();
        // Files of a cancelled round are deleted all the same.
        if (reason.isPresent() && !(command instanceof RoundCommand.Abort)) {
            return new RoundEvent.Failed(reason.get());
        }
        LOG.debug("{} round {}: {}", work.path(), roundId, command);
        try {
            probe.before(command);
            RoundEvent event = command.accept(this);
            if (!(event instanceof RoundEvent.Failed)) {
                probe.after(command);
            }
            return event;
        } catch (Exception e) {
            LOG.debug("{} round {}: {} failed", work.path(), roundId, command, e);
            // Its own reason even if cancelled: a lake commit may have an unknown outcome, and the
            // reason decides whether files are deleted.
            return new RoundEvent.Failed(FlussException.from(e));
        }
    }

    @Override
    public RoundEvent readProgress(RoundCommand.ReadProgress command) {
        TableInfo table = call(admin().tableInfo(work.path()));
        Optional<LakeSnapshot> registered = call(admin().latestLakeSnapshot(work.path()));
        LakeTable lakeTable = lakes.table(table);
        lake = Optional.of(lakeTable);
        return new RoundEvent.ProgressRead(
                new Progress(
                        table,
                        registered,
                        lakeTable.committer().latestTieringCommit(),
                        lakeTable.committer().showsCommitsAtOnce()));
    }

    @Override
    public RoundEvent repair(RoundCommand.Repair command) {
        LOG.warn(
                "{}: lake snapshot {} was committed but not registered; registering it",
                work.path(),
                command.commit().snapshotId());
        call(connection.tieringAdmin().commitSnapshot(command.commit()));
        return new RoundEvent.Succeeded();
    }

    @Override
    public RoundEvent readRanges(RoundCommand.ReadRanges command) {
        List<BucketRange> ranges = ranges(command.table());
        return new RoundEvent.RangesRead(ranges, call(admin().tableInfo(work.path())).schemaId());
    }

    private List<BucketRange> ranges(TableInfo table) {
        if (!table.isPartitioned()) {
            return ranges(table, OptionalLong.empty(), "");
        }
        List<BucketRange> out = new ArrayList<>();
        for (PartitionInfo p : call(admin().listPartitions(table.path()))) {
            out.addAll(ranges(table, OptionalLong.of(p.partitionId()), p.name()));
        }
        return out;
    }

    private List<BucketRange> ranges(
            TableInfo table, OptionalLong partitionId, String partitionName) {
        List<Integer> buckets = IntStream.range(0, table.bucketCount()).boxed().toList();
        // Ends first: what retention deletes in between must show as a gap, not hide one.
        Map<TableBucket, Long> ends =
                call(admin().listOffsets(table, partitionId, buckets, new OffsetSpec.Latest()));
        Map<TableBucket, Long> starts =
                call(admin().listOffsets(table, partitionId, buckets, new OffsetSpec.Earliest()));
        List<BucketRange> out = new ArrayList<>(buckets.size());
        for (int b : buckets) {
            TableBucket bucket = TableBucket.of(table.tableId(), partitionId, b);
            out.add(
                    new BucketRange(
                            bucket,
                            partitionName,
                            starts.getOrDefault(bucket, 0L),
                            ends.getOrDefault(bucket, 0L)));
        }
        return out;
    }

    @Override
    public RoundEvent write(RoundCommand.Write command) {
        written = Optional.of(command.table());
        long limitMs =
                settings.durationMax()
                        .orElseGet(
                                () ->
                                        max(
                                                command.table().options().lakeFreshness(),
                                                RoundSettings.DURATION_MIN))
                        .toMillis();
        SplitWrite write =
                new SplitWrite(
                        settings.client(),
                        command.table(),
                        lake().writerFactory(command.table()),
                        roundId,
                        clock.nowMs() + limitMs,
                        command.taskRecordsMax());
        List<SplitResult> done = Collections.synchronizedList(new ArrayList<>());
        try {
            List<List<BucketSplit>> tasks =
                    SplitTasks.of(
                            command.splits(),
                            command.taskRecordsMax(),
                            spark.sparkContext().defaultParallelism());
            WriteJob.run(spark, roundId, work, tasks, write, done);
        } catch (Exception e) {
            // Spark throws its checked SparkException undeclared, so RuntimeException is not
            // enough.
            LOG.debug("{} round {}: write failed", work.path(), roundId, e);
            return new RoundEvent.Failed(
                    cancelReason().orElseGet(() -> WriteJob.reason(work, e)), done);
        }
        return new RoundEvent.Written(List.copyOf(done));
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    @Override
    public RoundEvent prepare(RoundCommand.Prepare command) {
        return new RoundEvent.Prepared(
                call(
                        connection
                                .tieringAdmin()
                                .prepareSnapshot(work.tableId(), work.path(), command.ends())));
    }

    @Override
    public RoundEvent renew(RoundCommand.Renew command) {
        long idNow = call(admin().tableInfo(work.path())).tableId();
        call(renewal.apply(work));
        return new RoundEvent.Renewed(idNow);
    }

    @Override
    public RoundEvent commitLake(RoundCommand.CommitLake command) {
        return new RoundEvent.LakeCommitted(lake().committer().commit(command.request()));
    }

    @Override
    public RoundEvent commitCluster(RoundCommand.CommitCluster command) {
        call(connection.tieringAdmin().commitSnapshot(command.commit()));
        if (lake().committer().showsCommitsAtOnce()) {
            keepUp(command.commit().snapshotId());
        }
        return new RoundEvent.Succeeded();
    }

    @Override
    public RoundEvent show(RoundCommand.Show command) {
        ShownSnapshots shown =
                new ShownSnapshots(
                        connection,
                        work,
                        new ShownSnapshots.Caller() {
                            @Override
                            public <T> T call(CompletableFuture<T> answer) {
                                return RoundRunner.this.call(answer);
                            }
                        });
        try {
            shown.register(lake().committer(), command);
        } catch (RuntimeException e) {
            // The commit stands whatever comes of this, and the next round looks again.
            LOG.warn("{}: what readers may use stays as it is", work.path(), e);
        }
        // Not before: expiry keeps what the cluster knows.
        keepUp(command.committed().snapshotId());
        return new RoundEvent.Succeeded();
    }

    private void keepUp(long committedId) {
        written.ifPresent(
                table ->
                        upkeep.afterCommit(
                                table,
                                lake().maintenance(),
                                admin(),
                                committedId,
                                new CompactJob(spark, roundId, work)));
    }

    @Override
    public RoundEvent abort(RoundCommand.Abort command) {
        lake().committer().abort(command.files());
        return new RoundEvent.Succeeded();
    }

    @Override
    public RoundEvent done(RoundCommand.Done command) {
        throw new IllegalStateException(work.path() + ": a finished round has no next step");
    }

    private Admin admin() {
        return connection.admin();
    }

    private LakeTable lake() {
        return lake.orElseThrow(
                () -> new IllegalStateException(work.path() + ": lake table was not loaded"));
    }

    private <T> T call(CompletableFuture<T> answer) {
        return Calls.await(answer, settings.callTimeout(), work.path().toString());
    }
}
