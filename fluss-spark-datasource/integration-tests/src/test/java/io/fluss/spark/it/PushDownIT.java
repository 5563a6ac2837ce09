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

import io.fluss.spark.connection.TaskMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a batch read leaves out because the query does not need it, and that nothing else is. */
class PushDownIT {
    private static final int ROWS = 1_200;
    private static final int BUCKETS = 4;

    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss = SparkOnFluss.start(dir, Map.of());
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.push");
        fluss.sql("DROP TABLE IF EXISTS fluss.push.t");
        fluss.sql(
                "CREATE TABLE fluss.push.t (id BIGINT NOT NULL, name STRING, day STRING, hour INT)"
                        + " PARTITIONED BY (day, hour, bucket("
                        + BUCKETS
                        + ", id))");
        fluss.sql(
                "INSERT INTO fluss.push.t SELECT id, concat('n', id), concat('2024010', 1 + id %"
                        + " 3), CAST(id % 2 AS INT) FROM range("
                        + ROWS
                        + ")");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @AfterEach
    void noMemoryIsLeft() {
        assertThat(TaskMemory.allocatedBytes()).isZero();
    }

    @Test
    void readsOnlyPartitionsThatCanMatch() {
        assertThat(tasks("SELECT * FROM fluss.push.t")).isEqualTo(6 * BUCKETS);
        assertReads("day = '20240102'", 2 * BUCKETS);
        assertReads("day IN ('20240102', '20240103') AND hour < 1", 2 * BUCKETS);
        assertReads("day LIKE '2024%2'", 2 * BUCKETS);
        assertReads("day > '20240101' OR name = 'n6'", 6 * BUCKETS);
        assertReads("day = '20991231'", 0);
        assertReads("day <> '20240101' AND NOT hour = 1", 2 * BUCKETS);
        assertReads("day IS NULL", 0);
    }

    @Test
    void readsOnlyTheBucketsOfTheKeys() {
        assertReads("id = 77", 6);
        assertReads("id = 77 AND day = '20240103' AND hour = 1", 1);
        assertThat(tasks("SELECT * FROM fluss.push.t WHERE id IN (5, 6, 7)"))
                .isLessThanOrEqualTo(6 * 3);
        for (long id : LongStream.of(0, 1, 77, 600, 1_199).toArray()) {
            assertThat(fluss.rows("SELECT name FROM fluss.push.t WHERE id = " + id))
                    .containsExactly("[n" + id + "]");
        }
        assertThat(fluss.rows("SELECT count(name) FROM fluss.push.t WHERE id IN (1, 2, 3, 5000)"))
                .containsExactly("[3]");
    }

    @Test
    void countsByOffsets() {
        assertThat(plan("SELECT count(*) FROM fluss.push.t"))
                .contains("LocalTableScan")
                .doesNotContain("BatchScan");
        assertThat(fluss.rows("SELECT count(*), count(1), count(id) FROM fluss.push.t"))
                .containsExactly("[1200,1200,1200]");
        assertThat(plan("SELECT count(*) FROM fluss.push.t WHERE day = '20240102'"))
                .contains("LocalTableScan");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.push.t WHERE day = '20240102'"))
                .containsExactly("[400]");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.push.t WHERE day = '1'"))
                .containsExactly("[0]");
        // What offsets do not say is counted row by row.
        assertThat(plan("SELECT count(*) FROM fluss.push.t WHERE id < 10")).contains("BatchScan");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.push.t WHERE id < 10"))
                .containsExactly("[10]");
        assertThat(fluss.rows("SELECT count(name), sum(hour) FROM fluss.push.t"))
                .containsExactly("[1200,600]");
        assertThat(fluss.rows("SELECT day, count(*) FROM fluss.push.t GROUP BY day ORDER BY day"))
                .containsExactly("[20240101,400]", "[20240102,400]", "[20240103,400]");
    }

    @Test
    void stopsAtTheLimit() {
        assertThat(plan("SELECT * FROM fluss.push.t LIMIT 7")).contains("limit 7");
        assertThat(fluss.rows("SELECT * FROM fluss.push.t LIMIT 7"))
                .hasSize(7)
                .doesNotHaveDuplicates();
        assertThat(fluss.rows("SELECT * FROM fluss.push.t WHERE day = '20240103' LIMIT 500"))
                .hasSize(400);
        assertThat(fluss.rows("SELECT * FROM fluss.push.t WHERE name = 'n1100' LIMIT 1"))
                .hasSize(1);
        assertThat(fluss.rows("SELECT count(*) FROM (SELECT * FROM fluss.push.t LIMIT 1199)"))
                .containsExactly("[1199]");
    }

    @Test
    void cutsTasksByBytes() {
        Dataset<Row> data =
                fluss.read("push.t", "scan.max-bytes-per-partition", "100").select("id");

        assertThat(data.rdd().getNumPartitions()).isGreaterThan(6 * BUCKETS);
        assertThat(data.distinct().count()).isEqualTo(ROWS);
    }

    @Test
    void prunesAtRunTimeByAJoin() {
        fluss.sql(
                "CREATE OR REPLACE TEMP VIEW wanted AS SELECT * FROM VALUES ('20240102', 'x') AS"
                        + " w(day, mark)");
        String query =
                "SELECT count(*), min(mark) FROM fluss.push.t t JOIN wanted w ON t.day = w.day"
                        + " WHERE w.mark = 'x'";

        assertThat(fluss.rows(query)).containsExactly("[400,x]");
    }

    @Test
    void showsWhereARowLies() {
        fluss.sql(
                "CREATE TABLE fluss.push.log (id BIGINT NOT NULL) TBLPROPERTIES"
                        + " ('bucket.num'='1')");
        fluss.sql("INSERT INTO fluss.push.log SELECT /*+ REPARTITION(1) */ id FROM range(100)");

        assertThat(
                        fluss.rows(
                                "SELECT count(*), min(_offset), max(_offset), count(DISTINCT"
                                        + " _offset), max(_bucket), min(_change_type),"
                                        + " max(_change_type), bool_and(_timestamp >"
                                        + " current_timestamp() - INTERVAL 1 HOUR),"
                                        + " bool_and(_log_offset = _offset),"
                                        + " bool_and(_commit_timestamp = _timestamp) FROM"
                                        + " fluss.push.log"))
                .containsExactly("[100,0,99,100,0,insert,insert,true,true,true]");
        assertThat(fluss.rows("SELECT id, _offset FROM fluss.push.log WHERE _offset = 42"))
                .hasSize(1);
        assertThat(List.of(fluss.sql("SELECT * FROM fluss.push.log").columns()))
                .containsExactly("id");
    }

    @Test
    void leavesOutBatchesByTheirStatistics() {
        fluss.sql(
                "CREATE TABLE fluss.push.bounded (id BIGINT, s STRING, at TIMESTAMP) TBLPROPERTIES"
                        + " ('bucket.num'='1', 'table.statistics.columns'='*')");
        for (int from = 0; from < 400; from += 100) {
            fluss.sql(
                    "INSERT INTO fluss.push.bounded SELECT /*+ REPARTITION(1) */ id, concat('n',"
                            + " lpad(id, 3, '0')), timestamp_seconds(id) FROM range("
                            + from
                            + ", "
                            + (from + 100)
                            + ")");
        }

        assertFetches("id = 250", 1, 100);
        assertFetches("id < 120 AND s > 'n099'", 20, 100);
        assertFetches("id IN (5, 399)", 2, 200);
        assertFetches("s LIKE 'n30%'", 10, 100);
        assertFetches("at >= timestamp_seconds(390)", 10, 100);
        assertFetches("NOT (id < 350)", 50, 100);
        assertFetches("id > 1000 OR id IS NULL", 0, 0);
        assertFetches("id + 1 = 250", 1, 400);
    }

    /** Rows that match, and rows that came from the cluster. */
    private static void assertFetches(String filter, int rows, int fetched) {
        Dataset<Row> data = fluss.sql("SELECT * FROM fluss.push.bounded WHERE " + filter);

        assertThat(data.collectAsList()).as(filter).hasSize(rows);
        assertThat(
                        data.queryExecution()
                                .executedPlan()
                                .collectLeaves()
                                .apply(0)
                                .metrics()
                                .apply("numOutputRows")
                                .value())
                .as(filter)
                .isEqualTo(fetched);
    }

    @Test
    void readsAColumnOfOneValueByItself() {
        fluss.sql(
                "CREATE TABLE fluss.push.same (id BIGINT, year INT) TBLPROPERTIES"
                        + " ('bucket.num'='1')");
        fluss.sql(
                "INSERT INTO fluss.push.same SELECT /*+ REPARTITION(1) */ id, 2013 FROM"
                        + " range(50000)");

        assertThat(fluss.rows("SELECT sum(year), count(year) FROM fluss.push.same"))
                .containsExactly("[100650000,50000]");
    }

    @Test
    void explainsWhatWasPushed() {
        assertThat(
                        plan(
                                "SELECT name FROM fluss.push.t WHERE day = '20240102' AND id = 77"
                                        + " AND name > 'a'"))
                .contains("fluss push.t (UNION)")
                .contains("day = '20240102'")
                .contains("partitions with")
                .contains("buckets [");
    }

    @Test
    void tellsThePlannerHowMuchThereIs() {
        assertThat(
                        fluss.sql("EXPLAIN COST SELECT id FROM fluss.push.t WHERE day = '20240102'")
                                .collectAsList()
                                .toString())
                .contains("rowCount=400");
    }

    private static void assertReads(String filter, int tasks) {
        String query = "SELECT * FROM fluss.push.t WHERE " + filter;
        assertThat(tasks(query)).as(filter).isEqualTo(tasks);
        List<String> expected =
                SparkOnFluss.rows(
                        fluss.session()
                                .range(ROWS)
                                .selectExpr(
                                        "id",
                                        "concat('n', id) AS name",
                                        "concat('2024010', 1 + id % 3) AS day",
                                        "CAST(id % 2 AS INT) AS hour")
                                .where(filter));
        assertThat(fluss.rows(query)).as(filter).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static int tasks(String query) {
        return fluss.sql(query).rdd().getNumPartitions();
    }

    private static String plan(String query) {
        return fluss.sql("EXPLAIN FORMATTED " + query).collectAsList().toString();
    }
}
