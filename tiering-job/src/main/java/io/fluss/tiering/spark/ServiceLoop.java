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
import io.fluss.client.lake.TieringAdmin.HeartbeatAnswer;
import io.fluss.client.lake.TieringAdmin.HeartbeatRequest;
import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.errors.ErrorCategory;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.tiering.round.Round;
import io.fluss.tiering.round.RoundOutcome;
import io.fluss.tiering.round.RowSizes;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.service.CatchUp;
import io.fluss.tiering.service.ServiceAction;
import io.fluss.tiering.service.TieringService;
import io.fluss.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the service: heartbeats, rounds on a pool of threads, the end of a run with a goal. The
 * thread of {@link #run} owns all state; round threads and {@link #stop} send it messages.
 */
public final class ServiceLoop implements ServiceAction.Cases<Void> {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceLoop.class);
    private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration ONCE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration RETRY_MAX = Duration.ofSeconds(15);
    private static final Duration STOP_WAIT = Duration.ofSeconds(20);
    private static final int MESSAGES_MAX = 10_000;

    private final SparkSession spark;
    private final Connection connection;
    private final RoundSettings roundSettings;
    private final ServiceSettings settings;
    private final Clock clock;
    private final Consumer<String> out;
    private final RoundProbe probe;
    private final LakeUpkeep upkeep;
    private final RowSizes rowSizes = new RowSizes();
    private final LakeCatalogs lakes;
    private final TieringService service;
    private final CatchUp goal = new CatchUp();
    private final RoundReport report = new RoundReport();
    private final ExecutorService rounds;
    private final BlockingQueue<Runnable> messages = new ArrayBlockingQueue<>(MESSAGES_MAX);
    private final Map<TableInWork, RoundRunner> running = new HashMap<>();
    private final Map<TableInWork, CompletableFuture<Void>> renewals = new HashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean isStopping;
    private int silences;
    private long nextHeartbeatMs;
    private long movedMs;

    /**
     * @param out receives a line per round, and the summary
     */
    public ServiceLoop(
            SparkSession spark,
            Connection connection,
            RoundSettings roundSettings,
            ServiceSettings settings,
            Clock clock,
            Consumer<String> out) {
        this(spark, connection, roundSettings, settings, clock, out, RoundProbe.NONE);
    }

    /**
     * @param probe sees the steps of all rounds
     */
    public ServiceLoop(
            SparkSession spark,
            Connection connection,
            RoundSettings roundSettings,
            ServiceSettings settings,
            Clock clock,
            Consumer<String> out,
            RoundProbe probe) {
        this.probe = probe;
        this.upkeep = new LakeUpkeep(roundSettings.upkeep(), clock, roundSettings.callTimeout());
        this.spark = spark;
        this.connection = connection;
        this.roundSettings = roundSettings;
        this.settings = settings;
        this.clock = clock;
        this.out = out;
        this.lakes = new LakeCatalogs(roundSettings.lake());
        this.service = new TieringService(settings.parallelTables(), name(spark), clock.nowMs());
        this.rounds = Executors.newFixedThreadPool(settings.parallelTables());
    }

    /**
     * Runs until stopped or, with a goal, until it is reached or can't be.
     *
     * @return why tables could not be tiered; empty for success
     */
    public Map<TablePath, FlussException> run() {
        try {
            if (settings.isOnce()) {
                findGoal();
            }
            movedMs = clock.nowMs();
            nextHeartbeatMs = movedMs;
            while (!isOver()) {
                await();
            }
            leave();
            if (settings.isOnce() && !report.isEmpty()) {
                report.summary().forEach(out);
            }
            return goal.failures();
        } finally {
            rounds.shutdown();
            lakes.close();
            ended.countDown();
        }
    }

    /**
     * Gives back the tables in work and ends {@link #run}; waits for that, but not for long. May be
     * called from any thread.
     */
    public void stop() throws InterruptedException {
        isStopping = true;
        messages.offer(() -> {});
        if (!ended.await(STOP_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("the tiering service did not stop within {}", STOP_WAIT);
        }
    }

    private static String name(SparkSession spark) {
        return spark.sparkContext().applicationId()
                + " on "
                + spark.sparkContext().getConf().get("spark.driver.host", "localhost");
    }

    private boolean isOver() {
        return isStopping || (settings.isOnce() && goal.isReached() && service.running() == 0);
    }

    private void await() {
        long waitMs = Math.max(0, nextHeartbeatMs - clock.nowMs());
        try {
            Runnable message = messages.poll(waitMs, TimeUnit.MILLISECONDS);
            if (message != null) {
                message.run();
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isStopping = true;
            return;
        }
        beat();
    }

    private void beat() {
        long now = clock.nowMs();
        act(service.wake(now));
        if (settings.isOnce()) {
            refreshGoal();
            if (goal.isReached() && service.running() == 0) {
                return;
            }
            if (service.running() == 0 && now - movedMs > settings.onceWait().toMillis()) {
                goal.giveUp(now - movedMs);
                return;
            }
        }
        List<Long> wanted = List.of();
        try {
            wanted = wanted();
        } catch (FlussException e) {
            // Tables in work are renewed all the same; no table is asked for this time.
            LOG.warn("tables cannot be listed: {}", e.getMessage());
        }
        boolean nothingWanted = wanted.isEmpty() && (settings.isOnce() || !settings.acceptsAll());
        HeartbeatRequest request = service.heartbeat(wanted, settings.isOnce(), now);
        if (nothingWanted) {
            request =
                    new HeartbeatRequest(
                            request.tiering(),
                            request.finished(),
                            request.failed(),
                            request.forceFinished(),
                            false,
                            List.of(),
                            false,
                            request.rounds());
        }
        HeartbeatAnswer answer;
        try {
            answer =
                    Calls.await(
                            connection.tieringAdmin().heartbeat(request),
                            roundSettings.callTimeout(),
                            "tiering heartbeat");
        } catch (FlussException e) {
            onSilence(e);
            return;
        }
        silences = 0;
        boolean isRegistration = !service.isRegistered();
        act(service.onAnswer(request, answer));
        answerRenewals(request);
        schedule(answer.assigned().isPresent(), isRegistration);
    }

    private void schedule(boolean wasAssigned, boolean wasRegistration) {
        long now = clock.nowMs();
        Duration wait =
                settings.isOnce()
                        ? ONCE_INTERVAL
                        : service.running() == 0
                                ? settings.pollInterval()
                                : min(HEARTBEAT_INTERVAL, settings.pollInterval());
        nextHeartbeatMs = now + wait.toMillis();
        if (wasRegistration || (wasAssigned && service.running() < settings.parallelTables())) {
            nextHeartbeatMs = now;
        }
        service.waitsUntilMs(now)
                .ifPresent(until -> nextHeartbeatMs = Math.min(nextHeartbeatMs, until));
    }

    private void onSilence(FlussException reason) {
        silences++;
        long waitMs =
                Math.min(RETRY_MAX.toMillis(), ONCE_INTERVAL.toMillis() << Math.min(silences, 5));
        LOG.warn(
                "no answer from the coordinator ({} in a row), next try in {} ms: {}",
                silences,
                waitMs,
                reason.getMessage());
        act(service.onSilence(clock.nowMs()));
        renewals.values().forEach(f -> f.completeExceptionally(reason));
        renewals.clear();
        nextHeartbeatMs = clock.nowMs() + waitMs;
    }

    private void answerRenewals(HeartbeatRequest sent) {
        renewals.entrySet()
                .removeIf(
                        e -> {
                            if (!service.holds(e.getKey())) {
                                return e.getValue()
                                        .completeExceptionally(
                                                ErrorReason.FENCED_TIERING_EPOCH.exception(
                                                        e.getKey().path()
                                                                + ": the table was given to another"
                                                                + " service"));
                            }
                            return sent.tiering().contains(e.getKey())
                                    && e.getValue().complete(null);
                        });
    }

    private void act(List<ServiceAction> actions) {
        actions.forEach(a -> a.accept(this));
    }

    @Override
    public Void start(ServiceAction.Start action) {
        TableInWork work = action.table();
        if (!settings.accepts(work.path())) {
            LOG.warn(
                    "the coordinator handed out {}, which is not wanted here; giving it back. It"
                            + " does not know the filter of this job: run without one against it",
                    work.path());
            service.decline(work, clock.nowMs());
            return done();
        }
        String roundId = UUID.randomUUID().toString();
        RoundRunner runner =
                new RoundRunner(
                        work,
                        roundId,
                        spark,
                        connection,
                        lakes,
                        roundSettings,
                        clock,
                        this::renew,
                        upkeep,
                        probe);
        running.put(work, runner);
        SplitPlanner planner =
                roundSettings.planner().withBytesPerRow(rowSizes.bytesPerRow(work.tableId()));
        Round round = new Round(work, planner, roundId.hashCode());
        long startNanos = clock.nanoTime();
        rounds.execute(
                () -> {
                    RoundOutcome outcome = outcome(runner, round);
                    double seconds = (clock.nanoTime() - startNanos) / 1e9;
                    messages.add(() -> ended(work, outcome, seconds));
                });
        return done();
    }

    /**
     * Whatever breaks a round off ends the round only, nothing is deleted: a round that did not
     * report would keep its table from all services for as long as this one lives.
     */
    private static RoundOutcome outcome(RoundRunner runner, Round round) {
        try {
            return runner.run(round);
        } catch (Exception | Error e) {
            LOG.error("round broke off", e);
            return RoundOutcome.failed(FlussException.from(e), 0);
        }
    }

    @Override
    public Void cancel(ServiceAction.Cancel action) {
        LOG.warn("{}: round cancelled: {}", action.table().path(), action.reason().getMessage());
        RoundRunner runner = running.get(action.table());
        if (runner != null) {
            runner.cancel(action.reason());
        }
        return done();
    }

    @SuppressWarnings("NullAway") // The only value of Void.
    private static Void done() {
        return null;
    }

    private CompletableFuture<Void> renew(TableInWork work) {
        CompletableFuture<Void> renewed = new CompletableFuture<>();
        messages.add(
                () -> {
                    renewals.put(work, renewed);
                    nextHeartbeatMs = clock.nowMs();
                });
        return renewed;
    }

    private void ended(TableInWork work, RoundOutcome outcome, double seconds) {
        running.remove(work);
        boolean wasHeld = service.holds(work);
        service.ended(work, outcome, (long) (seconds * 1_000), clock.nowMs());
        rowSizes.add(work.tableId(), outcome);
        out.accept(report.line(work.path(), outcome, seconds));
        if (!outcome.isFailed() && outcome.rows() > 0) {
            movedMs = clock.nowMs();
        }
        if (wasHeld) {
            outcome.failure().ifPresent(reason -> goal.failed(work.tableId(), reason));
        }
        nextHeartbeatMs = clock.nowMs();
    }

    /** Ends rounds and tells the coordinator what is not finished. */
    private void leave() {
        act(service.stop());
        HeartbeatRequest last = service.heartbeat(List.of(), false, clock.nowMs());
        if (!last.failed().isEmpty() || !last.finished().isEmpty()) {
            try {
                Calls.await(
                        connection.tieringAdmin().heartbeat(last),
                        Duration.ofSeconds(5),
                        "last tiering heartbeat");
            } catch (FlussException e) {
                LOG.warn("tables in work could not be given back: {}", e.getMessage());
            }
        }
        renewals.values()
                .forEach(
                        f ->
                                f.completeExceptionally(
                                        ErrorReason.OPERATION_NOT_ATTEMPTED.exception(
                                                "the tiering service is stopping")));
        rounds.shutdown();
        try {
            if (!rounds.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("{} rounds did not end in time", running.size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Long> wanted() {
        if (settings.isOnce()) {
            return goal.open();
        }
        if (settings.acceptsAll()) {
            return List.of();
        }
        return lakeTables().stream().map(TableInfo::tableId).toList();
    }

    private List<TableInfo> lakeTables() {
        List<TableInfo> out = new ArrayList<>();
        for (String database : call(admin().listDatabases())) {
            for (String name : tables(database)) {
                TablePath path = TablePath.of(database, name);
                if (settings.accepts(path)) {
                    lakeTable(path).ifPresent(out::add);
                }
            }
        }
        return out;
    }

    /** One table that cannot be read must not keep the others from the lake. */
    private Optional<TableInfo> lakeTable(TablePath path) {
        try {
            return tableInfo(path).filter(t -> t.options().isLakeEnabled());
        } catch (FlussException e) {
            if (e.category() == ErrorCategory.RETRIABLE) {
                throw e;
            }
            LOG.warn("{} is left out: {}", path, e.getMessage());
            if (settings.isOnce()) {
                goal.unknown(path, e);
            }
            return Optional.empty();
        }
    }

    private List<String> tables(String database) {
        try {
            return call(admin().listTables(database));
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.DATABASE_NOT_EXIST) {
                return List.of();
            }
            throw e;
        }
    }

    private Optional<TableInfo> tableInfo(TablePath path) {
        try {
            return Optional.of(call(admin().tableInfo(path)));
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.TABLE_NOT_EXIST
                    || e.reason() == ErrorReason.DATABASE_NOT_EXIST) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void findGoal() {
        List<TableInfo> tables = lakeTables();
        for (TableInfo table : tables) {
            try {
                goal.add(table.tableId(), table.path(), logEnds(table));
            } catch (FlussException e) {
                // One table without its servers must not keep the others from the lake.
                goal.unknown(table.path(), e);
                out.accept("tiering " + table.path() + ": FAILED: " + e.getMessage());
            }
        }
        refreshGoal();
        if (tables.isEmpty()) {
            out.accept(
                    "nothing to tier: no table"
                            + (settings.acceptsAll() ? "" : " of those that were named")
                            + " has table.datalake.enabled=true");
        } else if (goal.isReached() && goal.failures().isEmpty()) {
            out.accept(
                    "nothing to tier: the lake has everything of "
                            + tables.size()
                            + (tables.size() == 1 ? " table" : " tables"));
        }
    }

    private Map<TableBucket, Long> logEnds(TableInfo table) {
        if (!table.isPartitioned()) {
            return logEnds(table, OptionalLong.empty());
        }
        Map<TableBucket, Long> ends = new HashMap<>();
        for (PartitionInfo p : call(admin().listPartitions(table.path()))) {
            ends.putAll(logEnds(table, OptionalLong.of(p.partitionId())));
        }
        return ends;
    }

    private Map<TableBucket, Long> logEnds(TableInfo table, OptionalLong partitionId) {
        return call(
                admin().listOffsets(
                                table,
                                partitionId,
                                IntStream.range(0, table.bucketCount()).boxed().toList(),
                                new OffsetSpec.Latest()));
    }

    private void refreshGoal() {
        for (Map.Entry<Long, TablePath> t : goal.openPaths().entrySet()) {
            try {
                refresh(t.getKey(), t.getValue());
            } catch (FlussException e) {
                LOG.warn("{}: progress is not known: {}", t.getValue(), e.getMessage());
            }
        }
    }

    private void refresh(long tableId, TablePath path) {
        Optional<TableInfo> table = tableInfo(path);
        if (table.isEmpty()
                || table.get().tableId() != tableId
                || !table.get().options().isLakeEnabled()) {
            goal.gone(tableId);
            return;
        }
        call(admin().latestLakeSnapshot(path))
                .map(LakeSnapshot::endOffsets)
                .ifPresent(offsets -> goal.tiered(tableId, offsets));
        if (table.get().isPartitioned()) {
            goal.keepPartitions(
                    tableId,
                    call(admin().listPartitions(path)).stream()
                            .map(PartitionInfo::partitionId)
                            .collect(Collectors.toSet()));
        }
    }

    private Admin admin() {
        return connection.admin();
    }

    private <T> T call(CompletableFuture<T> answer) {
        return Calls.await(answer, roundSettings.callTimeout(), "tiering service");
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
