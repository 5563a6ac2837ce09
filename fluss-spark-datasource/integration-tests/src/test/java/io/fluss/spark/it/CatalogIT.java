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

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogIT {
    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss = SparkOnFluss.start(dir, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void createsListsAndDropsDatabases() {
        fluss.sql(
                "CREATE NAMESPACE fluss.shop COMMENT 'what is sold' WITH DBPROPERTIES"
                        + " (owner_team='a')");

        assertThat(fluss.rows("SHOW NAMESPACES IN fluss")).contains("[shop]");
        assertThat(fluss.rows("DESCRIBE NAMESPACE EXTENDED fluss.shop").toString())
                .contains("what is sold")
                .contains("owner_team");
        assertThatThrownBy(() -> fluss.sql("CREATE NAMESPACE fluss.shop"))
                .hasMessageContaining("SCHEMA_ALREADY_EXISTS");

        fluss.sql("CREATE TABLE fluss.shop.t (a INT)");
        assertThatThrownBy(() -> fluss.sql("DROP NAMESPACE fluss.shop RESTRICT"))
                .hasMessageContaining("SCHEMA_NOT_EMPTY");
        fluss.sql("DROP NAMESPACE fluss.shop CASCADE");
        assertThat(fluss.rows("SHOW NAMESPACES IN fluss")).doesNotContain("[shop]");
        assertThatThrownBy(() -> fluss.sql("SHOW TABLES IN fluss.shop"))
                .hasMessageContaining("SCHEMA_NOT_FOUND");
    }

    @Test
    void createsDescribesAndDropsTables() {
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.ddl");
        fluss.sql(
                """
                CREATE TABLE fluss.ddl.orders (
                  id BIGINT NOT NULL COMMENT 'number of the order',
                  name STRING,
                  price DECIMAL(10, 2),
                  at TIMESTAMP,
                  tags ARRAY<STRING>)
                COMMENT 'orders of the shop'
                PARTITIONED BY (bucket(3, id))
                TBLPROPERTIES ('table.log.ttl' = '2d', 'colour' = 'blue')
                """);

        assertThat(fluss.rows("SHOW TABLES IN fluss.ddl").toString()).contains("orders");
        String described = fluss.rows("DESCRIBE EXTENDED fluss.ddl.orders").toString();
        assertThat(described)
                .contains("[id,bigint,number of the order]")
                .contains("[price,decimal(10,2),")
                .contains("[at,timestamp,")
                .contains("[tags,array<string>,")
                .contains("orders of the shop")
                .contains("bucket(3, id)")
                .contains("table.log.ttl=2d")
                .contains("colour=blue")
                .contains("bucket.key=id");
        assertThatThrownBy(() -> fluss.sql("CREATE TABLE fluss.ddl.orders (id INT)"))
                .hasMessageContaining("TABLE_OR_VIEW_ALREADY_EXISTS");

        fluss.sql("DROP TABLE fluss.ddl.orders");
        fluss.sql("DROP TABLE IF EXISTS fluss.ddl.orders");
        assertThatThrownBy(() -> fluss.sql("SELECT * FROM fluss.ddl.orders"))
                .hasMessageContaining("TABLE_OR_VIEW_NOT_FOUND");
    }

    @Test
    void altersTables() {
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.altered");
        fluss.sql("CREATE TABLE fluss.altered.t (id INT) TBLPROPERTIES ('bucket.num' = '1')");
        fluss.sql("INSERT INTO fluss.altered.t VALUES (1)");

        fluss.sql("ALTER TABLE fluss.altered.t ADD COLUMNS (name STRING COMMENT 'who', n INT)");
        fluss.sql("INSERT INTO fluss.altered.t VALUES (2, 'b', 3)");
        fluss.sql(
                "ALTER TABLE fluss.altered.t SET TBLPROPERTIES ('table.log.ttl' = '3d', 'colour' ="
                        + " 'red')");

        assertThat(fluss.rows("SELECT * FROM fluss.altered.t ORDER BY id"))
                .containsExactly("[1,null,null]", "[2,b,3]");
        assertThat(fluss.rows("DESCRIBE fluss.altered.t").toString()).contains("[name,string,who]");
        assertThat(fluss.rows("SHOW TBLPROPERTIES fluss.altered.t"))
                .contains("[table.log.ttl,3d]", "[colour,red]");
        fluss.sql("ALTER TABLE fluss.altered.t UNSET TBLPROPERTIES ('colour')");
        assertThat(fluss.rows("SHOW TBLPROPERTIES fluss.altered.t")).doesNotContain("[colour,red]");

        refusesToAlter("SET TBLPROPERTIES ('bucket.num' = '2')", "'bucket.num' cannot be changed");
        refusesToAlter("SET TBLPROPERTIES ('table.log.format' = 'INDEXED')", "table.log.format");
        refusesToAlter("ADD COLUMN x INT NOT NULL", "'x' cannot be NOT NULL");
        refusesToAlter("ADD COLUMN x INT FIRST", "at the end");
        refusesToAlter("RENAME COLUMN name TO x", "RenameColumn is not supported");
        refusesToAlter("ALTER COLUMN n TYPE BIGINT", "UpdateColumnType is not supported");
    }

    private static void refusesToAlter(String change, String message) {
        assertThatThrownBy(() -> fluss.sql("ALTER TABLE fluss.altered.t " + change))
                .hasMessageContaining(message);
    }

    @Test
    void addsListsAndDropsPartitions() {
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.parts");
        fluss.sql(
                "CREATE TABLE fluss.parts.t (id BIGINT, day STRING, h INT) PARTITIONED BY (day, h)"
                        + " TBLPROPERTIES ('bucket.num' = '1')");

        fluss.sql("ALTER TABLE fluss.parts.t ADD PARTITION (day = '20240101', h = 1)");
        fluss.sql("ALTER TABLE fluss.parts.t ADD PARTITION (day = '20240101', h = 2)");
        fluss.sql(
                "ALTER TABLE fluss.parts.t ADD IF NOT EXISTS PARTITION (day = '20240101', h = 2)");
        fluss.sql("INSERT INTO fluss.parts.t VALUES (1, '20240102', 1)");

        assertThat(fluss.rows("SHOW PARTITIONS fluss.parts.t"))
                .containsExactlyInAnyOrder(
                        "[day=20240101/h=1]", "[day=20240101/h=2]", "[day=20240102/h=1]");
        assertThat(fluss.rows("SHOW PARTITIONS fluss.parts.t PARTITION (h = 1)"))
                .containsExactlyInAnyOrder("[day=20240101/h=1]", "[day=20240102/h=1]");
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "ALTER TABLE fluss.parts.t ADD PARTITION (day = '20240101',"
                                                + " h = 2)"))
                .hasMessageContaining("PARTITIONS_ALREADY_EXIST");
        fluss.sql("ALTER TABLE fluss.parts.t DROP PARTITION (day = '20240102', h = 1)");
        assertThat(fluss.rows("SELECT * FROM fluss.parts.t")).isEmpty();
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "ALTER TABLE fluss.parts.t DROP PARTITION (day ="
                                                + " '20240102', h = 1)"))
                .hasMessageContaining("NOT_FOUND");
        fluss.sql("ALTER TABLE fluss.parts.t DROP IF EXISTS PARTITION (day = '20240102', h = 1)");
        assertThatThrownBy(() -> fluss.sql("ALTER TABLE fluss.parts.t ADD PARTITION (day = 'a')"))
                .hasMessageContaining("h");
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "ALTER TABLE fluss.parts.t ADD PARTITION (day = 'a', h = 1)"
                                                + " LOCATION '/x'"))
                .hasMessageContaining("LOCATION");
    }

    @Test
    void takesEveryWayToDeclareBuckets() {
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.buckets");
        fluss.sql(
                "CREATE TABLE fluss.buckets.a (id BIGINT NOT NULL, v STRING) USING fluss CLUSTERED"
                        + " BY (id) INTO 5 BUCKETS");
        fluss.sql(
                "CREATE TABLE fluss.buckets.b (id BIGINT NOT NULL, v STRING) USING fluss"
                        + " TBLPROPERTIES ('bucket.num' = '5', 'bucket.key' = 'id')");

        for (String table : new String[] {"a", "b"}) {
            assertThat(fluss.rows("SHOW TBLPROPERTIES fluss.buckets." + table))
                    .contains("[bucket.num,5]", "[bucket.key,id]");
        }
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "CREATE TABLE fluss.buckets.c (id BIGINT) USING fluss"
                                                + " CLUSTERED BY (id) SORTED BY (id) INTO 2 BUCKETS"))
                .hasMessageContaining("sorted_bucket");
        assertThatThrownBy(
                        () -> fluss.sql("CREATE TABLE fluss.buckets.c (id BIGINT) USING parquet"))
                .hasMessageContaining("USING parquet");
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "CREATE TABLE fluss.buckets.c (id BIGINT) TBLPROPERTIES"
                                                + " ('table.no.such' = '1')"))
                .hasMessageContaining("table.no.such");
    }

    @Test
    void refusesWhatTheClusterCannotDo() {
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.refused");
        fluss.sql("CREATE TABLE fluss.refused.t (a INT)");

        assertThatThrownBy(() -> fluss.sql("CREATE TABLE fluss.refused.u (a INTERVAL DAY)"))
                .hasMessageContaining("column 'a'")
                .hasMessageContaining("INTERVAL DAY");
        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "CREATE TABLE fluss.refused.u (a TIMESTAMP)"
                                                + " PARTITIONED BY (days(a))"))
                .hasMessageContaining("days(a)");
        assertThatThrownBy(() -> fluss.sql("ALTER TABLE fluss.refused.t RENAME TO fluss.refused.v"))
                .hasMessageContaining("cannot be renamed");
        assertThatThrownBy(() -> fluss.sql("ALTER TABLE fluss.refused.t DROP COLUMN a"))
                .hasMessageContaining(
                        "ALTER TABLE refused.t: change DeleteColumn is not supported");
        assertThatThrownBy(() -> fluss.sql("INSERT OVERWRITE fluss.refused.t VALUES (1)"))
                .hasMessageContaining("refused.t");
        assertThatThrownBy(() -> fluss.sql("TRUNCATE TABLE fluss.refused.t"))
                .hasMessageContaining("refused.t");
    }
}
