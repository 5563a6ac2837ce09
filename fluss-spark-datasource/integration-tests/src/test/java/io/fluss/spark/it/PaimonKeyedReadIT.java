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

import io.fluss.client.Connection;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.table.TablePath;
import io.fluss.tiering.TieringJob;
import io.fluss.tiering.spark.ServiceLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.paimon.catalog.Catalog;
import org.apache.paimon.catalog.CatalogContext;
import org.apache.paimon.catalog.CatalogFactory;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.disk.IOManager;
import org.apache.paimon.manifest.BucketEntry;
import org.apache.paimon.options.Options;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.sink.TableCommitImpl;
import org.apache.paimon.table.sink.TableWriteImpl;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables with a primary key whose older rows are in Paimon, put there by the tiering job. */
@SuppressWarnings("try")
class PaimonKeyedReadIT {
    @TempDir static Path dir;
    private static SparkOnFluss fluss;
    private static Connection connection;
    private static long compactions;
    private static long compacted;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format",
                                "paimon",
                                "datalake.paimon.warehouse",
                                warehouse()));
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.lake");
        connection = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()));
    }

    private static String warehouse() {
        return dir.resolve("warehouse").toUri().toString();
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        fluss.close();
    }

    @Test
    void everyKeyIsThereOnceAndAsOfItsLastChange() {
        create("t", "id INT NOT NULL, s STRING, n BIGINT", "id", "", "");
        fluss.sql("INSERT INTO fluss.lake.t SELECT id, concat('a', id), id FROM range(100)");
        tier();
        assertThat(rows("t", "lake")).hasSize(100);
        fluss.sql("INSERT INTO fluss.lake.t SELECT id, concat('b', id), -id FROM range(50, 120)");
        fluss.sql("DELETE FROM fluss.lake.t WHERE id IN (0, 60, 119)");
        List<String> wanted =
                fluss.rows(
                        "SELECT CAST(id AS INT), concat(if(id < 50, 'a', 'b'), id), if(id < 50, id,"
                                + " -id) FROM range(120) WHERE id NOT IN (0, 60, 119) ORDER BY id");
        assertThat(rows("t", "union")).isEqualTo(wanted);
        assertThat(rows("t", "lake")).hasSize(100);
        tier();
        assertThat(rows("t", "union")).isEqualTo(wanted);
        assertThat(rows("t", "lake")).isEqualTo(wanted);
        assertThat(fluss.rows("SELECT count(*) FROM fluss.lake.t")).containsExactly("[117]");
        assertThat(fluss.read("lake.t", "read.mode", "lake").count()).isEqualTo(117);
        assertThat(fluss.rows("SELECT count(*), sum(n) FROM fluss.lake.t WHERE id >= 50"))
                .containsExactly(
                        fluss.rows(
                                        "SELECT count(*), sum(-id) FROM range(50, 120) WHERE id NOT"
                                                + " IN (60, 119)")
                                .get(0));
    }

    @Test
    void rowsThatAreNotCompactedYetComeFromTheLog() throws Exception {
        create(
                "dv",
                "id INT NOT NULL, s STRING, n BIGINT",
                "id",
                "",
                ", 'paimon.deletion-vectors.enabled' = 'true'");
        fluss.sql("INSERT INTO fluss.lake.dv SELECT id, concat('a', id), id FROM range(100)");
        tier();
        List<String> first =
                fluss.rows("SELECT CAST(id AS INT), concat('a', id), id FROM range(100)");
        assertThat(readable("dv")).isEmpty();
        assertThat(rows("dv", "union")).isEqualTo(first);

        compact("dv");
        assertThat(rows("dv", "union")).isEqualTo(first);
        awaitShown("dv");
        LakeSnapshot shown = readable("dv").orElseThrow();
        assertThat(shown.endOffsets().values()).allSatisfy(o -> assertThat(o).isPositive());
        assertThat(shown.endOffsets().values().stream().mapToLong(o -> o).sum()).isEqualTo(100);
        assertThat(rows("dv", "union")).isEqualTo(first);
        assertThat(rows("dv", "lake")).isEqualTo(first);

        fluss.sql("INSERT INTO fluss.lake.dv SELECT id, concat('b', id), -id FROM range(50, 120)");
        fluss.sql("DELETE FROM fluss.lake.dv WHERE id IN (0, 60, 119)");
        List<String> wanted =
                fluss.rows(
                        "SELECT CAST(id AS INT), concat(if(id < 50, 'a', 'b'), id), if(id < 50, id,"
                                + " -id) FROM range(120) WHERE id NOT IN (0, 60, 119) ORDER BY id");
        assertThat(rows("dv", "union")).isEqualTo(wanted);
        tier();
        // Tiered, but readers of the lake do not see it: they go on from where they are.
        assertThat(readable("dv")).contains(shown);
        assertThat(latest("dv").snapshotId()).isGreaterThan(shown.snapshotId());
        assertThat(rows("dv", "lake")).isEqualTo(first);
        assertThat(rows("dv", "union")).isEqualTo(wanted);

        compact("dv");
        assertThat(rows("dv", "lake")).isEqualTo(first);
        assertThat(rows("dv", "union")).isEqualTo(wanted);
        awaitShown("dv");
        assertThat(readable("dv").orElseThrow().endOffsets()).isEqualTo(latest("dv").endOffsets());
        assertThat(rows("dv", "lake")).isEqualTo(wanted);
        assertThat(rows("dv", "union")).isEqualTo(wanted);

        fluss.sql("DELETE FROM fluss.lake.dv WHERE id < 100");
        tier();
        assertThat(rows("dv", "union")).hasSize(19);
        assertThat(fluss.rows("SELECT count(*), min(id) FROM fluss.lake.dv WHERE id > 50"))
                .containsExactly("[19,100]");
    }

    private static List<String> rows(String table, String mode) {
        return SparkOnFluss.rows(
                fluss.read("lake." + table, "read.mode", mode)
                        .select("id", "s", "n")
                        .orderBy("id"));
    }

    private static Optional<LakeSnapshot> readable(String table) throws Exception {
        return connection
                .admin()
                .readableLakeSnapshot(TablePath.of("lake", table))
                .get(30, TimeUnit.SECONDS);
    }

    private static LakeSnapshot latest(String table) throws Exception {
        return connection
                .admin()
                .latestLakeSnapshot(TablePath.of("lake", table))
                .get(30, TimeUnit.SECONDS)
                .orElseThrow();
    }

    /** Runs a service, which has nothing to copy, until readers have what was compacted. */
    private static void awaitShown(String table) throws Exception {
        long newest = compacted;
        CompletableFuture<Void> shown = new CompletableFuture<>();
        ServiceLoop service =
                Tiering.service(
                        fluss,
                        connection,
                        line -> {
                            try {
                                if (readable(table)
                                        .filter(s -> s.snapshotId() == newest)
                                        .isPresent()) {
                                    shown.complete(null);
                                }
                            } catch (Exception e) {
                                shown.completeExceptionally(e);
                            }
                        });
        CompletableFuture<?> run = CompletableFuture.supplyAsync(service::run);
        try {
            shown.get(60, TimeUnit.SECONDS);
        } finally {
            service.stop();
            run.get(60, TimeUnit.SECONDS);
        }
    }

    /** As a compaction job of Paimon would do it. */
    private static void compact(String name) throws Exception {
        try (Catalog catalog =
                CatalogFactory.createCatalog(
                        CatalogContext.create(Options.fromMap(Map.of("warehouse", warehouse()))))) {
            FileStoreTable table =
                    ((FileStoreTable) catalog.getTable(Identifier.create("lake", name)))
                            .copy(Map.of("write-only", "false"));
            try (IOManager spill = IOManager.create(dir.resolve("spill").toString());
                    TableWriteImpl<?> write = table.newWrite("compactor");
                    TableCommitImpl commit = table.newCommit("compactor")) {
                write.withIOManager(spill);
                for (BucketEntry b : table.newSnapshotReader().bucketEntries()) {
                    write.compact(b.partition(), b.bucket(), true);
                }
                compactions++;
                commit.commit(compactions, write.prepareCommit(true, compactions));
                compacted = table.snapshotManager().latestSnapshotId();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void randomChangesEqualAMap(String compacts, boolean hasVectors) throws Exception {
        String table = "random_" + compacts + "_" + hasVectors;
        create(
                table,
                "region STRING NOT NULL, id INT NOT NULL, s STRING",
                "region, id",
                " PARTITIONED BY (region)",
                ", 'table.datalake.auto-compaction' = '"
                        + compacts
                        + "', 'paimon.num-sorted-run.compaction-trigger' = '2',"
                        + " 'paimon.deletion-vectors.enabled' = '"
                        + hasVectors
                        + "'");
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
        for (int round = 0; round < 7; round++) {
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
            check(table, "union", model);
            if (round % 3 < 2) {
                tier();
                check(table, "union", model);
                if (hasVectors && compacts.equals("false") && round > 0) {
                    compact(table);
                    check(table, "union", model);
                    if (round == 3) {
                        // The next round tells of it.
                        continue;
                    }
                    awaitShown(table);
                    check(table, "union", model);
                }
                if (round > 0 || !hasVectors) {
                    check(table, "lake", model);
                }
            }
        }
    }

    private static void check(String table, String mode, TreeMap<String, String> model) {
        assertThat(
                        SparkOnFluss.rows(
                                fluss.read("lake." + table, "read.mode", mode)
                                        .select("region", "id", "s")))
                .as("%s of %s", mode, table)
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
                        + "', 'table.datalake.enabled' = 'true', 'table.datalake.freshness' ="
                        + " '1 s'"
                        + options
                        + ")");
    }

    private static void tier() {
        assertThat(TieringJob.run("--bootstrap", fluss.bootstrap(), "--once")).isZero();
    }
}
