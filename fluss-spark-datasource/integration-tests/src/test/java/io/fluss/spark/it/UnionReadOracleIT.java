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
import io.fluss.client.append.AppendWriter;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.time.SystemClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads both tiers as one table while rows are appended and tiered, and checks each answer against
 * what the writers know: every row that was acknowledged before the read is there, none that was
 * not sent by its end is, and no row is there twice. Meanwhile stock Iceberg expires snapshots that
 * are older than any read. System property {@code fluss.it.union.reads} sets how many reads there
 * are, for a long run.
 */
class UnionReadOracleIT {
    private static final TablePath PATH = TablePath.of("oracle", "t");
    private static final int READS = Integer.getInteger("fluss.it.union.reads", 100);
    private static final int WRITERS = 2;
    private static final int DISTINCT_EVERY = 5;
    private static final int EXPIRY_EVERY = 5;
    private static final Duration EXPIRY_AGE = Duration.ofSeconds(20);
    private static final int BATCHES_PER_READ = 10;
    private static final int ROWS_PER_BATCH = 25;

    @TempDir static Path dir;
    private static SparkOnFluss fluss;
    private static Connection connection;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format",
                                "iceberg",
                                "datalake.iceberg.type",
                                "hadoop",
                                "datalake.iceberg.warehouse",
                                dir.resolve("warehouse").toUri().toString()));
        connection = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()));
        fluss.sql("CREATE NAMESPACE fluss.oracle");
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        fluss.close();
    }

    @Test
    void everyReadHoldsWhatWasAcknowledgedAndNothingTwice() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.oracle.t (writer INT NOT NULL, id BIGINT NOT NULL)"
                        + " TBLPROPERTIES ('bucket.num' = '3', 'table.datalake.enabled' = 'true',"
                        + " 'table.datalake.freshness' = '1s')");
        TableInfo table = connection.admin().tableInfo(PATH).get();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 2);
        List<Writer> writers = new ArrayList<>();
        List<String> rounds = new CopyOnWriteArrayList<>();
        ServiceLoop tiering = tiering(rounds);
        try {
            CompletableFuture<Map<TablePath, FlussException>> service =
                    CompletableFuture.supplyAsync(tiering::run, threads);
            for (int w = 0; w < WRITERS; w++) {
                Writer writer = new Writer(w, table);
                writer.done = CompletableFuture.runAsync(writer, threads);
                writers.add(writer);
            }
            Set<Long> snapshots = new HashSet<>();
            CompletableFuture<Integer> expiry = CompletableFuture.completedFuture(0);
            int expired = 0;
            for (int i = 0; i < READS; i++) {
                if (i % EXPIRY_EVERY == 0 && registered().isPresent()) {
                    expired += expiry.get(60, TimeUnit.SECONDS);
                    expiry = CompletableFuture.supplyAsync(UnionReadOracleIT::expire, threads);
                }
                check(writers);
                if (i % DISTINCT_EVERY == 0) {
                    checkThatNothingIsThereTwice();
                }
                registered().ifPresent(s -> snapshots.add(s.snapshotId()));
            }
            for (Writer w : writers) {
                w.finish();
            }
            expired += expiry.get(60, TimeUnit.SECONDS);
            System.out.println(
                    "union reads "
                            + READS
                            + ", lake snapshots seen "
                            + snapshots.size()
                            + ", expired "
                            + expired
                            + ", tiering reports "
                            + rounds.size()
                            + ", rows "
                            + writers.stream().mapToLong(w -> w.acknowledged).sum());
            // From here on every row is acknowledged, so there is one right answer.
            check(writers);
            checkThatNothingIsThereTwice();
            assertThat(snapshots).as("lake snapshots that reads saw").hasSizeGreaterThan(2);
            tiering.stop();
            assertThat(service.get(30, TimeUnit.SECONDS)).isEmpty();
            assertThat(rounds).noneMatch(line -> line.contains("FAILED"));
            check(writers);
        } finally {
            threads.shutdownNow();
            tiering.stop();
        }
        assertThat(TaskMemory.allocatedBytes()).as("memory of ended reads").isZero();
    }

    /** One read; what it may hold depends on what the writers had done before and after it. */
    private static void check(List<Writer> writers) {
        List<Long> acknowledged = writers.stream().map(w -> w.acknowledged).toList();
        writers.forEach(w -> w.allowed.release(BATCHES_PER_READ));
        List<String> columns = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            String mine = "writer = " + w;
            String known = mine + " AND id < " + acknowledged.get(w);
            columns.add("count_if(" + mine + ")");
            columns.add("coalesce(max(CASE WHEN " + mine + " THEN id END), -1)");
            columns.add("count_if(" + known + ")");
            columns.add("coalesce(sum(CASE WHEN " + known + " THEN id END), 0)");
        }
        Row answer =
                fluss.sql("SELECT " + String.join(", ", columns) + " FROM fluss.oracle.t")
                        .collectAsList()
                        .get(0);
        for (int w = 0; w < WRITERS; w++) {
            int at = 4 * w;
            long before = acknowledged.get(w);
            long sent = writers.get(w).sent;
            assertThat(answer.getLong(at)).as("rows").isBetween(before, sent);
            assertThat(answer.getLong(at + 1)).as("last id").isLessThan(sent);
            assertThat(answer.getLong(at + 2)).as("acknowledged rows").isEqualTo(before);
            assertThat(answer.getLong(at + 3)).as("their sum").isEqualTo(before * (before - 1) / 2);
        }
    }

    private static void checkThatNothingIsThereTwice() {
        Row answer =
                fluss.sql("SELECT count(*), count(DISTINCT writer, id) FROM fluss.oracle.t")
                        .collectAsList()
                        .get(0);
        assertThat(answer.getLong(1)).as("distinct rows").isEqualTo(answer.getLong(0));
    }

    /** What maintenance does: takes snapshots that are older than any read; tells how many. */
    private static int expire() {
        Map<String, String> properties =
                Map.of("warehouse", dir.resolve("warehouse").toUri().toString());
        try (HadoopCatalog catalog = new HadoopCatalog()) {
            catalog.setConf(new Configuration());
            catalog.initialize("maintenance", properties);
            Table lake = catalog.loadTable(TableIdentifier.of(PATH.database(), PATH.table()));
            int before = count(lake);
            lake.expireSnapshots()
                    .expireOlderThan(SystemClock.INSTANCE.nowMs() - EXPIRY_AGE.toMillis())
                    .commit();
            lake.refresh();
            return Math.max(0, before - count(lake));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int count(Table lake) {
        int count = 0;
        for (var unused : lake.snapshots()) {
            count++;
        }
        return count;
    }

    private static Optional<LakeSnapshot> registered() throws Exception {
        return connection.admin().readableLakeSnapshot(PATH).get();
    }

    private static ServiceLoop tiering(List<String> rounds) {
        return new ServiceLoop(
                fluss.session(),
                connection,
                new RoundSettings(
                        Map.of("bootstrap.servers", fluss.bootstrap()),
                        Map.of(),
                        new SplitPlanner(0, false),
                        Optional.empty(),
                        Duration.ofSeconds(20)),
                new ServiceSettings(
                        false,
                        Duration.ofMillis(200),
                        Duration.ofMinutes(1),
                        1,
                        Optional.empty(),
                        Optional.empty()),
                SystemClock.INSTANCE,
                rounds::add);
    }

    /** Appends rows with dense ids, a batch at a time, as many as the reader allows. */
    private static final class Writer implements Runnable {
        private final int number;
        private final TableInfo table;
        private final Semaphore allowed = new Semaphore(0);
        private CompletableFuture<Void> done = new CompletableFuture<>();
        private volatile boolean isLast;

        /** Rows that may be in the table. */
        private volatile long sent;

        /** Rows that must be. */
        private volatile long acknowledged;

        Writer(int number, TableInfo table) {
            this.number = number;
            this.table = table;
        }

        @Override
        public void run() {
            try (Connection own = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()));
                    AppendWriter writer = own.appendWriter(table);
                    BufferAllocator allocator = new RootAllocator()) {
                for (allowed.acquire(); !isLast; allowed.acquire()) {
                    long first = sent;
                    sent = first + ROWS_PER_BATCH;
                    CompletableFuture<Void> appended;
                    try (VectorSchemaRoot rows = rows(allocator, first)) {
                        appended = writer.append(rows);
                    }
                    CompletableFuture<Void> flushed = writer.flush();
                    appended.get(60, TimeUnit.SECONDS);
                    flushed.get(60, TimeUnit.SECONDS);
                    acknowledged = first + ROWS_PER_BATCH;
                }
            } catch (Exception e) {
                throw new AssertionError("writer " + number, e);
            }
        }

        private VectorSchemaRoot rows(BufferAllocator allocator, long first) {
            VectorSchemaRoot root =
                    VectorSchemaRoot.create(ArrowSchemas.of(table.schema().rowType()), allocator);
            IntVector writer = (IntVector) root.getVector("writer");
            BigIntVector id = (BigIntVector) root.getVector("id");
            for (int i = 0; i < ROWS_PER_BATCH; i++) {
                writer.setSafe(i, number);
                id.setSafe(i, first + i);
            }
            root.setRowCount(ROWS_PER_BATCH);
            return root;
        }

        void finish() throws Exception {
            isLast = true;
            allowed.release();
            done.get(60, TimeUnit.SECONDS);
            assertThat(acknowledged).isEqualTo(sent);
        }
    }
}
