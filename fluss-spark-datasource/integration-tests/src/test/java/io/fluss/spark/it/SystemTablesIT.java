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

/** The tables that show the state of the cluster. */
class SystemTablesIT {
    @TempDir static Path dir;
    private static SparkOnFluss fluss;

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
                                dir.resolve("lake").toString()));
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.lake");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void tieringOfEachTableIsARow() throws Exception {
        assertThat(fluss.rows("SELECT * FROM fluss.sys.tiering")).isEmpty();
        assertThat(fluss.rows("SHOW NAMESPACES IN fluss")).containsOnlyOnce("[sys]");
        assertThat(fluss.rows("SHOW TABLES IN fluss.sys")).containsExactly("[sys,tiering,false]");
        fluss.sql(
                "CREATE TABLE fluss.lake.t (id BIGINT) TBLPROPERTIES ('bucket.num' = '2',"
                        + " 'table.datalake.enabled' = 'true',"
                        + " 'table.datalake.freshness' = '1 h')");
        fluss.sql("INSERT INTO fluss.lake.t SELECT id FROM range(5)");

        assertThat(
                        fluss.rows(
                                "SELECT database, table, state, lag_rows, lag_seconds < 600,"
                                        + " lake_snapshot, freshness_seconds, failures_in_row,"
                                        + " size(rounds), why LIKE 'its freshness of 1 h passes in %'"
                                        + " FROM fluss.sys.tiering"))
                .containsExactly("[lake,t,scheduled,5,true,null,3600.0,0,0,true]");
        assertThat(
                        fluss.rows(
                                "SELECT b.bucket, b.tiered_to, b.lag_rows = b.end FROM (SELECT"
                                        + " explode(buckets) AS b FROM fluss.sys.tiering) ORDER BY"
                                        + " b.bucket"))
                .containsExactly("[0,null,true]", "[1,null,true]");
    }

    @Test
    void nothingElseIsThere() {
        assertThatThrownBy(() -> fluss.sql("SELECT * FROM fluss.sys.more"))
                .hasMessageContaining("TABLE_OR_VIEW_NOT_FOUND");
        assertThatThrownBy(() -> fluss.sql("INSERT INTO fluss.sys.tiering VALUES (1)"))
                .hasMessageContaining("tiering");
    }
}
