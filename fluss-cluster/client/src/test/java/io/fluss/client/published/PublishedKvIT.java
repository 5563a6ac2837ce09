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
package io.fluss.client.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.TableChange;
import io.fluss.client.append.MergeMode;
import io.fluss.client.append.UpsertOptions;
import io.fluss.client.append.UpsertResult;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.lookup.LookupOptions;
import io.fluss.client.lookup.LookupRows;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.lookup.PrefixLookuper;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.client.scan.RowScanner;
import io.fluss.client.scan.ScanRecord;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables with a primary key of the published server, written and read by our client. */
@Timeout(180)
class PublishedKvIT {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("name", DataTypes.string()),
                            Column.of("id", DataTypes.bigInt()),
                            Column.of("price", DataTypes.decimal(30, 2)),
                            Column.of("at", DataTypes.timestamp(6))),
                    List.of("id"));

    @TempDir static Path dir;
    @TempDir static Path temporary;
    private static PublishedServer server;
    private BufferAllocator allocator;
    private Connection connection;

    @BeforeAll
    static void startServer() throws Exception {
        server = PublishedServer.start(dir);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void connect() throws Exception {
        allocator = new RootAllocator();
        connection =
                Connection.open(
                        Map.of(
                                "bootstrap.servers",
                                server.bootstrapServers(),
                                "client.scanner.io.tmpdir",
                                temporary.toString()));
        connection.admin().createDatabase("kv", DatabaseDescriptor.EMPTY, true).get();
    }

    @AfterEach
    void closesWithoutLeaks() {
        connection.close();
        allocator.close();
    }

    @ParameterizedTest
    @EnumSource(TableOptions.KvFormat.class)
    void looksUpWhatItUpserted(TableOptions.KvFormat format) throws Exception {
        TableInfo table =
                table(
                        "rows_" + format.name().toLowerCase(java.util.Locale.ROOT),
                        TableDescriptor.of(SCHEMA)
                                .withBuckets(3)
                                .withProperty(TableOptions.KV_FORMAT, format.name()));
        LocalDateTime at = LocalDateTime.of(2024, 5, 6, 7, 8, 9, 123_456_000);
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            for (int i = 0; i < 1_000; i++) {
                var unused =
                        writer.upsert(GenericRow.of("n" + i, i, new BigDecimal(i + ".25"), at));
            }
            var unused = writer.upsert(GenericRow.named(Map.of("id", 7, "name", "seven")));
            CompletableFuture<UpsertResult> gone = writer.delete(GenericRow.named(Map.of("id", 8)));
            writer.flush().get();
            assertThat(gone.get().logEndOffset()).isPositive();
            assertThat(gone.get().bucket().tableId()).isEqualTo(table.tableId());
        }
        try (Lookuper lookuper = connection.lookuper(table)) {
            assertThat(lookuper.lookup(GenericRow.of(8)).get()).isEmpty();
            Row seven = lookuper.lookup(GenericRow.of(7)).get().orElseThrow();
            assertThat(seven.getString("name")).isEqualTo("seven");
            assertThat(seven.isNull("price")).isTrue();
            List<CompletableFuture<Optional<Row>>> all = new ArrayList<>();
            for (int i = 9; i < 1_000; i++) {
                all.add(lookuper.lookup(GenericRow.named(Map.of("id", i))));
            }
            for (int i = 9; i < 1_000; i++) {
                Row row = all.get(i - 9).get().orElseThrow();
                assertThat(row.getLong("id")).isEqualTo(i);
                assertThat(row.getString("name")).isEqualTo("n" + i);
                assertThat(row.getDecimal("price")).isEqualTo(new BigDecimal(i + ".25"));
                assertThat(row.getTimestamp("at")).isEqualTo(at);
            }
        }
    }

    @Test
    void readsTheChangelogOfItsWrites() throws Exception {
        TableInfo table = table("changes", TableDescriptor.of(SCHEMA).withBuckets(1));
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            UpsertResult first =
                    writer.upsert(row("a", 1)).thenCombine(writer.flush(), (r, f) -> r).get();
            assertThat(first.logEndOffset()).isEqualTo(1);
            var unused = writer.upsert(row("b", 1));
            unused = writer.delete(GenericRow.of(1));
            writer.flush().get();
        }
        List<String> seen = new ArrayList<>();
        try (RowScanner scanner = connection.rowScanner(table, List.of("name"))) {
            scanner.subscribeAll(new OffsetSpec.Earliest());
            while (seen.size() < 4) {
                for (ScanRecord r : scanner.poll(Duration.ofSeconds(5))) {
                    seen.add(r.offset() + r.changeType().shortName() + r.row().getString("name"));
                }
            }
        }
        assertThat(seen).containsExactly("0+Ia", "1-Ua", "2+Ub", "3-Db");
    }

    @Test
    void takesAndGivesVectors() throws Exception {
        TableInfo table = table("vectors", TableDescriptor.of(SCHEMA).withBuckets(4));
        int count = 20_000;
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            try (VectorSchemaRoot rows =
                    VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator)) {
                for (int i = 0; i < count; i++) {
                    ((VarCharVector) rows.getVector("name"))
                            .setSafe(i, ("n" + i).getBytes(StandardCharsets.UTF_8));
                    ((BigIntVector) rows.getVector("id")).setSafe(i, i);
                }
                rows.setRowCount(count);
                CompletableFuture<Map<TableBucket, Long>> ends = writer.upsert(rows);
                writer.flush().get();
                assertThat(ends.get()).hasSize(4);
                assertThat(ends.get().values().stream().mapToLong(v -> v).sum()).isEqualTo(count);
            }
        }
        try (Lookuper lookuper = connection.lookuper(table, LookupOptions.of("name", "id"));
                VectorSchemaRoot keys = keys(count + 500)) {
            LookupRows found = lookuper.lookup(keys).get();
            assertThat(found.rowCount()).isEqualTo(count);
            try (VectorSchemaRoot rows = found.vectors(allocator)) {
                for (int i = 0; i < count; i++) {
                    assertThat(found.keyOf(i)).isEqualTo(i);
                    assertThat(((BigIntVector) rows.getVector("id")).get(i)).isEqualTo(i);
                    assertThat(rows.getVector("name").getObject(i)).hasToString("n" + i);
                }
            }
        }
    }

    @Test
    void updatesSomeColumns() throws Exception {
        TableInfo table = table("partial", TableDescriptor.of(SCHEMA).withBuckets(1));
        try (UpsertWriter whole = connection.upsertWriter(table);
                UpsertWriter names =
                        connection.upsertWriter(table, UpsertOptions.of("id", "name"));
                Lookuper lookuper = connection.lookuper(table)) {
            var unused = whole.upsert(GenericRow.of("a", 1, BigDecimal.TEN, null));
            whole.flush().get();
            unused = names.upsert(GenericRow.of(1, "b"));
            names.flush().get();
            Row row = lookuper.lookup(GenericRow.of(1)).get().orElseThrow();
            assertThat(row.getString("name")).isEqualTo("b");
            assertThat(row.getDecimal("price")).isEqualByComparingTo(BigDecimal.TEN);
            unused = names.delete(GenericRow.of(1));
            names.flush().get();
            row = lookuper.lookup(GenericRow.of(1)).get().orElseThrow();
            assertThat(row.isNull("name")).isTrue();
        }
    }

    @Test
    void overwritesWhatTheMergeEngineWouldKeep() throws Exception {
        TableInfo table =
                table(
                        "first",
                        TableDescriptor.of(SCHEMA)
                                .withBuckets(1)
                                .withProperty(TableOptions.MERGE_ENGINE, "first_row"));
        try (UpsertWriter writer = connection.upsertWriter(table);
                UpsertWriter overwriting =
                        connection.upsertWriter(
                                table, UpsertOptions.DEFAULT.withMode(MergeMode.OVERWRITE));
                Lookuper lookuper = connection.lookuper(table)) {
            var unused = writer.upsert(row("a", 1));
            unused = writer.upsert(row("b", 1));
            writer.flush().get();
            assertThat(name(lookuper, 1)).isEqualTo("a");
            unused = overwriting.upsert(row("c", 1));
            overwriting.flush().get();
            assertThat(name(lookuper, 1)).isEqualTo("c");
        }
    }

    private static String name(Lookuper lookuper, long id) throws Exception {
        return lookuper.lookup(GenericRow.of(id)).get().orElseThrow().getString("name");
    }

    @Test
    void looksUpByPrefixInPartitions() throws Exception {
        TableSchema schema =
                TableSchema.of(
                        List.of(
                                Column.of("region", DataTypes.string()),
                                Column.of("user", DataTypes.bigInt()),
                                Column.of("item", DataTypes.string()),
                                Column.of("count", DataTypes.integer())),
                        List.of("region", "user", "item"));
        TableInfo table =
                table(
                        "carts",
                        TableDescriptor.of(schema)
                                .withPartitionKeys("region")
                                .withBuckets(2, "user"));
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            for (String region : List.of("eu", "us")) {
                for (int user = 0; user < 20; user++) {
                    for (String item : List.of("apple", "pear", "fig")) {
                        var unused = writer.upsert(GenericRow.of(region, user, item, user));
                    }
                }
            }
        }
        try (PrefixLookuper carts = connection.prefixLookuper(table);
                Lookuper items = connection.lookuper(table)) {
            assertThat(carts.columns()).containsExactly("region", "user");
            List<Row> found = carts.lookup(GenericRow.of("eu", 7)).get();
            assertThat(found)
                    .extracting(r -> r.getString("item"))
                    .containsExactlyInAnyOrder("fig", "pear", "apple");
            assertThat(found).allMatch(r -> r.getInt("count") == 7);
            assertThat(carts.lookup(GenericRow.of("eu", 99)).get()).isEmpty();
            assertThat(carts.lookup(GenericRow.of("asia", 7)).get())
                    .as("no such partition")
                    .isEmpty();
            assertThat(items.lookup(GenericRow.of("us", 3, "fig")).get()).isPresent();
            assertThat(items.lookup(GenericRow.of("mars", 3, "fig")).get()).isEmpty();
        }
        assertThat(connection.admin().listPartitions(table.path()).get())
                .as("lookups make none")
                .hasSize(2);
        TableInfo plain = table("plain", TableDescriptor.of(SCHEMA).withBuckets(1));
        assertThatThrownBy(() -> connection.prefixLookuper(plain))
                .hasMessageContaining("kv.plain")
                .hasMessageContaining("leading part");
    }

    @Test
    void padsRowsThatAreOlderThanAColumn() throws Exception {
        TableInfo old = table("evolved", TableDescriptor.of(SCHEMA).withBuckets(1));
        try (UpsertWriter writer = connection.upsertWriter(old)) {
            var unused = writer.upsert(row("a", 1));
        }
        connection
                .admin()
                .alterTable(
                        old.path(),
                        List.of(new TableChange.AddColumn(Column.of("extra", DataTypes.string()))),
                        false)
                .get();
        TableInfo table = connection.admin().tableInfo(old.path()).get();
        try (UpsertWriter writer = connection.upsertWriter(table);
                Lookuper now = connection.lookuper(table);
                Lookuper before = connection.lookuper(old)) {
            var unused = writer.upsert(GenericRow.named(Map.of("id", 2, "extra", "x")));
            writer.flush().get();
            assertThat(now.lookup(GenericRow.of(1)).get().orElseThrow().isNull("extra")).isTrue();
            assertThat(now.lookup(GenericRow.of(2)).get().orElseThrow().getString("extra"))
                    .isEqualTo("x");
            Row seenByOld = before.lookup(GenericRow.of(2)).get().orElseThrow();
            assertThat(seenByOld.columnCount()).isEqualTo(4);
            assertThat(seenByOld.getLong("id")).isEqualTo(2);
        }
    }

    /** Without a scan at the server: from the changelog alone, then from a snapshot's files. */
    @Test
    void readsTheRowsThereAreAndGoesOnWithTheirChanges() throws Exception {
        TableInfo table = table("now", TableDescriptor.of(SCHEMA).withBuckets(1));
        TableBucket bucket = TableBucket.of(table.tableId(), 0);
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            for (int i = 0; i < 500; i++) {
                var unused = writer.upsert(row("a" + i, i));
            }
            for (int i = 0; i < 500; i += 5) {
                var unused = writer.delete(GenericRow.of(i));
            }
            writer.flush().get();
            assertThat(ids(table, bucket)).hasSize(400);
            assertThat(connection.firstRows(table, bucket, List.of("id"), 7)).hasSize(7);
            long snapshotOffset = awaitSnapshot(table, bucket, 600);
            assertThat(snapshotOffset).isEqualTo(600);
            for (int i = 0; i < 5; i++) {
                var unused = writer.upsert(row("b" + i, 1_000 + i));
            }
            var unused = writer.upsert(row("new", 1));
            unused = writer.delete(GenericRow.of(2));
            writer.flush().get();
        }
        List<Long> ids = ids(table, bucket);
        assertThat(ids).hasSize(404).contains(1L, 1_004L).doesNotContain(0L, 2L);
        assertThat(ids).doesNotHaveDuplicates();
        Map<Long, String> rows = new java.util.TreeMap<>();
        List<String> changes = new ArrayList<>();
        try (RowScanner scanner = connection.rowScanner(table, List.of("name", "id"))) {
            scanner.subscribeAllWithRows();
            while (changes.size() < 2) {
                for (ScanRecord r : scanner.poll(Duration.ofSeconds(5))) {
                    if (r.offset() == ScanRecord.NONE) {
                        rows.put(r.row().getLong("id"), r.row().getString("name"));
                    } else {
                        changes.add(r.changeType().shortName() + r.row().getString("name"));
                    }
                }
                if (rows.size() == 404 && changes.isEmpty()) {
                    try (UpsertWriter writer = connection.upsertWriter(table)) {
                        var unused = writer.upsert(row("last", 1));
                    }
                }
            }
        }
        assertThat(rows).hasSize(404).containsEntry(1L, "new");
        assertThat(changes).startsWith("-Unew", "+Ulast");
        assertThat(java.nio.file.Files.list(temporary)).as("files are removed").isEmpty();
    }

    private long awaitSnapshot(TableInfo table, TableBucket bucket, long offset) throws Exception {
        while (true) {
            try (var rows = connection.snapshot(table, bucket, Optional.empty(), allocator)) {
                if (rows.logOffset() >= offset) {
                    return rows.logOffset();
                }
            }
            var unused = new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
        }
    }

    private List<Long> ids(TableInfo table, TableBucket bucket) {
        List<Long> ids = new ArrayList<>();
        try (var rows = connection.currentRows(table, bucket, Optional.of(List.of(1)), allocator)) {
            for (var page = rows.next(); page.isPresent(); page = rows.next()) {
                try (VectorSchemaRoot p = page.get()) {
                    for (int i = 0; i < p.getRowCount(); i++) {
                        ids.add(((BigIntVector) p.getVector(0)).get(i));
                    }
                }
            }
        }
        return ids;
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        TableInfo log =
                table(
                        "log",
                        TableDescriptor.of(TableSchema.of(Column.of("id", DataTypes.bigInt())))
                                .withBuckets(1));
        assertReason(ErrorReason.NON_PRIMARY_KEY_TABLE, () -> connection.upsertWriter(log));
        assertReason(ErrorReason.NON_PRIMARY_KEY_TABLE, () -> connection.lookuper(log));
        TableInfo table = table("wrong", TableDescriptor.of(SCHEMA).withBuckets(1));
        assertReason(
                ErrorReason.INVALID_COLUMN_PROJECTION,
                () -> connection.lookuper(table, LookupOptions.of("nope")));
        try (Lookuper lookuper = connection.lookuper(table)) {
            assertReason(
                    ErrorReason.INVALID_TARGET_COLUMN, () -> lookuper.lookup(GenericRow.of("x")));
            assertReason(
                    ErrorReason.INVALID_TARGET_COLUMN,
                    () -> lookuper.lookup(GenericRow.named(Map.of("name", "x"))));
        }
    }

    private static void assertReason(
            ErrorReason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining("kv.")
                .isInstanceOfSatisfying(
                        FlussException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static GenericRow row(String name, long id) {
        return GenericRow.of(name, id, null, null);
    }

    private VectorSchemaRoot keys(int count) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(
                        ArrowSchemas.of(
                                DataTypes.row(DataTypes.field("id", DataTypes.bigInt().notNull()))),
                        allocator);
        for (int i = 0; i < count; i++) {
            ((BigIntVector) root.getVector(0)).setSafe(i, i);
        }
        root.setRowCount(count);
        return root;
    }

    private TableInfo table(String name, TableDescriptor descriptor) throws Exception {
        TablePath path = TablePath.of("kv", name);
        connection.admin().createTable(path, descriptor, false).get();
        return connection.admin().tableInfo(path).get();
    }
}
