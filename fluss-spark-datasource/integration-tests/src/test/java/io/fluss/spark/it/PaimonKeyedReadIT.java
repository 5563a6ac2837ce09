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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables with a primary key whose older rows are in Paimon, put there by the tiering job. */
class PaimonKeyedReadIT {
    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format",
                                "paimon",
                                "datalake.paimon.warehouse",
                                dir.resolve("warehouse").toUri().toString()));
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.lake");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void everyKeyIsThereOnceAndAsOfItsLastChange() {
        create("t", "id INT NOT NULL, s STRING, n BIGINT", "id", "", "");
        fluss.sql("INSERT INTO fluss.lake.t SELECT id, concat('a', id), id FROM range(100)");
        tier();
        assertThat(rows("lake")).hasSize(100);
        fluss.sql("INSERT INTO fluss.lake.t SELECT id, concat('b', id), -id FROM range(50, 120)");
        fluss.sql("DELETE FROM fluss.lake.t WHERE id IN (0, 60, 119)");
        List<String> wanted =
                fluss.rows(
                        "SELECT CAST(id AS INT), concat(if(id < 50, 'a', 'b'), id), if(id < 50, id,"
                                + " -id) FROM range(120) WHERE id NOT IN (0, 60, 119) ORDER BY id");
        assertThat(rows("union")).isEqualTo(wanted);
        assertThat(rows("lake")).hasSize(100);
        tier();
        assertThat(rows("union")).isEqualTo(wanted);
        assertThat(rows("lake")).isEqualTo(wanted);
        assertThat(fluss.rows("SELECT count(*), sum(n) FROM fluss.lake.t WHERE id >= 50"))
                .containsExactly(
                        fluss.rows(
                                        "SELECT count(*), sum(-id) FROM range(50, 120) WHERE id NOT"
                                                + " IN (60, 119)")
                                .get(0));
    }

    private static List<String> rows(String mode) {
        return SparkOnFluss.rows(
                fluss.read("lake.t", "read.mode", mode).select("id", "s", "n").orderBy("id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "true"})
    void randomChangesEqualAMap(String compacts) {
        String table = "random_" + compacts;
        create(
                table,
                "region STRING NOT NULL, id INT NOT NULL, s STRING",
                "region, id",
                " PARTITIONED BY (region)",
                ", 'table.datalake.auto-compaction' = '"
                        + compacts
                        + "', 'paimon.num-sorted-run.compaction-trigger' = '2'");
        for (String region : List.of("eu", "us")) {
            fluss.sql(
                    "ALTER TABLE fluss.lake."
                            + table
                            + " ADD PARTITION (region = '"
                            + region
                            + "')");
        }
        Random random = new Random(3);
        TreeMap<String, String> model = new TreeMap<>();
        for (int round = 0; round < 5; round++) {
            TreeMap<String, String> changes = new TreeMap<>();
            for (int i = 0; i < 20; i++) {
                String key = (random.nextBoolean() ? "eu" : "us") + "," + random.nextInt(25);
                changes.put(key, "r" + round + "-" + i);
            }
            fluss.sql(
                    "INSERT INTO fluss.lake."
                            + table
                            + " VALUES "
                            + changes.entrySet().stream()
                                    .map(
                                            e ->
                                                    "('"
                                                            + e.getKey().replace(",", "', ")
                                                            + ", '"
                                                            + e.getValue()
                                                            + "')")
                                    .collect(Collectors.joining(", ")));
            model.putAll(changes);
            int gone = random.nextInt(25);
            fluss.sql("DELETE FROM fluss.lake." + table + " WHERE id = " + gone);
            Stream.of("eu,", "us,").forEach(r -> model.remove(r + gone));
            check(table, model);
            if (round % 2 == 0) {
                tier();
                check(table, model);
            }
        }
    }

    private static void check(String table, TreeMap<String, String> model) {
        assertThat(fluss.rows("SELECT region, id, s FROM fluss.lake." + table))
                .containsExactlyInAnyOrderElementsOf(
                        model.entrySet().stream()
                                .map(e -> "[" + e.getKey() + "," + e.getValue() + "]")
                                .toList());
    }

    private static void create(
            String table, String columns, String key, String partitioning, String options) {
        fluss.sql(
                "CREATE TABLE fluss.lake."
                        + table
                        + " ("
                        + columns
                        + ")"
                        + partitioning
                        + " TBLPROPERTIES ('bucket.num' = '2', 'primary.key' = '"
                        + key.replace(" ", "")
                        + "', 'table.datalake.enabled' = 'true'"
                        + options
                        + ")");
    }

    private static void tier() {
        assertThat(TieringJob.run("--bootstrap", fluss.bootstrap(), "--once")).isZero();
    }
}
