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
package io.fluss.published.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.TablePath;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Flink SQL through the published connector, without a lake. */
@Timeout(300)
@Execution(ExecutionMode.CONCURRENT)
class FlinkSqlIT {
    @TempDir static Path directory;
    private static Cluster cluster;
    private static Flink shared;
    private final Flink flink;

    FlinkSqlIT() throws Exception {
        flink = shared.session();
    }

    @BeforeAll
    static void start() throws Exception {
        cluster = Cluster.start(directory, "datalake.enabled=false", "kv.snapshot.interval=1 s");
        shared = Flink.start(cluster.bootstrap());
        shared.run("CREATE DATABASE it");
    }

    @AfterAll
    static void stop() throws Exception {
        shared.close();
        cluster.close();
    }

    @Test
    void catalogShowsDatabasesAndTables() throws Exception {
        flink.run("CREATE TABLE it.shown (a INT, b STRING) WITH ('bucket.num' = '2')");
        assertThat(flink.rows("SHOW DATABASES")).contains("+I[it]", "+I[fluss]");
        flink.run("USE it");
        assertThat(flink.rows("SHOW TABLES")).contains("+I[shown]");
        assertThat(flink.rows("DESCRIBE it.shown")).hasSize(2);
        assertThat(flink.rows("SHOW CREATE TABLE it.shown").toString()).contains("bucket.num");
        flink.run("ALTER TABLE it.shown SET ('table.log.ttl' = '2 d')");
        flink.run("DROP TABLE it.shown");
        assertThat(flink.rows("SHOW TABLES")).doesNotContain("+I[shown]");
    }

    @Test
    void logTableIsWrittenAndStreamed() throws Exception {
        flink.run(
                "CREATE TABLE it.log (id BIGINT, name STRING, price DECIMAL(10, 2),"
                        + " local_ TIMESTAMP(3), instant_ TIMESTAMP_LTZ(6), d DATE, ok BOOLEAN, f DOUBLE)"
                        + " WITH ('bucket.num' = '3')");
        flink.run(
                "INSERT INTO it.log VALUES (1, 'a', 1.25, TIMESTAMP '2026-01-01 00:00:00.123',"
                        + " CAST(TIMESTAMP '2026-01-01 00:00:00.123456' AS TIMESTAMP_LTZ(6)), DATE"
                        + " '2026-01-02', TRUE, 1.5), (2, CAST(NULL AS STRING), CAST(NULL AS"
                        + " DECIMAL(10, 2)), CAST(NULL AS TIMESTAMP(3)), CAST(NULL AS"
                        + " TIMESTAMP_LTZ(6)), CAST(NULL AS DATE), CAST(NULL AS BOOLEAN), CAST(NULL"
                        + " AS DOUBLE))");
        assertThat(flink.first(2, "SELECT * FROM it.log"))
                .containsExactlyInAnyOrder(
                        "+I[1, a, 1.25, 2026-01-01T00:00:00.123, 2026-01-01T00:00:00.123456Z,"
                                + " 2026-01-02, true, 1.5]",
                        "+I[2, null, null, null, null, null, null, null]");
        assertThat(flink.first(1, "SELECT name FROM it.log WHERE id = 1")).containsExactly("+I[a]");
        assertThat(flink.rows("SELECT id FROM it.log LIMIT 10")).containsExactly("+I[1]", "+I[2]");
        assertThat(flink.rows("SELECT COUNT(*) FROM it.log")).containsExactly("+I[2]");
    }

    @Test
    void primaryKeyTableIsUpsertedReadAndStreamed() throws Exception {
        flink.run(
                "CREATE TABLE it.pk (id INT, name STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED)"
                        + " WITH ('bucket.num' = '1')");
        flink.run("INSERT INTO it.pk VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)");
        flink.run("INSERT INTO it.pk VALUES (2, 'bb', 21)");
        assertThat(flink.rows("SELECT * FROM it.pk WHERE id = 2")).containsExactly("+I[2, bb, 21]");
        assertThat(flink.rows("SELECT * FROM it.pk LIMIT 5"))
                .containsExactly("+I[1, a, 10]", "+I[2, bb, 21]", "+I[3, c, 30]");
        flink.run("INSERT INTO it.pk (id, n) VALUES (1, 11)");
        flink.run("UPDATE it.pk SET name = 'cc' WHERE id = 3");
        flink.run("DELETE FROM it.pk WHERE id = 2");
        assertThat(flink.rows("SELECT * FROM it.pk LIMIT 5"))
                .containsExactly("+I[1, a, 11]", "+I[3, cc, 30]");
        assertThat(
                        flink.first(
                                8,
                                "SELECT * FROM it.pk /*+ OPTIONS('scan.startup.mode' ="
                                        + " 'earliest') */"))
                .containsExactly(
                        "+I[1, a, 10]",
                        "+I[2, b, 20]",
                        "+I[3, c, 30]",
                        "-U[2, b, 20]",
                        "+U[2, bb, 21]",
                        "-U[1, a, 10]",
                        "+U[1, a, 11]",
                        "-U[3, c, 30]");
        awaitSnapshot("pk");
        flink.settle("SELECT * FROM it.pk", List.of("[1, a, 11]", "[3, cc, 30]"));
        flink.run("INSERT INTO it.pk VALUES (4, 'd', 40)");
        flink.settle("SELECT * FROM it.pk", List.of("[1, a, 11]", "[3, cc, 30]", "[4, d, 40]"));
    }

    @Test
    void lookupJoinFindsRows() throws Exception {
        flink.run(
                "CREATE TABLE it.dimension (id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED)"
                        + " WITH ('bucket.num' = '2')");
        flink.run("CREATE TABLE it.facts (k INT, v STRING) WITH ('bucket.num' = '1')");
        flink.runTogether(
                List.of(
                        "INSERT INTO it.dimension VALUES (1, 'one'), (2, 'two')",
                        "INSERT INTO it.facts VALUES (1, 'x'), (2, 'y'), (9, 'z')"));
        flink.streamView("CREATE TEMPORARY VIEW timed AS SELECT *, PROCTIME() AS pt FROM it.facts");
        assertThat(
                        flink.first(
                                3,
                                "SELECT k, v, name FROM timed LEFT JOIN it.dimension FOR"
                                        + " SYSTEM_TIME AS OF timed.pt ON k = id"))
                .containsExactlyInAnyOrder("+I[1, x, one]", "+I[2, y, two]", "+I[9, z, null]");
    }

    @Test
    void partitionedTablesAreWrittenAndRead() throws Exception {
        flink.run(
                "CREATE TABLE it.parted (id INT, day_ STRING, v STRING, PRIMARY KEY (id, day_) NOT"
                        + " ENFORCED) PARTITIONED BY (day_) WITH ('bucket.num' = '1')");
        flink.run("ALTER TABLE it.parted ADD PARTITION (day_ = 'mon')");
        flink.run("ALTER TABLE it.parted ADD PARTITION (day_ = 'tue')");
        assertThat(flink.rows("SHOW PARTITIONS it.parted"))
                .containsExactly("+I[day_=mon]", "+I[day_=tue]");
        flink.run("INSERT INTO it.parted VALUES (1, 'mon', 'a'), (1, 'tue', 'b'), (2, 'tue', 'c')");
        assertThat(flink.rows("SELECT * FROM it.parted WHERE id = 1 AND day_ = 'tue'"))
                .containsExactly("+I[1, tue, b]");
        assertThat(flink.first(2, "SELECT id, v FROM it.parted WHERE day_ = 'tue'"))
                .containsExactlyInAnyOrder("+I[1, b]", "+I[2, c]");
        flink.run("ALTER TABLE it.parted DROP PARTITION (day_ = 'mon')");
        assertThat(flink.rows("SHOW PARTITIONS it.parted")).containsExactly("+I[day_=tue]");
    }

    /** Waits for a snapshot of the only bucket, from which the connector then begins. */
    private static void awaitSnapshot(String table) throws Exception {
        Configuration configuration = new Configuration();
        configuration.setString("bootstrap.servers", cluster.bootstrap());
        try (Connection connection = ConnectionFactory.createConnection(configuration);
                Admin admin = connection.getAdmin()) {
            TablePath path = TablePath.of("it", table);
            while (admin.getLatestKvSnapshots(path).get().getSnapshotId(0).isEmpty()) {
                boolean ignored = new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
            }
        }
    }
}
