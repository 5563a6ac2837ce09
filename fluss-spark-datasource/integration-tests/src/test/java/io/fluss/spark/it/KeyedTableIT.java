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
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables with a primary key in SQL: declared, upserted, changed, read and looked up. */
class KeyedTableIT {
    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss = SparkOnFluss.start(dir, Map.of());
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.keyed");
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
    void declaresPrimaryKeysInBothWays() {
        fluss.sql(
                "CREATE TABLE fluss.keyed.by_constraint (id BIGINT, name STRING, day STRING, PRIMARY"
                        + " KEY (id, day)) PARTITIONED BY (day) TBLPROPERTIES ('bucket.num' = '2')");
        fluss.sql(
                "CREATE TABLE fluss.keyed.by_property (id BIGINT, name STRING) TBLPROPERTIES"
                        + " ('primary.key' = 'id', 'bucket.num' = '3')");
        fluss.sql(
                "CREATE TABLE fluss.keyed.with_bucket (a INT, b INT, v STRING, CONSTRAINT k PRIMARY"
                        + " KEY (a, b)) CLUSTERED BY (a) INTO 2 BUCKETS");

        assertThat(fluss.rows("DESCRIBE EXTENDED fluss.keyed.by_constraint").toString())
                .contains("PRIMARY KEY (id, day)")
                .contains("primary.key=id,day")
                .contains("bucket.key=id");
        assertThat(fluss.rows("SHOW TBLPROPERTIES fluss.keyed.by_property"))
                .contains("[primary.key,id]", "[bucket.key,id]", "[bucket.num,3]");
        assertThat(fluss.rows("SHOW TBLPROPERTIES fluss.keyed.with_bucket"))
                .contains("[primary.key,a,b]", "[bucket.key,a]", "[bucket.num,2]");
        assertThat(
                        fluss.sql("SELECT * FROM fluss.keyed.by_property")
                                .schema()
                                .apply("id")
                                .nullable())
                .isFalse();
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "CREATE TABLE fluss.keyed.x (id BIGINT, v INT, PRIMARY KEY"
                                                + " (id)) TBLPROPERTIES ('primary.key' = 'v')"))
                .hasMessageContaining("declared twice");
    }

    @Test
    void upsertsUpdatesDeletesAndMerges() {
        fluss.sql(
                "CREATE TABLE fluss.keyed.items (id BIGINT, name STRING NOT NULL, price"
                        + " DECIMAL(10,2), PRIMARY KEY (id)) TBLPROPERTIES ('bucket.num' = '2')");
        fluss.sql(
                "INSERT INTO fluss.keyed.items VALUES (1, 'lamp', 10), (2, 'chair', 20), (3, 'desk', 30)");
        fluss.sql("INSERT INTO fluss.keyed.items VALUES (2, 'chair', 25), (4, 'shelf', 40)");
        assertItems("[1,lamp,10.00]", "[2,chair,25.00]", "[3,desk,30.00]", "[4,shelf,40.00]");

        fluss.sql("UPDATE fluss.keyed.items SET price = price + 1 WHERE id IN (1, 2)");
        fluss.sql("UPDATE fluss.keyed.items SET name = 'table' WHERE name = 'desk'");
        fluss.sql("DELETE FROM fluss.keyed.items WHERE id = 4");
        fluss.sql("DELETE FROM fluss.keyed.items WHERE id = 99");
        assertItems("[1,lamp,11.00]", "[2,chair,26.00]", "[3,table,30.00]");

        fluss.sql(
                "MERGE INTO fluss.keyed.items t USING (SELECT * FROM VALUES (1L, 'gone', -1), (3L,"
                        + " 'bench', 33), (5L, 'bed', 55) AS s(id, name, price)) s ON t.id = s.id"
                        + " WHEN MATCHED AND s.price < 0 THEN DELETE WHEN MATCHED THEN UPDATE SET"
                        + " name = s.name, price = s.price WHEN NOT MATCHED THEN INSERT (id, name,"
                        + " price) VALUES (s.id, s.name, s.price)");
        assertItems("[2,chair,26.00]", "[3,bench,33.00]", "[5,bed,55.00]");

        fluss.sql("DELETE FROM fluss.keyed.items WHERE price > 50");
        assertItems("[2,chair,26.00]", "[3,bench,33.00]");
        assertThatThrownBy(() -> fluss.sql("UPDATE fluss.keyed.items SET id = id + 1"))
                .hasStackTraceContaining("column 'id' belongs to the primary key");
        assertThatThrownBy(() -> fluss.sql("INSERT INTO fluss.keyed.items VALUES (1, NULL, 1)"))
                .hasStackTraceContaining("name");
        fluss.sql("DELETE FROM fluss.keyed.items");
        assertItems();
    }

    private static void assertItems(String... rows) {
        assertThat(fluss.rows("SELECT * FROM fluss.keyed.items ORDER BY id")).containsExactly(rows);
    }

    @Test
    void writesOnlySomeColumns() {
        fluss.sql(
                "CREATE TABLE fluss.keyed.partial (id BIGINT, a STRING, b STRING, PRIMARY KEY (id))"
                        + " TBLPROPERTIES ('bucket.num' = '1')");
        fluss.sql("INSERT INTO fluss.keyed.partial VALUES (1, 'a1', 'b1'), (2, 'a2', 'b2')");
        fluss.sql(
                "INSERT INTO fluss.keyed.partial WITH ('write.columns' = 'id, b') (id, b) VALUES"
                        + " (1, 'new'), (3, 'first')");

        assertThat(fluss.rows("SELECT * FROM fluss.keyed.partial ORDER BY id"))
                .containsExactly("[1,a1,new]", "[2,a2,b2]", "[3,null,first]");
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "INSERT INTO fluss.keyed.partial WITH ('write.columns' ="
                                                + " 'id, c') VALUES (1, 'x', 'y')"))
                .hasStackTraceContaining("column 'c' is not a column of the table");
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "INSERT INTO fluss.keyed.partial WITH ('write.columns' ="
                                                + " 'a') VALUES (1, 'x', 'y')"))
                .hasStackTraceContaining("id");
    }

    @Test
    void looksUpWhereTheKeyIsFixed() {
        fluss.sql(
                "CREATE TABLE fluss.keyed.looked (id BIGINT, day STRING, v STRING, PRIMARY KEY (id,"
                        + " day)) PARTITIONED BY (day) TBLPROPERTIES ('bucket.num' = '2')");
        fluss.sql(
                "INSERT INTO fluss.keyed.looked SELECT id, concat('d', id % 3), concat('v', id)"
                        + " FROM range(300)");

        assertLooksUp("id = 7 AND day = 'd1'", 1, "[7,d1,v7]");
        assertLooksUp("id = 7 AND day = 'd2'", 1);
        assertLooksUp("id = 7 AND day IN ('d0', 'd1', 'gone')", 1, "[7,d1,v7]");
        assertLooksUp("id IN (1, 2, 3) AND day IN ('d1', 'd2') AND day > 'd1'", 1, "[2,d2,v2]");
        assertLooksUp("id = 7 AND day = 'd1' AND v = 'other'", 1);
        assertThat(plan("SELECT * FROM fluss.keyed.looked WHERE id = 7")).doesNotContain("(lookup");
        assertThat(
                        fluss.rows(
                                "SELECT v, _change_type, _offset FROM fluss.keyed.looked WHERE id ="
                                        + " 7 AND day = 'd1'"))
                .containsExactly("[v7,insert,null]");
    }

    private static void assertLooksUp(String filter, int tasks, String... rows) {
        Dataset<Row> data = fluss.sql("SELECT * FROM fluss.keyed.looked WHERE " + filter);
        assertThat(plan("SELECT * FROM fluss.keyed.looked WHERE " + filter))
                .as(filter)
                .contains("(lookup of");
        assertThat(data.rdd().getNumPartitions()).as(filter).isEqualTo(tasks);
        assertThat(SparkOnFluss.rows(data)).as(filter).containsExactlyInAnyOrder(rows);
    }

    @Test
    void looksUpTheKeysOfAJoin() {
        fluss.sql(
                "CREATE TABLE fluss.keyed.dim (id BIGINT, v STRING, PRIMARY KEY (id)) TBLPROPERTIES"
                        + " ('bucket.num' = '3')");
        fluss.sql("INSERT INTO fluss.keyed.dim SELECT id, concat('v', id) FROM range(5000)");
        fluss.sql("CREATE TABLE fluss.keyed.facts (id BIGINT, mark STRING)");
        fluss.sql(
                "INSERT INTO fluss.keyed.facts VALUES (7, 'x'), (4999, 'x'), (9999, 'x'), (8, 'y')");
        Dataset<Row> joined =
                fluss.sql(
                        "SELECT d.v FROM fluss.keyed.dim d JOIN fluss.keyed.facts f ON d.id = f.id"
                                + " WHERE f.mark = 'x'");

        assertThat(SparkOnFluss.rows(joined)).containsExactlyInAnyOrder("[v7]", "[v4999]");
        // All the cluster sent: rows of the keys, not the table.
        assertThat(scannedRows(joined)).isEqualTo(2);
    }

    @Test
    void readsTheChangelog() {
        fluss.sql(
                "CREATE TABLE fluss.keyed.changes (id BIGINT, v STRING, PRIMARY KEY (id))"
                        + " TBLPROPERTIES ('bucket.num' = '1')");
        fluss.sql("INSERT INTO fluss.keyed.changes VALUES (1, 'a')");
        fluss.sql("INSERT INTO fluss.keyed.changes VALUES (1, 'b')");
        fluss.sql("DELETE FROM fluss.keyed.changes WHERE id = 1");

        assertThat(
                        SparkOnFluss.rows(
                                fluss.session()
                                        .read()
                                        .option("read.changelog", "true")
                                        .table("fluss.keyed.changes")
                                        .selectExpr("_offset", "_change_type", "id", "v", "_bucket")
                                        .orderBy("_offset")))
                .containsExactly(
                        "[0,insert,1,a,0]",
                        "[1,update_before,1,a,0]",
                        "[2,update_after,1,b,0]",
                        "[3,delete,1,b,0]");
        assertThat(
                        SparkOnFluss.rows(
                                fluss.read("keyed.changes", "read.changelog", "true")
                                        .where("_change_type = 'delete'")
                                        .select("v")))
                .containsExactly("[b]");
    }

    @Test
    void refusesStatementsThatTheTableWouldMerge() {
        fluss.sql(
                "CREATE TABLE fluss.keyed.sums (k STRING, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES"
                        + " ('bucket.num' = '1', 'table.merge-engine' = 'aggregation',"
                        + " 'fields.n.agg' = 'sum')");
        fluss.sql("INSERT INTO fluss.keyed.sums VALUES ('a', 1), ('b', 5)");
        fluss.sql("INSERT INTO fluss.keyed.sums VALUES ('a', 2)");

        assertThat(fluss.rows("SELECT n FROM fluss.keyed.sums WHERE k = 'a'"))
                .containsExactly("[3]");
        fluss.sql(
                "INSERT INTO fluss.keyed.sums WITH ('write.merge-mode' = 'overwrite') VALUES ('b',"
                        + " 7)");
        assertThat(fluss.rows("SELECT n FROM fluss.keyed.sums WHERE k = 'b'"))
                .containsExactly("[7]");
        assertThatThrownBy(() -> fluss.sql("UPDATE fluss.keyed.sums SET n = 0 WHERE k = 'a'"))
                .hasStackTraceContaining("table.merge-engine = aggregation");
        assertThatThrownBy(() -> fluss.sql("DELETE FROM fluss.keyed.sums WHERE k = 'a'"))
                .hasStackTraceContaining("table.delete.behavior = ignore");
    }

    private static long scannedRows(Dataset<Row> data) {
        return Metrics.scannedRows(data.queryExecution().executedPlan(), "dim");
    }

    private static String plan(String query) {
        return fluss.sql("EXPLAIN FORMATTED " + query).collectAsList().toString();
    }
}
