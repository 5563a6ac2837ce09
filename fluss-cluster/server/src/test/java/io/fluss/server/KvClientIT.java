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
package io.fluss.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Connection;
import io.fluss.client.TableChange;
import io.fluss.client.append.UpsertOptions;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.current.BucketRows;
import io.fluss.client.lookup.LookupOptions;
import io.fluss.client.lookup.LookupRows;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.lookup.PrefixLookuper;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.client.scan.RowScanner;
import io.fluss.client.scan.ScanRecord;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.log.ChangeType;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.lookup.LookupResult;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.row.InternalRow;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our client on tables with a primary key, and the published client beside it. */
@Timeout(120)
class KvClientIT {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("name", DataTypes.string()),
                            Column.of("id", DataTypes.bigInt()),
                            Column.of("count", DataTypes.integer())),
                    List.of("id"));

    @TempDir static Path dir;
    private static LocalCluster cluster;
    private static Connection connection;
    private static final BufferAllocator ALLOCATOR = new RootAllocator();

    @BeforeAll
    static void start() throws Exception {
        cluster = LocalCluster.start(dir.resolve("cluster"), 0, Map.of());
        connection = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
        connection.admin().createDatabase("kv", DatabaseDescriptor.EMPTY, false).get();
    }

    @AfterAll
    static void stop() {
        connection.close();
        cluster.close();
        ALLOCATOR.close();
    }

    @ParameterizedTest
    @EnumSource(TableOptions.KvFormat.class)
    void bothClientsSeeWhatTheOtherWrote(TableOptions.KvFormat format) throws Exception {
        TableInfo table =
                table(
                        "both_" + format.name().toLowerCase(java.util.Locale.ROOT),
                        TableDescriptor.of(SCHEMA)
                                .withBuckets(3)
                                .withProperty(TableOptions.KV_FORMAT, format.name()));
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            for (int i = 0; i < 300; i++) {
                var unused = writer.upsert(GenericRow.of("ours" + i, i, i));
            }
            var unused = writer.delete(GenericRow.of(7));
        }
        Configuration conf = new Configuration();
        conf.setString("bootstrap.servers", cluster.bootstrap());
        try (var published = ConnectionFactory.createConnection(conf);
                Table theirs =
                        published.getTable(
                                org.apache.fluss.metadata.TablePath.of(
                                        "kv", table.path().table()))) {
            var lookuper = theirs.newLookup().createLookuper();
            List<CompletableFuture<LookupResult>> found = new ArrayList<>();
            for (long i = 0; i < 300; i++) {
                found.add(lookuper.lookup(org.apache.fluss.row.GenericRow.of(i)));
            }
            for (int i = 0; i < 300; i++) {
                InternalRow row = found.get(i).get().getSingletonRow();
                if (i == 7) {
                    assertThat(row).isNull();
                } else {
                    assertThat(row.getString(0)).hasToString("ours" + i);
                    assertThat(row.getInt(2)).isEqualTo(i);
                }
            }
            var writer = theirs.newUpsert().createWriter();
            for (long i = 1_000; i < 1_100; i++) {
                var unused =
                        writer.upsert(
                                org.apache.fluss.row.GenericRow.of(
                                        org.apache.fluss.row.BinaryString.fromString("theirs"),
                                        i,
                                        null));
            }
            writer.flush();
        }
        try (Lookuper lookuper = connection.lookuper(table)) {
            for (long i = 1_000; i < 1_100; i++) {
                Row row = lookuper.lookup(GenericRow.of(i)).get().orElseThrow();
                assertThat(row.getString("name")).isEqualTo("theirs");
                assertThat(row.isNull("count")).isTrue();
            }
        }
        assertThat(currentNames(table)).hasSize(399);
    }

    @Test
    void scansAllRowsInPagesWhileTheyChange() throws Exception {
        TableInfo table = table("paged", TableDescriptor.of(SCHEMA).withBuckets(2));
        int count = 5_000;
        upsertVectors(table, "first", count);
        Map<Long, String> rows = new TreeMap<>();
        Map<TableBucket, Long> offsets = new HashMap<>();
        try (Connection small =
                Connection.open(
                        Map.of(
                                "bootstrap.servers",
                                cluster.bootstrap(),
                                "client.scanner.kv.fetch.max-bytes",
                                "4kb"))) {
            for (int b = 0; b < 2; b++) {
                TableBucket bucket = TableBucket.of(table.tableId(), b);
                int pages = 0;
                try (BucketRows all =
                        small.currentRows(table, bucket, Optional.of(List.of(1, 0)), ALLOCATOR)) {
                    offsets.put(bucket, all.logOffset());
                    if (b == 0) {
                        upsertVectors(table, "second", count);
                    }
                    for (var p = all.next(); p.isPresent(); p = all.next()) {
                        pages++;
                        take(p.get(), rows);
                    }
                }
                assertThat(pages).isGreaterThan(5);
            }
        }
        assertThat(rows).hasSize(count);
        assertThat(rows.values()).contains("first", "second");
        // What is not in the rows comes from the changelog: together they are the table.
        try (RowScanner scanner = connection.rowScanner(table, List.of("name", "id"))) {
            offsets.forEach(scanner::subscribe);
            int left = (int) rows.values().stream().filter("first"::equals).count();
            while (left > 0) {
                for (ScanRecord r : scanner.poll(Duration.ofSeconds(5))) {
                    if (r.changeType() == ChangeType.UPDATE_AFTER) {
                        rows.put(r.row().getLong("id"), r.row().getString("name"));
                        left--;
                    }
                }
            }
        }
        assertThat(rows.values()).containsOnly("second");
    }

    /** Random changes: rows and then changes fold to what lookups find. */
    @Test
    void rowsAndChangesFoldToTheTable() throws Exception {
        TableInfo table = table("folded", TableDescriptor.of(SCHEMA).withBuckets(3));
        Random random = new Random(1);
        Map<Long, String> expected = new TreeMap<>();
        Map<Long, String> folded = new TreeMap<>();
        try (UpsertWriter writer = connection.upsertWriter(table);
                RowScanner scanner = connection.rowScanner(table, List.of("id", "name"))) {
            change(writer, random, expected, 2_000);
            scanner.subscribeAllWithRows();
            for (int round = 0; round < 10; round++) {
                change(writer, random, expected, 200);
                fold(scanner.poll(Duration.ofMillis(100)).all(), folded);
            }
            for (int i = 0; i < 200 && !folded.equals(expected); i++) {
                fold(scanner.poll(Duration.ofMillis(200)).all(), folded);
            }
        }
        assertThat(folded).isEqualTo(expected);
        assertThat(currentNames(table)).isEqualTo(expected);
        try (Lookuper lookuper = connection.lookuper(table)) {
            for (long id = 0; id < 100; id++) {
                assertThat(lookuper.lookup(GenericRow.of(id)).get().map(r -> r.getString("name")))
                        .isEqualTo(Optional.ofNullable(expected.get(id)));
            }
        }
    }

    private static void change(
            UpsertWriter writer, Random random, Map<Long, String> expected, int count)
            throws Exception {
        for (int i = 0; i < count; i++) {
            long id = random.nextInt(100);
            if (random.nextInt(3) == 0) {
                var unused = writer.delete(GenericRow.of(id));
                expected.remove(id);
            } else {
                String name = "v" + random.nextInt();
                var unused = writer.upsert(GenericRow.of(name, id, i));
                expected.put(id, name);
            }
        }
        writer.flush().get();
    }

    private static void fold(List<ScanRecord> records, Map<Long, String> folded) {
        for (ScanRecord r : records) {
            if (r.changeType() == ChangeType.DELETE) {
                folded.remove(r.row().getLong("id"));
            } else if (r.changeType() != ChangeType.UPDATE_BEFORE) {
                folded.put(r.row().getLong("id"), r.row().getString("name"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TableOptions.KvFormat.class)
    void someColumnsAreUpdatedByWritersFromBeforeAndAfterAColumnWasAdded(
            TableOptions.KvFormat format) throws Exception {
        TableInfo before =
                table(
                        "grown_" + format.name().toLowerCase(java.util.Locale.ROOT),
                        TableDescriptor.of(SCHEMA)
                                .withBuckets(2)
                                .withProperty(TableOptions.KV_FORMAT, format.name()));
        try (UpsertWriter whole = connection.upsertWriter(before);
                UpsertWriter names =
                        connection.upsertWriter(before, UpsertOptions.of("name", "id"))) {
            for (int id = 0; id < 100; id++) {
                var unused = whole.upsert(GenericRow.of("n" + id, id, id));
            }
            whole.flush().get();
            connection
                    .admin()
                    .alterTable(
                            before.path(),
                            List.of(
                                    new TableChange.AddColumn(
                                            Column.of("extra", DataTypes.string()))),
                            false)
                    .get();
            TableInfo after = connection.admin().tableInfo(before.path()).get();
            assertThat(after.schemaId()).isEqualTo(before.schemaId() + 1);
            try (UpsertWriter extras =
                    connection.upsertWriter(after, UpsertOptions.of("id", "extra"))) {
                for (int id = 0; id < 60; id++) { // onto rows of the old schema, and new ones
                    var unused = extras.upsert(GenericRow.of(id + 50, "e" + id));
                }
                extras.flush().get();
                for (int id = 40; id < 105; id++) { // a writer that does not know the column
                    var unused = names.upsert(GenericRow.of("m" + id, id));
                }
                names.flush().get();
                var unused = extras.delete(GenericRow.of(60)); // the column only
                extras.flush().get();
            }
            try (Lookuper rows = connection.lookuper(after)) {
                for (int id = 0; id < 110; id++) {
                    Row row = rows.lookup(GenericRow.of(id)).get().orElseThrow();
                    Object extra = id < 50 || id == 60 ? null : "e" + (id - 50);
                    Object name = id < 40 ? "n" + id : id < 105 ? "m" + id : null;
                    assertThat(
                                    java.util.Arrays.asList(
                                            row.get(0), row.get(1), row.get(2), row.get(3)))
                            .containsExactly(name, (long) id, id < 100 ? id : null, extra);
                }
            }
        }
    }

    @Test
    void insertsRowsThatALookupMisses() throws Exception {
        TableInfo table = table("inserted", TableDescriptor.of(SCHEMA).withBuckets(2));
        try (Lookuper inserting =
                        connection.lookuper(table, LookupOptions.DEFAULT.insertingMissing());
                Lookuper plain = connection.lookuper(table)) {
            assertThat(plain.lookup(GenericRow.of(5)).get()).isEmpty();
            Row made = inserting.lookup(GenericRow.of(5)).get().orElseThrow();
            assertThat(made.getLong("id")).isEqualTo(5);
            assertThat(made.isNull("name")).isTrue();
            assertThat(plain.lookup(GenericRow.of(5)).get()).contains(made);
        }
    }

    @Test
    void looksUpManyPrefixesOfPartitionedTables() throws Exception {
        TableSchema schema =
                TableSchema.of(
                        List.of(
                                Column.of("region", DataTypes.string()),
                                Column.of("user", DataTypes.bigInt()),
                                Column.of("item", DataTypes.string())),
                        List.of("region", "user", "item"));
        TableInfo table =
                table(
                        "carts",
                        TableDescriptor.of(schema)
                                .withPartitionKeys("region")
                                .withBuckets(2, "user"));
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            for (int user = 0; user < 10; user++) {
                for (int item = 0; item <= user; item++) {
                    var unused = writer.upsert(GenericRow.of("eu", user, "i" + item));
                }
            }
        }
        try (PrefixLookuper carts = connection.prefixLookuper(table);
                VectorSchemaRoot prefixes =
                        VectorSchemaRoot.create(
                                ArrowSchemas.of(
                                        DataTypes.row(
                                                DataTypes.field("region", DataTypes.string()),
                                                DataTypes.field("user", DataTypes.bigInt()))),
                                ALLOCATOR)) {
            for (int i = 0; i < 12; i++) {
                byte[] region = (i == 3 ? "us" : "eu").getBytes(StandardCharsets.UTF_8);
                ((VarCharVector) prefixes.getVector(0)).setSafe(i, region);
                ((BigIntVector) prefixes.getVector(1)).setSafe(i, i);
            }
            prefixes.setRowCount(12);
            LookupRows found = carts.lookup(prefixes).get();
            assertThat(found.rowCount()).isEqualTo(55 - 4);
            List<Row> rows = found.rows();
            for (int i = 0; i < rows.size(); i++) {
                assertThat(rows.get(i).getLong("user")).isEqualTo(found.keyOf(i));
            }
        }
    }

    @Test
    void writersOfDifferentColumnsShareRows() throws Exception {
        TableInfo table = table("shared", TableDescriptor.of(SCHEMA).withBuckets(1));
        try (UpsertWriter names = connection.upsertWriter(table, UpsertOptions.of("id", "name"));
                UpsertWriter counts =
                        connection.upsertWriter(table, UpsertOptions.of("count", "id"));
                Lookuper lookuper = connection.lookuper(table)) {
            List<CompletableFuture<?>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                all.add(names.upsert(GenericRow.of(i, "n" + i)));
                all.add(counts.upsert(GenericRow.of(i, i)));
            }
            names.flush().get();
            counts.flush().get();
            for (int i = 0; i < 200; i++) {
                Row row = lookuper.lookup(GenericRow.of(i)).get().orElseThrow();
                assertThat(row.getString("name")).isEqualTo("n" + i);
                assertThat(row.getInt("count")).isEqualTo(i);
            }
            assertThat(
                            connection.firstRows(
                                    table, TableBucket.of(table.tableId(), 0), List.of("id"), 10))
                    .hasSize(10);
        }
    }

    private static void upsertVectors(TableInfo table, String name, int count) throws Exception {
        try (UpsertWriter writer = connection.upsertWriter(table);
                VectorSchemaRoot rows =
                        VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), ALLOCATOR)) {
            for (int i = 0; i < count; i++) {
                ((VarCharVector) rows.getVector("name"))
                        .setSafe(i, name.getBytes(StandardCharsets.UTF_8));
                ((BigIntVector) rows.getVector("id")).setSafe(i, i);
            }
            rows.setRowCount(count);
            var stored = writer.upsert(rows);
            writer.flush().get();
            assertThat(stored.get()).hasSize(table.bucketCount());
        }
    }

    private static Map<Long, String> currentNames(TableInfo table) {
        Map<Long, String> names = new TreeMap<>();
        for (int b = 0; b < table.bucketCount(); b++) {
            try (BucketRows rows =
                    connection.currentRows(
                            table,
                            TableBucket.of(table.tableId(), OptionalLong.empty(), b),
                            Optional.of(List.of(1, 0)),
                            ALLOCATOR)) {
                for (var p = rows.next(); p.isPresent(); p = rows.next()) {
                    take(p.get(), names);
                }
            }
        }
        return names;
    }

    /** Ids and names of a page, which is closed. */
    private static void take(VectorSchemaRoot page, Map<Long, String> names) {
        try (page) {
            for (int i = 0; i < page.getRowCount(); i++) {
                String before =
                        names.put(
                                ((BigIntVector) page.getVector(0)).get(i),
                                page.getVector(1).getObject(i).toString());
                assertThat(before).as("once").isNull();
            }
        }
    }

    private static TableInfo table(String name, TableDescriptor descriptor) throws Exception {
        TablePath path = TablePath.of("kv", name);
        connection.admin().createTable(path, descriptor, false).get();
        return connection.admin().tableInfo(path).get();
    }
}
