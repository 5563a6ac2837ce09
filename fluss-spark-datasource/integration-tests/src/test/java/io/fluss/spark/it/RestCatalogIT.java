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
import io.fluss.errors.FlussException;
import io.fluss.spark.it.RestProxy.Fault;
import io.fluss.table.TablePath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.sql.RuntimeConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A lake in a REST catalog: the server of Iceberg's reference image behind a gateway that asks for
 * a token. What the lake holds is read by Iceberg's own catalog for Spark.
 */
@Timeout(300)
class RestCatalogIT {
    private static final String TOKEN = "token-of-the-test";
    private static final Map<String, String> WITH_TOKEN = Map.of("iceberg.token", TOKEN);

    @TempDir static Path dir;
    private static RestCatalogServer server;
    private static RestProxy gateway;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        server = RestCatalogServer.start(dir.resolve("rest"));
        gateway = RestProxy.start(server.address(), TOKEN);
        Map<String, String> lake = new HashMap<>();
        lake.put("datalake.format", "iceberg");
        lake.put("datalake.iceberg.type", "rest");
        lake.put("datalake.iceberg.uri", gateway.uri());
        lake.put("datalake.iceberg.warehouse", "warehouse-of-the-test");
        lake.put("datalake.iceberg.token", TOKEN);
        lake.put("datalake.iceberg.header.X-Of-The-Test", "yes");
        fluss = SparkOnFluss.start(dir.resolve("cluster"), lake);
        RuntimeConfig conf = fluss.session().conf();
        conf.set("spark.sql.catalog.fluss.datalake.iceberg.token", TOKEN);
        conf.set("spark.sql.catalog.stock", "org.apache.iceberg.spark.SparkCatalog");
        conf.set("spark.sql.catalog.stock.type", "rest");
        conf.set("spark.sql.catalog.stock.uri", gateway.uri());
        conf.set("spark.sql.catalog.stock.token", TOKEN);
        conf.set("spark.sql.catalog.stock.cache-enabled", "false");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
        gateway.close();
        server.close();
    }

    @Test
    void bothKindsOfTablesAreTieredReadExtendedAndKeptUp() {
        List<Watched> tables = all("both");
        for (int round = 0; round < 3; round++) {
            for (Watched t : tables) {
                if (round == 2) {
                    t.addColumn();
                }
                t.change();
                t.assertUnion();
            }
            assertThat(tier("both")).isEmpty();
            tables.forEach(Watched::assertEverywhere);
        }
        for (Watched t : tables) {
            assertThat(fluss.sql("CALL fluss.system.compact('" + t.name() + "', 2)").head())
                    .as("compaction of %s", t.name())
                    .matches(row -> !row.isNullAt(1));
            t.assertEverywhere();
            t.change();
        }
        assertThat(tier("both")).isEmpty();
        for (Watched t : tables) {
            long before = t.snapshots();
            fluss.sql(
                    "CALL fluss.system.expire_snapshots(table => '%s', retain_last => 1, reader_window => '0 s')"
                            .formatted(t.name()));
            assertThat(t.snapshots()).isLessThan(before);
            t.assertEverywhere();
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aCommitWithoutAnAnswerIsNeitherLostNorDoubled(Fault fault) {
        String database = "fault_" + fault.name().toLowerCase(Locale.ROOT);
        List<Watched> tables =
                List.of(Watched.create(database, false, 2), Watched.create(database, true, 3));
        tables.forEach(Watched::change);
        assertThat(tier(database)).isEmpty();
        for (Watched t : tables) {
            t.change();
            gateway.spoilNextCommit(t.name(), fault);
        }

        List<String> lines = new CopyOnWriteArrayList<>();
        assertThat(Tiering.once(fluss, database, WITH_TOKEN, lines::add)).isEmpty();

        assertThat(gateway.isFaultless()).isTrue();
        boolean isUnknown = fault == Fault.NOT_DONE || fault == Fault.REPLY_LOST_AND_REFUSED;
        assertThat(lines.stream().filter(line -> line.contains("FAILED")).count())
                .as("%s", lines)
                .isEqualTo(isUnknown ? 2 : 0);
        assertThat(lines.stream().filter(line -> line.contains("may or may not")).count())
                .as("%s", lines)
                .isEqualTo(isUnknown ? 2 : 0);
        tables.forEach(Watched::assertEverywhere);
        tables.forEach(Watched::change);
        assertThat(tier(database)).isEmpty();
        tables.forEach(Watched::assertEverywhere);
    }

    @Test
    void aTableThatTheCatalogRefusesHoldsUpNoOther() {
        List<Watched> tables =
                List.of(Watched.create("refused", false, 2), Watched.create("refused", true, 3));
        Watched refused = tables.get(0);
        tables.forEach(Watched::change);
        gateway.forbid(refused.name());

        Map<TablePath, FlussException> failed = tier("refused");

        assertThat(failed).containsOnlyKeys(refused.path());
        assertThat(failed.get(refused.path()))
                .hasMessageContaining("(rest at " + gateway.uri() + ") failed to load table")
                .hasMessageContaining("nobody may touch " + refused.name());
        tables.stream().skip(1).forEach(Watched::assertEverywhere);
        assertThat(
                        fluss.rows(
                                "SELECT last_error FROM fluss.sys.tiering WHERE database = 'refused'"
                                        + " AND table = '%s'".formatted(refused.path().table())))
                .singleElement()
                .asString()
                .contains("nobody may touch");

        gateway.allow(refused.name());
        assertThat(tier("refused")).isEmpty();
        tables.forEach(Watched::assertEverywhere);
    }

    @Test
    void aCatalogThatIsAwayForAWhileIsNamedAndFoundAgain() throws Exception {
        Watched table = Watched.create("away", true, 2);
        table.change();
        assertThat(tier("away")).isEmpty();
        gateway.leave();
        server.kill();
        try {
            table.insert();
            assertThat(tier("away").get(table.path()))
                    .hasMessageContaining("(rest at " + gateway.uri() + ") failed to ")
                    .hasMessageContaining("refused");
            assertThatThrownBy(table::assertUnion)
                    .hasMessageContaining("rest at " + gateway.uri())
                    .hasMessageContaining("refused");
        } finally {
            server.restart();
            gateway.comeBack();
        }
        table.assertUnion();
        assertThat(tier("away")).isEmpty();
        table.assertEverywhere();
    }

    @Test
    void credentialsReachTheCatalogAndNobodyElse() throws Exception {
        Watched table = Watched.create("credentials", false, 2);
        table.change();

        Map<String, String> wrong = Map.of("iceberg.token", "wrong");
        assertThat(Tiering.once(fluss, "credentials", wrong, line -> {}).get(table.path()))
                .hasMessageContaining("Not authorized")
                .hasMessageContaining("this is not a token of ours")
                .hasMessageContaining("datalake.iceberg.token");
        assertThat(tier("credentials")).isEmpty();
        table.assertEverywhere();

        assertThat(gateway.headers())
                .anyMatch("x-of-the-test: yes"::equalsIgnoreCase)
                .contains("Authorization: Bearer " + TOKEN);
        assertThat(gateway.queries()).contains("warehouse=warehouse-of-the-test");
        try (Connection c = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()))) {
            Map<String, String> handedOut =
                    c.admin()
                            .tableInfo(table.path())
                            .get(30, TimeUnit.SECONDS)
                            .options()
                            .lakeCatalogProperties();
            assertThat(handedOut)
                    .containsEntry("uri", gateway.uri())
                    .containsKey("header.X-Of-The-Test")
                    .doesNotContainKey("token")
                    .doesNotContainValue(TOKEN);
        }
    }

    private static Map<TablePath, FlussException> tier(String database) {
        return Tiering.once(fluss, database, WITH_TOKEN, line -> {});
    }

    /** Both kinds in both versions. */
    private static List<Watched> all(String database) {
        List<Watched> out = new ArrayList<>();
        for (boolean isKeyed : new boolean[] {false, true}) {
            for (int version : new int[] {2, 3}) {
                out.add(Watched.create(database, isKeyed, version));
            }
        }
        return out;
    }

    /** A table, and the rows it should have. */
    private static final class Watched {
        private final TablePath path;
        private final boolean isKeyed;
        private final TreeMap<Long, String> rows = new TreeMap<>();
        private boolean hasMore;
        private int changes;

        private Watched(TablePath path, boolean isKeyed) {
            this.path = path;
            this.isKeyed = isKeyed;
        }

        static Watched create(String database, boolean isKeyed, int version) {
            fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss." + database);
            Watched table =
                    new Watched(
                            TablePath.of(database, (isKeyed ? "keyed" : "log") + version), isKeyed);
            fluss.sql(
                    ("CREATE TABLE fluss.%s (id BIGINT NOT NULL, name STRING%s) TBLPROPERTIES"
                                    + " ('bucket.num' = '2', 'bucket.key' = 'id',"
                                    + " 'iceberg.format-version' = '%d',"
                                    + " 'table.datalake.enabled' = 'true',"
                                    + " 'table.datalake.freshness' = '1 s')")
                            .formatted(table.name(), isKeyed ? ", PRIMARY KEY (id)" : "", version));
            return table;
        }

        TablePath path() {
            return path;
        }

        String name() {
            return path.toString();
        }

        void addColumn() {
            fluss.sql("ALTER TABLE fluss." + name() + " ADD COLUMNS (more STRING)");
            hasMore = true;
            rows.replaceAll((id, row) -> row + "|-");
        }

        /** New rows; of a table with a key others are replaced, too, and deleted. */
        void change() {
            insert();
            if (isKeyed) {
                int last = changes % 10;
                fluss.sql("DELETE FROM fluss." + name() + " WHERE id % 10 = " + last);
                rows.keySet().removeIf(id -> id % 10 == last);
            }
        }

        void insert() {
            long first = changes * (isKeyed ? 50L : 100L);
            changes++;
            List<String> values = new ArrayList<>();
            for (long id = first; id < first + 100; id++) {
                String name = "name-" + changes + "-" + id;
                values.add("(" + id + ", '" + name + "'" + (hasMore ? ", 'm" + id + "')" : ")"));
                rows.put(id, id + "|" + name + (hasMore ? "|m" + id : ""));
            }
            fluss.sql("INSERT INTO fluss." + name() + " VALUES " + String.join(", ", values));
        }

        void assertUnion() {
            assertThat(rows("fluss")).as("union read of %s", name()).isEqualTo(expected());
        }

        void assertEverywhere() {
            assertUnion();
            assertThat(rows("stock")).as("%s in Iceberg", name()).isEqualTo(expected());
        }

        long snapshots() {
            return fluss.sql("SELECT * FROM stock." + name() + ".snapshots").count();
        }

        private List<String> expected() {
            return rows.values().stream().sorted().collect(Collectors.toList());
        }

        private List<String> rows(String catalog) {
            String columns = hasMore ? "id, name, coalesce(more, '-')" : "id, name";
            return fluss
                    .sql("SELECT concat_ws('|', %s) FROM %s.%s".formatted(columns, catalog, name()))
                    .collectAsList()
                    .stream()
                    .map(row -> row.getString(0))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }
}
