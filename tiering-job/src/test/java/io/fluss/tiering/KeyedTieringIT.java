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
package io.fluss.tiering;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.TableChange;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.client.row.GenericRow;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.server.LocalCluster;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.tiering.round.RoundCommand;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundProbe;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.time.SystemClock;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables with a primary key against a real cluster, Spark and Iceberg, read by stock Iceberg. */
class KeyedTieringIT {
    private static final int BUCKETS = 3;
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("id", DataTypes.bigInt().notNull()),
                            Column.of("name", DataTypes.string())),
                    List.of("id"));

    @TempDir static Path dir;
    private static SparkSession spark;
    private static LocalCluster cluster;
    private static Connection connection;

    @BeforeAll
    static void start() throws Exception {
        spark =
                SparkSession.builder()
                        .master("local[2]")
                        .appName("keyed-tiering-it")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.scheduler.mode", "FAIR")
                        .getOrCreate();
        cluster =
                LocalCluster.start(
                        dir.resolve("cluster"),
                        0,
                        Map.of(
                                "datalake.format",
                                "iceberg",
                                "datalake.iceberg.type",
                                "hadoop",
                                "datalake.iceberg.warehouse",
                                dir.resolve("lake").toString()));
        connection = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
        get(admin().createDatabase("it", DatabaseDescriptor.EMPTY, true));
    }

    @AfterAll
    static void stop() {
        connection.close();
        cluster.close();
        spark.stop();
    }

    @ParameterizedTest
    @CsvSource({"full2, FULL, 2", "full3, FULL, 3", "wal2, WAL, 2", "wal3, WAL, 3"})
    void theLakeHoldsEachKeyOnceWithItsLastRow(String name, String image, String version)
            throws Exception {
        Keys keys = new Keys(create(name, descriptor(image, version)));
        keys.write(0, 600, "a");
        keys.write(100, 300, "b");
        keys.delete(250, 260);
        assertThat(once(name)).isEmpty();
        keys.assertInLake();

        for (int round = 0; round < 3; round++) {
            keys.write(round * 150, round * 150 + 200, "r" + round);
            keys.delete(round * 50, round * 50 + 20);
            keys.write(600 + round, 602 + round, "new");
            assertThat(once(name)).isEmpty();
            keys.assertInLake();
        }
        assertThat(once(name)).isEmpty();
        keys.assertInLake();
    }

    @Test
    void aLakeThatIsSwitchedOnLaterBeginsWithTheRowsAndTakesColumnsThatWereAdded()
            throws Exception {
        TableDescriptor off =
                descriptor("FULL", "2").withProperty("table.datalake.enabled", "false");
        Keys keys = new Keys(create("later", off));
        keys.write(0, 300, "a");
        keys.delete(10, 20);
        setLake("later", true);
        assertThat(once("later")).isEmpty();
        keys.assertInLake();

        setLake("later", false);
        get(
                admin().alterTable(
                                keys.table.path(),
                                List.of(
                                        new TableChange.AddColumn(
                                                Column.of("more", DataTypes.string()))),
                                false));
        keys = keys.reloaded();
        keys.write(200, 320, "b");
        setLake("later", true);
        assertThat(once("later")).isEmpty();
        keys.assertInLake();
        assertThat(lake("later").schema().findField("more")).isNotNull();
    }

    @Test
    void aCommitWhoseOutcomeIsUnknownIsNeitherLostNorDoubled() throws Exception {
        Keys keys = new Keys(create("unsure", descriptor("WAL", "2")));
        for (boolean isDone : new boolean[] {true, false}) {
            keys.write(0, 400, "a" + isDone);
            keys.delete(0, 10);
            AtomicBoolean hasFailed = new AtomicBoolean();
            List<String> lines = new CopyOnWriteArrayList<>();
            assertThat(once("unsure", new Unsure(isDone, hasFailed), 1, lines)).isEmpty();
            assertThat(hasFailed).isTrue();
            assertThat(lines).anyMatch(l -> l.contains("FAILED") && l.contains("injected"));
            keys.assertInLake();
        }
    }

    /** The lake does not say whether the first commit took effect. */
    private record Unsure(boolean isDone, AtomicBoolean hasFailed) implements RoundProbe {
        @Override
        public void before(RoundCommand step) {
            fail(step, false);
        }

        @Override
        public void after(RoundCommand step) {
            fail(step, true);
        }

        private void fail(RoundCommand step, boolean isAfter) {
            if (step instanceof RoundCommand.CommitLake
                    && isAfter == isDone
                    && hasFailed.compareAndSet(false, true)) {
                throw ErrorReason.LAKE_COMMIT_UNKNOWN.exception("injected");
            }
        }
    }

    @Test
    void severalTablesAreTieredAtATimeAndABrokenOneHoldsUpNone() throws Exception {
        Keys first = new Keys(create("p_first", descriptor("FULL", "2")));
        Keys broken = new Keys(create("p_broken", descriptor("FULL", "2")));
        Keys last = new Keys(create("p_last", descriptor("FULL", "3")));
        for (Keys k : List.of(first, broken, last)) {
            k.write(0, 200, "a");
        }
        try (HadoopCatalog catalog = catalog()) {
            catalog.loadTable(TableIdentifier.of("it", "p_broken"))
                    .updateSchema()
                    .deleteColumn("name")
                    .commit();
        }
        List<String> lines = new CopyOnWriteArrayList<>();
        Map<TablePath, FlussException> failures = once("", RoundProbe.NONE, 3, lines);
        assertThat(failures).containsOnlyKeys(broken.table.path());
        assertThat(failures.get(broken.table.path()))
                .hasMessageContaining("does not fit the Fluss table any more");
        first.assertInLake();
        last.assertInLake();

        try (HadoopCatalog catalog = catalog()) {
            catalog.loadTable(TableIdentifier.of("it", "p_broken"))
                    .updateSchema()
                    .addColumn("name", org.apache.iceberg.types.Types.StringType.get())
                    .commit();
        }
        assertThat(once("p_broken")).isEmpty();
        broken.assertInLake();
    }

    /** A table and what it should hold. */
    private static final class Keys {
        private final TableInfo table;
        private final TreeMap<Long, String> rows = new TreeMap<>();

        Keys(TableInfo table) {
            this.table = table;
        }

        Keys reloaded() throws Exception {
            Keys now = new Keys(get(admin().tableInfo(table.path())));
            now.rows.putAll(rows);
            return now;
        }

        void write(long from, long to, String name) throws Exception {
            try (UpsertWriter writer = connection.upsertWriter(table)) {
                for (long id = from; id < to; id++) {
                    var unused =
                            writer.upsert(GenericRow.named(Map.of("id", id, "name", name + id)));
                    rows.put(id, name + id);
                }
                get(writer.flush());
            }
        }

        void delete(long from, long to) throws Exception {
            try (UpsertWriter writer = connection.upsertWriter(table)) {
                for (long id = from; id < to; id++) {
                    var unused = writer.delete(GenericRow.named(Map.of("id", id)));
                    rows.remove(id);
                }
                get(writer.flush());
            }
        }

        void assertInLake() throws Exception {
            TreeMap<Long, String> found = new TreeMap<>();
            Table lake = lake(table.path().table());
            try (CloseableIterable<Record> all = IcebergGenerics.read(lake).build()) {
                for (Record r : all) {
                    Object before =
                            found.put((Long) r.getField("id"), r.getField("name").toString());
                    assertThat(before).as("%s twice", r).isNull();
                }
            }
            assertThat(found).isEqualTo(rows);
            LakeSnapshot registered = get(admin().readableLakeSnapshot(table.path())).orElseThrow();
            assertThat(registered.snapshotId()).isEqualTo(lake.currentSnapshot().snapshotId());
            assertThat(registered.endOffsets())
                    .isEqualTo(
                            get(
                                    admin().listOffsets(
                                                    table,
                                                    OptionalLong.empty(),
                                                    IntStream.range(0, BUCKETS).boxed().toList(),
                                                    new OffsetSpec.Latest())));
        }
    }

    private static TableDescriptor descriptor(String image, String version) {
        return TableDescriptor.of(SCHEMA)
                .withBuckets(BUCKETS, "id")
                .withProperty("table.changelog.image", image)
                .withCustomProperty("iceberg.format-version", version)
                .withProperty("table.datalake.enabled", "true");
    }

    private static TableInfo create(String name, TableDescriptor descriptor) throws Exception {
        TablePath path = TablePath.of("it", name);
        get(admin().createTable(path, descriptor, false));
        return get(admin().tableInfo(path));
    }

    private static void setLake(String name, boolean isOn) throws Exception {
        get(
                admin().alterTable(
                                TablePath.of("it", name),
                                List.of(
                                        new TableChange.SetOption(
                                                "table.datalake.enabled", Boolean.toString(isOn))),
                                false));
    }

    private static Map<TablePath, FlussException> once(String table) {
        return once(table, RoundProbe.NONE, 1, new CopyOnWriteArrayList<>());
    }

    private static Map<TablePath, FlussException> once(
            String table, RoundProbe probe, int parallelTables, List<String> lines) {
        return new ServiceLoop(
                        spark,
                        connection,
                        new RoundSettings(
                                Map.of("bootstrap.servers", cluster.bootstrap()),
                                Map.of(),
                                new SplitPlanner(120, false),
                                Optional.empty(),
                                Duration.ofSeconds(20)),
                        new ServiceSettings(
                                true,
                                Duration.ofMillis(500),
                                Duration.ofMinutes(1),
                                parallelTables,
                                Optional.empty(),
                                table.isEmpty() ? Optional.empty() : Optional.of(table)),
                        SystemClock.INSTANCE,
                        lines::add,
                        probe)
                .run();
    }

    private static Table lake(String name) throws Exception {
        try (HadoopCatalog catalog = catalog()) {
            return catalog.loadTable(TableIdentifier.of("it", name));
        }
    }

    private static HadoopCatalog catalog() {
        return new HadoopCatalog(new Configuration(), dir.resolve("lake").toString());
    }

    private static Admin admin() {
        return connection.admin();
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(60, TimeUnit.SECONDS);
    }
}
