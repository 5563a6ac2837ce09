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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.table.TablePath;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.paimon.catalog.Catalog;
import org.apache.paimon.catalog.CatalogContext;
import org.apache.paimon.catalog.CatalogFactory;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.options.Options;
import org.apache.paimon.table.FileStoreTable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A query that is in the middle of its lake snapshot while the snapshot is replaced and expired.
 */
class LongQueryIT {
    private static final int ROWS = 400;
    private static final long WAIT_SECONDS = 120;

    @TempDir Path dir;

    /** Where the rows of a query stop, in the process of the test. */
    private static final class Gate {
        private static volatile Gate now = new Gate();
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        static long pass(long id) throws InterruptedException {
            Gate gate = now;
            gate.reached.countDown();
            if (!gate.open.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the gate did not open");
            }
            return id;
        }
    }

    @ParameterizedTest
    @CsvSource({"iceberg, true", "iceberg, false", "paimon, true"})
    void keepsItsFiles(String format, boolean isKeyed) throws Exception {
        try (SparkOnFluss fluss = start(format)) {
            create(fluss, format.equals("paimon"), isKeyed);
            // So short that the timer does it while the query begins.
            Dataset<Row> query = query(fluss, "1 ms");
            inTheMiddle(
                    () -> query.collectAsList(),
                    () -> {
                        until(() -> holds(format).size() == 1);
                        replaceAndExpire(fluss, isKeyed);
                    },
                    rows -> assertThat(ids(rows)).isEqualTo(expected()));

            // Its snapshot, not the one of now, as long as the data frame is there.
            assertThat(query.collectAsList()).allMatch(r -> r.getInt(1) == 0).hasSize(ROWS);
            assertThat(fluss.rows("SELECT count(*), max(n) FROM fluss.lake.t"))
                    .containsExactly(isKeyed ? "[400,3]" : "[1602,3]");
        }
        assertThat(holds(format)).as("after the application").isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"iceberg, true", "paimon, true"})
    void isReleasedWhenNothingReads(String format, boolean isKeyed) throws Exception {
        try (SparkOnFluss fluss = start(format)) {
            create(fluss, format.equals("paimon"), isKeyed);
            inTheMiddle(
                    () -> query(fluss, "0 s").collectAsList(),
                    () -> {
                        assertThat(holds(format)).hasSize(1);
                        replaceAndExpire(fluss, isKeyed);
                    },
                    rows -> assertThat(ids(rows)).isEqualTo(expected()));
            until(
                    () -> {
                        System.gc();
                        return holds(format).isEmpty();
                    });
        }
    }

    @ParameterizedTest
    @CsvSource({"iceberg, true", "iceberg, false", "paimon, true"})
    void failsWithoutAHold(String format, boolean isKeyed) throws Exception {
        try (SparkOnFluss fluss = start(format)) {
            create(fluss, format.equals("paimon"), isKeyed);
            assertThatThrownBy(
                            () ->
                                    inTheMiddle(
                                            () -> query(fluss, "1 d").collectAsList(),
                                            () -> {
                                                replaceAndExpire(fluss, isKeyed);
                                                assertThat(holds(format)).isEmpty();
                                            },
                                            rows -> {}))
                    .hasStackTraceContaining("lake.t: lake snapshot ")
                    .hasStackTraceContaining("a file that this query reads is gone")
                    .hasStackTraceContaining("lake.hold-after");
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private interface Check {
        void of(List<Row> rows) throws Exception;
    }

    private static void inTheMiddle(Callable<List<Row>> query, Step step, Check check)
            throws Exception {
        Gate gate = new Gate();
        Gate.now = gate;
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            CompletableFuture<List<Row>> rows = new CompletableFuture<>();
            thread.execute(
                    () -> {
                        try {
                            rows.complete(query.call());
                        } catch (Exception e) {
                            rows.completeExceptionally(e);
                        }
                    });
            assertThat(gate.reached.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            step.run();
            gate.open.countDown();
            check.of(rows.get(WAIT_SECONDS, TimeUnit.SECONDS));
        } finally {
            gate.open.countDown();
            thread.shutdown();
        }
    }

    /** File by file in one task, so that the others are not open yet. */
    private static Dataset<Row> query(SparkOnFluss fluss, String holdAfter) {
        fluss.session().udf().register("gate", (UDF1<Long, Long>) Gate::pass, DataTypes.LongType);
        return fluss.read("lake.t", "lake.hold-after", holdAfter)
                .coalesce(1)
                .selectExpr("gate(id)", "n");
    }

    private static List<Long> ids(List<Row> rows) {
        assertThat(rows).allMatch(r -> r.getInt(1) == 0);
        return rows.stream().map(r -> r.getLong(0)).sorted().toList();
    }

    private static List<Long> expected() {
        return LongStream.range(0, ROWS).boxed().toList();
    }

    /** None of the files that the query reads is part of what comes out. */
    private static void replaceAndExpire(SparkOnFluss fluss, boolean isKeyed) throws Exception {
        for (int n = 1; n <= 3; n++) {
            insert(fluss, n);
            tier(fluss);
        }
        if (!isKeyed) {
            fluss.sql("CALL fluss.system.compact(table => 'lake.t', min_files => 2)");
            // One makes it readable, the next one takes the place of the last before it.
            for (int i = 0; i < 2; i++) {
                fluss.sql("INSERT INTO fluss.lake.t VALUES (0, 3)");
                tier(fluss);
            }
        }
        long expired =
                fluss.sql("CALL fluss.system.expire_snapshots('lake.t', '0 s', 1)")
                        .collectAsList()
                        .get(0)
                        .getInt(1);
        assertThat(expired).isPositive();
    }

    private SparkOnFluss start(String format) throws Exception {
        return SparkOnFluss.start(
                dir.resolve("cluster"),
                format.equals("iceberg")
                        ? Map.of(
                                "datalake.format", "iceberg",
                                "datalake.iceberg.type", "hadoop",
                                "datalake.iceberg.warehouse", warehouse())
                        : Map.of(
                                "datalake.format",
                                "paimon",
                                "datalake.paimon.warehouse",
                                warehouse()));
    }

    private String warehouse() {
        return dir.resolve("warehouse").toUri().toString();
    }

    private static void create(SparkOnFluss fluss, boolean isPaimon, boolean isKeyed)
            throws Exception {
        fluss.sql("CREATE NAMESPACE fluss.lake");
        fluss.sql(
                "CREATE TABLE fluss.lake.t (id BIGINT NOT NULL, n INT"
                        + (isKeyed ? ", PRIMARY KEY (id)" : "")
                        + ") TBLPROPERTIES ('bucket.num' = '4', 'bucket.key' = 'id', 'table.datalake.enabled' = 'true',"
                        + " 'table.datalake.auto-compaction' = 'true'"
                        + (isPaimon ? ", 'paimon.num-sorted-run.compaction-trigger' = '2'" : "")
                        + ")");
        insert(fluss, 0);
        tier(fluss);
    }

    private static void insert(SparkOnFluss fluss, int n) {
        fluss.sql("INSERT INTO fluss.lake.t SELECT id, " + n + " FROM range(" + ROWS + ")");
    }

    private static void tier(SparkOnFluss fluss) throws Exception {
        Tiering.once(fluss, TablePath.of("lake", "t"));
    }

    /** Tags of queries. */
    private List<String> holds(String format) throws Exception {
        return tags(format).stream().filter(n -> n.startsWith("fluss-query-")).toList();
    }

    private List<String> tags(String format) throws Exception {
        if (format.equals("iceberg")) {
            try (HadoopCatalog catalog = new HadoopCatalog(new Configuration(), warehouse())) {
                return List.copyOf(
                        catalog.loadTable(TableIdentifier.of("lake", "t")).refs().keySet());
            }
        }
        try (Catalog catalog =
                CatalogFactory.createCatalog(
                        CatalogContext.create(Options.fromMap(Map.of("warehouse", warehouse()))))) {
            return ((FileStoreTable) catalog.getTable(Identifier.create("lake", "t")))
                    .tagManager()
                    .allTagNames();
        }
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(WAIT_SECONDS).toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not come true");
            }
            Thread.onSpinWait();
        }
    }
}
