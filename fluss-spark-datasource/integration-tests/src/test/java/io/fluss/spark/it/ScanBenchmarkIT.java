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

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows per second of scans of a table of ten columns, against Spark's own Parquet reader on the
 * same rows, in turns. Runs if system property {@code fluss.bench.rows} says how many rows. Cluster
 * and Spark share the JVM and its cores, so what the server does counts too.
 */
@EnabledIfSystemProperty(named = "fluss.bench.rows", matches = "\\d+")
class ScanBenchmarkIT {
    private static final long ROWS = Long.getLong("fluss.bench.rows", 0);
    private static final int RUNS = Integer.getInteger("fluss.bench.runs", 7);
    private static final Map<String, String> QUERIES =
            new TreeMap<>(
                    Map.of(
                            "full scan",
                            "SELECT sum(b1), max(b2), sum(i1), min(i2), sum(d1), max(d2), max(s1),"
                                    + " min(s2), max(t), count_if(f) FROM %s",
                            "sum where",
                            "SELECT sum(b1) FROM %s WHERE d1 > 0.75",
                            "two strings",
                            "SELECT max(s1), max(s2) FROM %s WHERE i1 = 7"));

    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss = SparkOnFluss.start(dir.resolve("cluster"), Map.of());
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.bench");
        fluss.sql(
                "CREATE TABLE fluss.bench.scan (b1 BIGINT, b2 BIGINT, i1 INT, i2 INT, d1 DOUBLE, d2"
                        + " DOUBLE, s1 STRING, s2 STRING, t TIMESTAMP, f BOOLEAN) TBLPROPERTIES"
                        + " ('bucket.num' = '2')");
        Dataset<Row> rows =
                fluss.session()
                        .range(0, ROWS, 1, 2)
                        .selectExpr(
                                "id AS b1",
                                "id * 7919 AS b2",
                                "CAST(id % 1000 AS INT) AS i1",
                                "CAST(id % 100000 AS INT) AS i2",
                                "rand(42) AS d1",
                                "rand(43) * 1000 AS d2",
                                "concat('user-', id % 5000) AS s1",
                                "concat('session-', id) AS s2",
                                "timestamp_micros(1700000000000000 + id * 1000) AS t",
                                "id % 3 = 0 AS f");
        String parquet = dir.resolve("parquet").toString();
        rows.write().option("compression", "zstd").parquet(parquet);
        fluss.session().read().parquet(parquet).writeTo("fluss.bench.scan").append();
        fluss.session().read().parquet(parquet).createOrReplaceTempView("parquet_scan");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void againstParquet() {
        StringBuilder report = new StringBuilder("BENCH rows " + ROWS + ", runs " + RUNS + "\n");
        QUERIES.forEach(
                (name, query) -> {
                    List<Long> ours = new ArrayList<>();
                    List<Long> parquet = new ArrayList<>();
                    for (int i = 0; i <= RUNS; i++) {
                        List<Row> a = timed(String.format(query, "fluss.bench.scan"), ours);
                        List<Row> b = timed(String.format(query, "parquet_scan"), parquet);
                        assertThat(a.get(0).get(0)).isEqualTo(b.get(0).get(0));
                    }
                    report.append(
                            String.format(
                                    Locale.ROOT,
                                    "BENCH %s: fluss %.2f, parquet %.2f million rows/s%n",
                                    name,
                                    rate(ours),
                                    rate(parquet)));
                });
        System.out.print(report);
    }

    private static List<Row> timed(String query, List<Long> nanos) {
        long begin = System.nanoTime();
        List<Row> answer = fluss.sql(query).collectAsList();
        nanos.add(System.nanoTime() - begin);
        return answer;
    }

    /** Million rows a second of the median run; the first one warms up. */
    private static double rate(List<Long> nanos) {
        long[] sorted = nanos.stream().skip(1).mapToLong(Long::longValue).sorted().toArray();
        assertThat(Arrays.stream(sorted).allMatch(n -> n > 0)).isTrue();
        return ROWS * 1_000.0 / sorted[sorted.length / 2];
    }
}
