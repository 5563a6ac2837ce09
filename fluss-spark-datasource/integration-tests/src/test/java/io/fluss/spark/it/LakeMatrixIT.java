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
package io.fluss.spark.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Connection;
import io.fluss.errors.FlussException;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.table.TablePath;
import io.fluss.tiering.spark.ServiceLoop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tables of every kind with a lake, read in every way while rows are inserted, updated and deleted,
 * tiered as often as it goes, compacted, their snapshots expired, and tiering job and cluster are
 * restarted. Each answer is compared with what the writers know: a union read shows each row in a
 * state that it had between the last change acknowledged before the read and the last one sent by
 * its end; the lake alone, as engines without our code and Spark read it, holds what the log says
 * below the offsets of its snapshot; a stream that was stopped and started brings all changes once.
 *
 * <p>System property {@code fluss.it.matrix.reads} sets how many union reads there are of each
 * table, for a long run; {@code fluss.it.matrix.lakes} takes only some lakes, separated by commas,
 * and {@code fluss.it.matrix.tables} only tables whose name matches.
 */
class LakeMatrixIT {
    private static final int READS = Integer.getInteger("fluss.it.matrix.reads", 4);
    private static final int READS_MAX = 20 * READS;
    private static final int SNAPSHOTS_MIN = 3;
    private static final int LONG_RUN = 100;
    private static final String TABLES = System.getProperty("fluss.it.matrix.tables", ".*");
    private static final int READERS = 3;
    private static final int TIERED_AT_A_TIME = 3;
    private static final int LAKE_READ_EVERY = Math.max(3, READS / 20);
    private static final int COMPACTION_EVERY = Math.max(3, READS / 20);
    private static final int STREAM_EVERY = Math.max(3, READS / 5);
    private static final int JOB_RESTART_EVERY = Math.max(5, READS / 8);
    private static final int CLUSTER_RESTART_EVERY = Math.max(3, READS / 3);

    /** The window is longer than any read of the test. */
    private static final Map<String, String> UPKEEP =
            Map.of(
                    "lake.tiering.compaction.all",
                    "true",
                    "lake.tiering.compaction.files-min",
                    "3",
                    "lake.tiering.auto-expire-snapshot",
                    "true",
                    "lake.tiering.expire.reader-window",
                    READS >= LONG_RUN ? "60 s" : "20 s");

    @TempDir static Path shared;
    private static final List<String> FIGURES = new ArrayList<>();
    private static Optional<LakeProgram> program = Optional.empty();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ExecutorService readers = Executors.newFixedThreadPool(READERS);
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private volatile boolean isDisturbed;

    @BeforeAll
    static void startForeignReaders() throws Exception {
        Optional<String> python = ForeignReaders.python();
        if (python.isPresent()) {
            program = Optional.of(LakeProgram.start(shared, python.get()));
        }
    }

    @AfterAll
    static void report() throws Exception {
        program.ifPresent(LakeProgram::close);
        List<String> lines = new ArrayList<>(List.of(CellRun.heading()));
        lines.addAll(FIGURES);
        lines.forEach(System.out::println);
        Files.write(
                Path.of(System.getProperty("fluss.it.python.directory"))
                        .resolveSibling("lake-matrix.md"),
                lines);
    }

    static Stream<LakeCell.Lake> lakes() {
        String wanted = System.getProperty("fluss.it.matrix.lakes", "");
        return wanted.isEmpty()
                ? Stream.of(LakeCell.Lake.values())
                : Arrays.stream(wanted.split(",")).map(LakeCell.Lake::valueOf);
    }

    @ParameterizedTest
    @MethodSource("lakes")
    void everyReaderAgreesWithTheWriters(LakeCell.Lake lake, @TempDir Path dir) throws Exception {
        Map<String, String> settings = lake.cluster(CellRun.warehouse(dir));
        try (SparkOnFluss fluss = SparkOnFluss.start(dir.resolve("cluster"), settings);
                Connection connection =
                        Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()))) {
            fluss.sql("CREATE NAMESPACE fluss." + LakeCell.DATABASE);
            List<CellRun> runs = new ArrayList<>();
            try {
                for (LakeCell cell : LakeCell.of(lake)) {
                    if (cell.path().table().matches(TABLES)) {
                        runs.add(new CellRun(cell, fluss, connection, dir, threads));
                    }
                }
                run(fluss, connection, runs);
            } finally {
                runs.forEach(r -> FIGURES.add(r.figures()));
                threads.shutdownNow();
                readers.shutdownNow();
                runs.forEach(CellRun::close);
            }
        }
        assertThat(TaskMemory.allocatedBytes()).as("memory of ended reads").isZero();
    }

    private void run(SparkOnFluss fluss, Connection connection, List<CellRun> runs)
            throws Exception {
        Job job = new Job(fluss, connection);
        try {
            for (int i = 1; i <= READS || (i <= READS_MAX && !haveSeenEnough(runs)); i++) {
                each(runs, CellRun::readBoth);
                if (i % LAKE_READ_EVERY == 0) {
                    each(runs, r -> r.readLake(program));
                }
                if (i % COMPACTION_EVERY == 0) {
                    each(runs, CellRun::compact);
                }
                if (i % STREAM_EVERY == 0) {
                    each(runs, CellRun::stream);
                }
                boolean isClusterDue = i % CLUSTER_RESTART_EVERY == 0;
                if (isClusterDue) {
                    isDisturbed = true;
                    runs.forEach(CellRun::write);
                    fluss.restartCluster();
                    each(runs, CellRun::readBoth);
                }
                if (isClusterDue || i % JOB_RESTART_EVERY == 0) {
                    isDisturbed = true;
                    job.stop();
                    job = new Job(fluss, connection);
                    isDisturbed = false;
                }
            }
            each(runs, CellRun::finishWriting);
            each(runs, CellRun::checkEnd);
        } finally {
            isDisturbed = true;
            job.stop();
        }
        assertThat(failures).as("failed rounds").isEmpty();
        Tiering.once(fluss, TIERED_AT_A_TIME);
        each(runs, r -> r.checkLakeEnd(program));
        for (CellRun r : runs) {
            assertThat(r.snapshotsSeen())
                    .as("lake snapshots that reads saw of " + r.cell())
                    .isGreaterThanOrEqualTo(SNAPSHOTS_MIN);
            if (READS >= LONG_RUN) {
                assertThat(r.history().compactions()).as("compactions of " + r.cell()).isPositive();
                assertThat(r.history().expired()).as("expired of " + r.cell()).isPositive();
            }
        }
    }

    private static boolean haveSeenEnough(List<CellRun> runs) {
        return runs.stream().allMatch(r -> r.snapshotsSeen() >= SNAPSHOTS_MIN);
    }

    private interface Step {
        void take(CellRun run) throws Exception;
    }

    /** Some tables at a time, so that reads of one meet rounds and reads of others. */
    private void each(List<CellRun> runs, Step step) throws Exception {
        List<Callable<Void>> steps = new ArrayList<>();
        for (CellRun run : runs) {
            steps.add(
                    () -> {
                        try {
                            step.take(run);
                        } catch (Exception | AssertionError e) {
                            throw new AssertionError(
                                    run.cell() + " after " + run.unionReads() + " reads", e);
                        }
                        return null;
                    });
        }
        for (Future<Void> done : readers.invokeAll(steps)) {
            done.get();
        }
    }

    /** A tiering job that runs until it is stopped. */
    private final class Job {
        private final ServiceLoop loop;
        private final CompletableFuture<Map<TablePath, FlussException>> ended;

        Job(SparkOnFluss fluss, Connection connection) {
            loop = Tiering.service(fluss, connection, TIERED_AT_A_TIME, UPKEEP, this::report);
            ended = CompletableFuture.supplyAsync(loop::run, threads);
        }

        private void report(String line) {
            if (line.contains("FAILED") && !isDisturbed) {
                failures.add(line);
            }
        }

        void stop() throws Exception {
            loop.stop();
            ended.get(60, TimeUnit.SECONDS);
        }
    }
}
