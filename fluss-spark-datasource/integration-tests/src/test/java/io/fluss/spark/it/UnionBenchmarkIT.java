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

import io.fluss.tiering.TieringJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a union read of a lake table with a tail of one hundredth of its rows takes, against Spark's
 * scan of the lake table alone, in turns. Runs if system property {@code fluss.bench.union.rows}
 * says how many rows. Cluster and Spark share the JVM and its cores.
 */
@EnabledIfSystemProperty(named = "fluss.bench.union.rows", matches = "\\d+")
class UnionBenchmarkIT {
    private static final long ROWS = Long.getLong("fluss.bench.union.rows", 0);
    private static final int RUNS = Integer.getInteger("fluss.bench.runs", 7);
    private static final long TAIL = ROWS / 100;
    private static final Map<String, String> QUERIES =
            new TreeMap<>(
                    Map.of(
                            "full scan",
                            "SELECT count(*), sum(id), sum(b2), sum(i1), max(d1), max(s1), max(s2)"
                                    + " FROM %s",
                            "sum where",
                            "SELECT sum(b2) FROM %s WHERE d1 > 0.75"));

    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        String lake = dir.resolve("lake").toString();
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format",
                                "iceberg",
                                "datalake.iceberg.type",
                                "hadoop",
                                "datalake.iceberg.warehouse",
                                lake));
        fluss.session()
                .conf()
                .set("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog");
        fluss.session().conf().set("spark.sql.catalog.lake.type", "hadoop");
        fluss.session().conf().set("spark.sql.catalog.lake.warehouse", lake);
        fluss.session().conf().set("spark.sql.catalog.lake.cache-enabled", "false");
        fluss.sql("CREATE NAMESPACE fluss.bench");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void logTable() throws Exception {
        fill("log", "id BIGINT NOT NULL", "2");
        measure("log");
    }

    @Test
    void keyedTable() throws Exception {
        fill("keyed", "id BIGINT NOT NULL PRIMARY KEY", "2");
        measure("keyed");
    }

    @Test
    void keyedTableWithDeletionVectors() throws Exception {
        fill("keyed_v3", "id BIGINT NOT NULL PRIMARY KEY", "3");
        measure("keyed_v3");
    }

    private static void fill(String table, String id, String version) throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.bench."
                        + table
                        + " ("
                        + id
                        + ", b2 BIGINT, i1 INT, d1 DOUBLE, s1 STRING, s2 STRING) TBLPROPERTIES"
                        + " ('bucket.num' = '2', 'table.datalake.enabled' = 'true',"
                        + " 'table.datalake.freshness' = '1s', 'iceberg.format-version' = '"
                        + version
                        + "')");
        insert(table, 0, ROWS);
        tier();
        // Updates of some rows that are in the lake, so that a second round leaves deletes there.
        insert(table, ROWS / 2, ROWS / 2 + TAIL);
        tier();
        insert(table, ROWS - TAIL / 2, ROWS + TAIL / 2);
    }

    private static void insert(String table, long from, long to) throws Exception {
        fluss.session()
                .range(from, to, 1, 2)
                .selectExpr(
                        "id",
                        "id * 7919 AS b2",
                        "CAST(id % 1000 AS INT) AS i1",
                        "rand(42) AS d1",
                        "concat('user-', id % 5000) AS s1",
                        "concat('session-', id) AS s2")
                .writeTo("fluss.bench." + table)
                .append();
    }

    private static void tier() {
        int left = TieringJob.run("--bootstrap", fluss.bootstrap(), "--once");
        assertThat(left).isZero();
    }

    private static void measure(String table) {
        long lakeRows = fluss.sql("SELECT count(*) FROM lake.bench." + table).head().getLong(0);
        long rows = fluss.sql("SELECT count(*) FROM fluss.bench." + table).head().getLong(0);
        StringBuilder report = new StringBuilder();
        QUERIES.forEach(
                (name, query) -> {
                    List<Long> union = new ArrayList<>();
                    List<Long> lake = new ArrayList<>();
                    for (int i = 0; i <= RUNS; i++) {
                        timed(String.format(query, "fluss.bench." + table), union);
                        timed(String.format(query, "lake.bench." + table), lake);
                    }
                    report.append(
                            String.format(
                                    Locale.ROOT,
                                    "BENCH %s, %s: union of %d rows %.0f ms, lake alone with %d"
                                            + " rows %.0f ms, ratio %.2f%n",
                                    table,
                                    name,
                                    rows,
                                    median(union),
                                    lakeRows,
                                    median(lake),
                                    median(union) / median(lake)));
                });
        System.out.print(report);
    }

    private static List<Row> timed(String query, List<Long> nanos) {
        long begin = System.nanoTime();
        List<Row> answer = fluss.sql(query).collectAsList();
        nanos.add(System.nanoTime() - begin);
        return answer;
    }

    /** Milliseconds of the median run; the first one warms up. */
    private static double median(List<Long> nanos) {
        long[] sorted = nanos.stream().skip(1).mapToLong(Long::longValue).sorted().toArray();
        return sorted[sorted.length / 2] / 1e6;
    }
}
