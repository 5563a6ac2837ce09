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

import io.fluss.spark.connection.TaskMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendReadIT {
    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss = SparkOnFluss.start(dir, Map.of());
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.rw");
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
    void readsBackEveryTypeWithNullsAndEdges() {
        String columns =
                """
                b BOOLEAN, i8 TINYINT, i16 SMALLINT, i32 INT, i64 BIGINT, f FLOAT, d DOUBLE,
                dec DECIMAL(9, 2), big DECIMAL(38, 10), s STRING, c CHAR(3), v VARCHAR(5),
                bin BINARY, day DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, arr ARRAY<INT>,
                m MAP<STRING, BIGINT>, st STRUCT<x: INT, y: ARRAY<STRING>>
                """;
        fluss.sql("CREATE TABLE fluss.rw.types (" + columns + ") TBLPROPERTIES ('bucket.num'='1')");
        String values =
                """
                SELECT true b, -128Y i8, -32768S i16, -2147483648 i32, -9223372036854775808L i64,
                  CAST('-Infinity' AS FLOAT) f, CAST('NaN' AS DOUBLE) d, -1234567.89BD dec,
                  CAST('-9999999999999999999999999999.9999999999' AS DECIMAL(38, 10)) big,
                  'grüße 🚀' s, 'ab ' c, 'abcde' v, X'00FF' bin, DATE'0001-01-01' day,
                  TIMESTAMP'1969-12-31 23:59:59.999999Z' ts, TIMESTAMP_NTZ'9999-12-31 23:59:59.999999' ntz,
                  array(1, NULL, 3) arr, map('a', 1L, 'b', NULL) m,
                  named_struct('x', 1, 'y', array('p', NULL)) st
                UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                  NULL, NULL, NULL, NULL, NULL, NULL, NULL
                UNION ALL SELECT false, 127Y, 32767S, 2147483647, 9223372036854775807L, 1.5F, -0.0D,
                  0.01BD, CAST('0.0000000001' AS DECIMAL(38, 10)), '', 'xyz', '', X'', DATE'9999-12-31',
                  TIMESTAMP'2024-02-29 12:00:00.000001Z', TIMESTAMP_NTZ'0001-01-01 00:00:00',
                  CAST(array() AS ARRAY<INT>), CAST(map() AS MAP<STRING, BIGINT>),
                  named_struct('x', CAST(NULL AS INT), 'y', CAST(NULL AS ARRAY<STRING>))
                """;
        fluss.sql("INSERT INTO fluss.rw.types " + values);

        Dataset<Row> expected = fluss.sql(values);
        List<String> found =
                SparkOnFluss.rows(
                        fluss.sql("SELECT *, hex(bin) AS h FROM fluss.rw.types ORDER BY i8")
                                .drop("bin"));
        assertThat(found)
                .containsExactlyElementsOf(
                        SparkOnFluss.rows(
                                expected.selectExpr("*", "hex(bin) AS h")
                                        .orderBy("i8")
                                        .drop("bin")));
    }

    @Test
    void readsChosenColumnsAndCounts() {
        fluss.sql(
                "CREATE TABLE fluss.rw.wide (id BIGINT NOT NULL, name STRING, n INT)"
                        + " PARTITIONED BY (bucket(2, id))");
        fluss.session()
                .range(0, 50_000)
                .selectExpr("id", "concat('name-', id) AS name", "CAST(id % 7 AS INT) AS n")
                .write()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", "rw.wide")
                .mode("append")
                .save();

        assertThat(fluss.rows("SELECT count(*) FROM fluss.rw.wide")).containsExactly("[50000]");
        assertThat(fluss.rows("SELECT sum(n), max(name) FROM fluss.rw.wide"))
                .containsExactly("[149997,name-9999]");
        assertThat(fluss.rows("SELECT name, id FROM fluss.rw.wide WHERE id = 4711"))
                .containsExactly("[name-4711,4711]");
        assertThat(fluss.read("rw.wide", "scan.max-records-per-partition", "5000").count())
                .isEqualTo(50_000);
        assertThat(
                        fluss.read("rw.wide", "scan.max-records-per-partition", "5000")
                                .rdd()
                                .getNumPartitions())
                .isGreaterThanOrEqualTo(10);
        assertThat(fluss.read("rw.wide", "read.mode", "hot").distinct().count()).isEqualTo(50_000);
    }

    @Test
    void createsPartitionsAsRowsArrive() {
        fluss.sql(
                "CREATE TABLE fluss.rw.parts (id BIGINT, day STRING) PARTITIONED BY (day)"
                        + " TBLPROPERTIES ('bucket.num' = '2')");
        fluss.sql(
                "INSERT INTO fluss.rw.parts"
                        + " SELECT id, concat('2024010', 1 + id % 3) FROM range(300)");

        assertThat(fluss.rows("SELECT day, count(*) FROM fluss.rw.parts GROUP BY day ORDER BY day"))
                .containsExactly("[20240101,100]", "[20240102,100]", "[20240103,100]");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.rw.parts WHERE day = '20240102'"))
                .containsExactly("[100]");
    }

    @Test
    void readsAnEmptyTable() {
        fluss.sql("CREATE TABLE fluss.rw.empty (a INT, s STRING)");

        assertThat(fluss.rows("SELECT * FROM fluss.rw.empty")).isEmpty();
        assertThat(fluss.rows("SELECT count(*) FROM fluss.rw.empty")).containsExactly("[0]");
    }

    @Test
    void refusesRowsThatDoNotFit() {
        fluss.sql("CREATE TABLE fluss.rw.strict (a INT NOT NULL, b INT)");

        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "INSERT INTO fluss.rw.strict SELECT /*+ REPARTITION(1) */"
                                                + " IF(id = 3, NULL, CAST(id AS INT)), 1 FROM range(5)"))
                .hasStackTraceContaining("NULL");
        assertThatThrownBy(() -> fluss.sql("INSERT INTO fluss.rw.strict VALUES ('x', 1)"))
                .isInstanceOf(Exception.class);
        assertThatThrownBy(
                        () ->
                                fluss.session()
                                        .sql("SELECT 1 AS a, 2 AS b")
                                        .write()
                                        .format("fluss")
                                        .option("bootstrap.servers", fluss.bootstrap())
                                        .option("table", "rw.strict")
                                        .mode("overwrite")
                                        .save())
                .hasMessageContaining("truncate");
    }

    @Test
    void namesWhatIsMissingOrWrong() {
        assertThatThrownBy(() -> fluss.session().read().format("fluss").load())
                .hasMessageContaining("'bootstrap.servers' is required");
        assertThatThrownBy(
                        () ->
                                fluss.session()
                                        .read()
                                        .format("fluss")
                                        .option("bootstrap.servers", fluss.bootstrap())
                                        .load())
                .hasMessageContaining("'table' is required");
        assertThatThrownBy(() -> fluss.read("orders")).hasMessageContaining("database.table");
        assertThatThrownBy(() -> fluss.read("rw.nothing")).hasMessageContaining("rw.nothing");
        assertThatThrownBy(() -> fluss.read("rw.nothing", "read.mode", "warm"))
                .hasMessageContaining("'read.mode'")
                .hasMessageContaining("warm");
        assertThatThrownBy(
                        () ->
                                fluss.session()
                                        .read()
                                        .format("fluss")
                                        .option("bootstrap.servers", "127.0.0.1:1")
                                        .option("table", "rw.t")
                                        .load())
                .hasMessageContaining("127.0.0.1:1");
    }
}
