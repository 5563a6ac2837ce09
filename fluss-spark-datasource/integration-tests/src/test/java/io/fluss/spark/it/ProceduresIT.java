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

import io.fluss.client.Connection;
import io.fluss.table.TablePath;
import io.fluss.tiering.spark.ServiceLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProceduresIT {
    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format", "iceberg",
                                "datalake.iceberg.type", "hadoop",
                                "datalake.iceberg.warehouse",
                                        dir.resolve("warehouse").toUri().toString()));
        fluss.sql("CREATE NAMESPACE fluss.p");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void tiersNowAlthoughTheTableIsNotDue() throws Exception {
        create("now");
        List<String> rounds = new CopyOnWriteArrayList<>();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection c = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()))) {
            ServiceLoop job = Tiering.service(fluss, c, rounds::add);
            CompletableFuture<?> running = CompletableFuture.supplyAsync(job::run, thread);
            try {
                for (int i = 1; i <= 2; i++) {
                    fluss.sql("INSERT INTO fluss.p.now VALUES (" + i + ")");

                    Row answer =
                            fluss.sql("CALL fluss.system.tier_now('p.now', '2 min')")
                                    .collectAsList()
                                    .get(0);

                    assertThat(answer.getString(0)).isEqualTo("p.now");
                    assertThat(answer.isNullAt(1)).isFalse();
                    assertThat(fluss.read("p.now", "read.mode", "lake").count()).isEqualTo(i);
                }
            } finally {
                job.stop();
                running.get(60, TimeUnit.SECONDS);
            }
        } finally {
            thread.shutdownNow();
        }
        assertThat(rounds).noneMatch(line -> line.contains("FAILED"));
    }

    @Test
    void saysWhatIsNotTieredInTime() {
        create("late");
        fluss.sql("INSERT INTO fluss.p.late VALUES (1)");

        assertThatThrownBy(
                        () ->
                                fluss.sql(
                                        "CALL fluss.system.tier_now(table => 'p.late', timeout => '1 s')"))
                .hasMessageContaining("p.late: after 1000 ms 1 buckets are not tiered")
                .hasMessageContaining("Is a tiering job running");
    }

    @Test
    void expiresWhatNobodyNeeds() throws Exception {
        create("old");
        for (int i = 0; i < 4; i++) {
            fluss.sql("INSERT INTO fluss.p.old VALUES (" + i + ")");
            Tiering.once(fluss, TablePath.of("p", "old"));
        }
        assertThat(fluss.rows("CALL fluss.system.expire_snapshots('p.old')"))
                .containsExactly("[p.old,0]");

        assertThat(
                        fluss.rows(
                                "CALL fluss.system.expire_snapshots(table => 'p.old', retain_last"
                                        + " => 2, reader_window => '0 s')"))
                .containsExactly("[p.old,2]");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.p.old")).containsExactly("[4]");
        Row status = fluss.sql("CALL fluss.system.tiering_status('p.old')").collectAsList().get(0);
        assertThat(status.<String>getAs("table")).isEqualTo("old");
        assertThat(status.<Long>getAs("lag_rows")).isZero();
    }

    @Test
    void makesFewFilesOfMany() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.p.small (id BIGINT, n INT, PRIMARY KEY (id)) TBLPROPERTIES"
                        + " ('bucket.num' = '1', 'table.datalake.enabled' = 'true',"
                        + " 'table.datalake.auto-compaction' = 'false')");
        for (int i = 0; i < 4; i++) {
            fluss.sql("INSERT INTO fluss.p.small SELECT id, " + i + " FROM range(" + i + ", 20)");
            Tiering.once(fluss, TablePath.of("p", "small"));
        }
        fluss.sql("DELETE FROM fluss.p.small WHERE id = 19");

        Row answer =
                fluss.sql("CALL fluss.system.compact(table => 'p.small', min_files => 2)")
                        .collectAsList()
                        .get(0);

        assertThat(answer.isNullAt(1)).as("nothing rewritten: " + answer).isFalse();
        assertThat(answer.getInt(2)).isEqualTo(1);
        assertThat(answer.getLong(3)).isPositive();
        String sums = "SELECT count(*), sum(n) FROM fluss.p.small";
        assertThat(fluss.rows(sums)).containsExactly("[19,51]");
        // What the compaction has made becomes readable with the next round.
        Tiering.once(fluss, TablePath.of("p", "small"));
        assertThat(fluss.rows(sums)).containsExactly("[19,51]");
        assertThat(fluss.read("p.small", "read.mode", "lake").count()).isEqualTo(19);
        assertThat(
                        fluss.sql("CALL fluss.system.compact('p.small')")
                                .collectAsList()
                                .get(0)
                                .isNullAt(1))
                .isTrue();
        assertThatThrownBy(() -> fluss.sql("CALL fluss.system.compact('p.small', 1)"))
                .hasMessageContaining("min_files = 1");
    }

    @Test
    void namesProceduresAndRefusesWhatIsNone() {
        assertThat(SparkOnFluss.rows(fluss.sql("SHOW PROCEDURES IN fluss.system")).toString())
                .contains("compact")
                .contains("expire_snapshots")
                .contains("tier_now");
        fluss.sql("CREATE TABLE fluss.p.plain (id BIGINT)");
        assertThatThrownBy(() -> fluss.sql("CALL fluss.system.tier_now('p.plain')"))
                .hasMessageContaining("p.plain has no lake");
        assertThatThrownBy(() -> fluss.sql("CALL fluss.system.tier_now('plain')"))
                .hasMessageContaining("database.table");
        assertThatThrownBy(() -> fluss.sql("CALL fluss.system.nothing('p.plain')"))
                .hasStackTraceContaining("system.tier_now");
        create("wrong");
        assertThatThrownBy(
                        () -> fluss.sql("CALL fluss.system.expire_snapshots('p.wrong', 'soon', 1)"))
                .hasMessageContaining("reader_window");
    }

    private static void create(String table) {
        fluss.sql(
                "CREATE TABLE fluss.p."
                        + table
                        + " (id BIGINT) TBLPROPERTIES ('bucket.num' = '1',"
                        + " 'table.datalake.enabled' = 'true', 'table.datalake.freshness' = '1 h')");
    }
}
