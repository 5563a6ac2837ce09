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

import static io.fluss.tiering.LakeCluster.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Admin;
import io.fluss.client.OffsetSpec;
import io.fluss.client.TableChange;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.client.row.GenericRow;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.tiering.UnsureCatalog.Fault;
import io.fluss.tiering.round.RoundCommand;
import io.fluss.tiering.spark.RoundProbe;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables with a primary key against a real cluster, Spark and Iceberg, read by stock Iceberg. */
class KeyedTieringIT {
    private static final int BUCKETS = 3;

    @TempDir static Path dir;
    private static LakeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster =
                LakeCluster.start(
                        dir,
                        LakeCluster.iceberg(
                                warehouse(),
                                Map.of(
                                        "datalake.iceberg.catalog-impl",
                                        UnsureCatalog.class.getName())));
    }

    @AfterAll
    static void stop() {
        cluster.close();
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
                                keys.table().path(),
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
            assertThat(cluster.tierOnce("unsure", new Unsure(isDone, hasFailed), 1, lines))
                    .isEmpty();
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

    /** As the catalog says it: done, and found by its identity; or not done, and done again. */
    @ParameterizedTest
    @CsvSource({"FULL, 2", "WAL, 3"})
    void aCatalogThatDoesNotAnswerLosesAndDoublesNothing(String image, String version)
            throws Exception {
        String name = "silent" + version;
        Keys keys = new Keys(create(name, descriptor(image, version)));
        keys.write(0, 300, "first");
        for (Fault fault : List.of(Fault.DONE, Fault.NOT_DONE, Fault.DONE)) {
            keys.write(100, 400, "again" + fault);
            keys.delete(50, 120);
            UnsureCatalog.NEXT.set(fault);
            List<String> lines = new CopyOnWriteArrayList<>();
            assertThat(cluster.tierOnce(name, RoundProbe.NONE, 1, lines)).isEmpty();
            assertThat(UnsureCatalog.NEXT).as("%s", lines).hasNullValue();
            assertThat(lines.stream().anyMatch(l -> l.contains("FAILED")))
                    .as("%s", lines)
                    .isEqualTo(fault == Fault.NOT_DONE);
            keys.assertInLake();
        }
    }

    @ParameterizedTest
    @CsvSource({"FULL, 2", "WAL, 3"})
    void partitionsAreTieredEachByItselfAlsoThoseThatComeLater(String image, String version)
            throws Exception {
        TableSchema schema =
                TableSchema.of(
                        List.of(
                                Column.of("id", DataTypes.bigInt().notNull()),
                                Column.of("name", DataTypes.string()),
                                Column.of("region", DataTypes.string().notNull())),
                        List.of("id", "region"));
        TableInfo table =
                create(
                        "parted" + version,
                        withLake(TableDescriptor.of(schema), image, version)
                                .withPartitionKeys("region"));
        TreeMap<String, String> rows = new TreeMap<>();
        partition(table, "eu");
        upsert(table, "eu", 0, 300, "a", rows);
        assertThat(once(table.path().table())).isEmpty();
        assertRegions(table, rows);

        partition(table, "us");
        upsert(table, "us", 100, 400, "b", rows);
        upsert(table, "eu", 50, 120, "b", rows);
        delete(table, "eu", 0, 20, rows);
        assertThat(once(table.path().table())).isEmpty();
        assertRegions(table, rows);

        partition(table, "none");
        upsert(table, "us", 350, 420, "c", rows);
        delete(table, "us", 100, 130, rows);
        assertThat(once(table.path().table())).isEmpty();
        assertRegions(table, rows);
    }

    private static void partition(TableInfo table, String region) throws Exception {
        get(admin().createPartition(table.path(), Map.of("region", region), false));
    }

    private static void upsert(
            TableInfo table,
            String region,
            long from,
            long to,
            String name,
            Map<String, String> rows)
            throws Exception {
        try (UpsertWriter writer = cluster.connection().upsertWriter(table)) {
            for (long id = from; id < to; id++) {
                var unused =
                        writer.upsert(
                                GenericRow.named(Map.of("id", id, "name", name, "region", region)));
                rows.put(region + id, name);
            }
            get(writer.flush());
        }
    }

    private static void delete(
            TableInfo table, String region, long from, long to, Map<String, String> rows)
            throws Exception {
        try (UpsertWriter writer = cluster.connection().upsertWriter(table)) {
            for (long id = from; id < to; id++) {
                var unused = writer.delete(GenericRow.named(Map.of("id", id, "region", region)));
                rows.remove(region + id);
            }
            get(writer.flush());
        }
    }

    private static void assertRegions(TableInfo table, Map<String, String> rows) throws Exception {
        TreeMap<String, String> found = new TreeMap<>();
        try (CloseableIterable<Record> all =
                IcebergGenerics.read(lake(table.path().table())).build()) {
            for (Record r : all) {
                String key = r.getField("region").toString() + r.getField("id");
                assertThat(found.put(key, r.getField("name").toString()))
                        .as("%s twice", key)
                        .isNull();
            }
        }
        assertThat(found).isEqualTo(rows);
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
        Map<TablePath, FlussException> failures = cluster.tierOnce("", RoundProbe.NONE, 3, lines);
        assertThat(failures).containsOnlyKeys(broken.table().path());
        assertThat(failures.get(broken.table().path()))
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
    private record Keys(WatchedTable.Keyed rows) {
        Keys(TableInfo table) {
            this(new WatchedTable.Keyed(cluster, table));
        }

        TableInfo table() {
            return rows.table;
        }

        Keys reloaded() throws Exception {
            return new Keys(rows.reloaded());
        }

        void write(long from, long to, String name) throws Exception {
            rows.upsert(from, to, name);
        }

        void delete(long from, long to) throws Exception {
            rows.delete(from, to);
        }

        void assertInLake() throws Exception {
            TreeMap<Long, String> found = new TreeMap<>();
            Table lake = lake(table().path().table());
            try (CloseableIterable<Record> all = IcebergGenerics.read(lake).build()) {
                for (Record r : all) {
                    Object before =
                            found.put((Long) r.getField("id"), r.getField("name").toString());
                    assertThat(before).as("%s twice", r).isNull();
                }
            }
            assertThat(found).isEqualTo(rows.rows());
            LakeSnapshot registered =
                    get(admin().readableLakeSnapshot(table().path())).orElseThrow();
            assertThat(registered.snapshotId()).isEqualTo(lake.currentSnapshot().snapshotId());
            assertThat(registered.endOffsets())
                    .isEqualTo(
                            get(
                                    admin().listOffsets(
                                                    table(),
                                                    OptionalLong.empty(),
                                                    IntStream.range(0, BUCKETS).boxed().toList(),
                                                    new OffsetSpec.Latest())));
        }
    }

    private static TableDescriptor descriptor(String image, String version) {
        return withLake(TableDescriptor.of(WatchedTable.Keyed.SCHEMA), image, version);
    }

    private static TableDescriptor withLake(TableDescriptor table, String image, String version) {
        return table.withBuckets(BUCKETS, "id")
                .withProperty("table.changelog.image", image)
                .withCustomProperty("iceberg.format-version", version)
                .withProperty("table.datalake.enabled", "true");
    }

    private static TableInfo create(String name, TableDescriptor descriptor) throws Exception {
        return cluster.create(name, descriptor);
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
        return cluster.tierOnce(table, RoundProbe.NONE, 1, new CopyOnWriteArrayList<>());
    }

    private static Table lake(String name) throws Exception {
        try (HadoopCatalog catalog = catalog()) {
            return catalog.loadTable(TableIdentifier.of("it", name));
        }
    }

    private static HadoopCatalog catalog() {
        return new HadoopCatalog(new Configuration(), warehouse().toString());
    }

    private static Path warehouse() {
        return dir.resolve("lake");
    }

    private static Admin admin() {
        return cluster.admin();
    }
}
