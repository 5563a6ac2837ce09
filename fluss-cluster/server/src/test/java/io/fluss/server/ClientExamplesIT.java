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

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.TableChange;
import io.fluss.client.append.AppendResult;
import io.fluss.client.append.AppendWriter;
import io.fluss.client.append.UpsertOptions;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.LogScanner;
import io.fluss.client.scan.RowScanner;
import io.fluss.client.scan.ScanBatch;
import io.fluss.client.scan.ScanRecord;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the page about the client. */
@Timeout(120)
class ClientExamplesIT {
    private static final Path PAGE = Path.of("..", "..", "docs", "client.md");
    private static final Path SOURCE =
            Path.of("src", "test", "java", "io", "fluss", "server", "ClientExamplesIT.java");

    @TempDir Path directory;

    @Test
    void examplesWork() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(directory, 0, Map.of());
                Connection connection =
                        Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()))) {
            create(connection);
            assertThat(append(connection)).isZero();
            follow(connection);
            assertThat(columns(connection)).isEqualTo(6);
            assertThat(keys(connection)).isEqualTo("Ada+IAda-UAda+UEve");
            alter(connection);
        }
    }

    private static void create(Connection connection) throws Exception {
        Admin admin = connection.admin();
        admin.createDatabase("shop", DatabaseDescriptor.EMPTY, true).get();
        TableSchema schema =
                TableSchema.of(
                        Column.of("id", DataTypes.bigInt().notNull()),
                        Column.of("price", DataTypes.decimal(10, 2)),
                        Column.of("at", DataTypes.timestampLtz(3)));
        TablePath path = TablePath.of("shop", "orders");
        admin.createTable(path, TableDescriptor.of(schema).withBuckets(4, "id"), true).get();
        TableInfo table = admin.tableInfo(path).get();
        assertThat(table.bucketCount()).isEqualTo(4);
    }

    private static long append(Connection connection) throws Exception {
        TableInfo table = connection.admin().tableInfo(TablePath.of("shop", "orders")).get();
        try (AppendWriter writer = connection.appendWriter(table)) {
            CompletableFuture<AppendResult> stored =
                    writer.append(GenericRow.of(1L, new BigDecimal("9.99"), Instant.now()));
            writer.append(GenericRow.named(Map.of("id", 2, "price", new BigDecimal("1.50"))));
            writer.flush().get();
            return stored.get().offset();
        }
    }

    private static void follow(Connection connection) throws Exception {
        TableInfo table = connection.admin().tableInfo(TablePath.of("shop", "orders")).get();
        try (RowScanner scanner = connection.rowScanner(table, List.of("id", "price"))) {
            scanner.subscribeAll(new OffsetSpec.Earliest());
            int seen = 0;
            while (seen < 2) {
                for (ScanRecord record : scanner.poll(Duration.ofSeconds(1))) {
                    long id = record.row().getLong("id");
                    BigDecimal price = record.row().getDecimal("price");
                    System.out.println(
                            record.bucket() + "@" + record.offset() + " " + id + " " + price);
                    seen++;
                }
            }
        }
    }

    private static String keys(Connection connection) throws Exception {
        TableSchema schema =
                TableSchema.of(
                        List.of(
                                Column.of("id", DataTypes.bigInt()),
                                Column.of("name", DataTypes.string()),
                                Column.of("visits", DataTypes.integer())),
                        List.of("id"));
        TablePath path = TablePath.of("shop", "users");
        connection.admin().createTable(path, TableDescriptor.of(schema).withBuckets(1), true).get();
        TableInfo table = connection.admin().tableInfo(path).get();
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            writer.upsert(GenericRow.of(1, "Ada", 1));
            writer.upsert(GenericRow.of(2, "Bob", 1));
            writer.delete(GenericRow.of(2));
        }
        StringBuilder seen = new StringBuilder();
        try (Lookuper lookuper = connection.lookuper(table)) {
            Optional<Row> ada = lookuper.lookup(GenericRow.of(1)).get();
            Optional<Row> bob = lookuper.lookup(GenericRow.of(2)).get();
            seen.append(ada.orElseThrow().getString("name"));
            assertThat(bob).isEmpty();
        }
        try (RowScanner scanner = connection.rowScanner(table);
                UpsertWriter names =
                        connection.upsertWriter(table, UpsertOptions.of("id", "name"))) {
            scanner.subscribeAllWithRows();
            for (ScanRecord record : scanner.poll(Duration.ofSeconds(10))) {
                seen.append(record.changeType().shortName());
                seen.append(record.row().getString("name"));
            }
            names.upsert(GenericRow.of(1, "Eve"));
            names.flush().get();
            int changes = 0;
            while (changes < 2) {
                for (ScanRecord record : scanner.poll(Duration.ofSeconds(1))) {
                    seen.append(record.changeType().shortName());
                    seen.append(record.row().getString("name"));
                    changes++;
                }
            }
        }
        return seen.toString();
    }

    private static long columns(Connection connection) throws Exception {
        TableSchema schema = TableSchema.of(Column.of("n", DataTypes.bigInt()));
        TablePath path = TablePath.of("shop", "numbers");
        connection.admin().createTable(path, TableDescriptor.of(schema).withBuckets(1), true).get();
        TableInfo table = connection.admin().tableInfo(path).get();
        long sum = 0;
        try (BufferAllocator allocator = new RootAllocator()) {
            try (AppendWriter writer = connection.appendWriter(table);
                    VectorSchemaRoot rows =
                            VectorSchemaRoot.create(
                                    ArrowSchemas.of(table.schema().rowType()), allocator)) {
                BigIntVector n = (BigIntVector) rows.getVector("n");
                for (int i = 0; i < 3; i++) {
                    n.setSafe(i, i + 1);
                }
                rows.setRowCount(3);
                CompletableFuture<Void> stored = writer.append(rows);
                writer.flush();
                stored.get();
            }
            TableBucket bucket = TableBucket.of(table.tableId(), 0);
            try (LogRangeReader reader =
                    connection.logRange(
                            table, bucket, LogScanner.EARLIEST, 3, Optional.empty(), allocator)) {
                for (Optional<ScanBatch> b = reader.next(); b.isPresent(); b = reader.next()) {
                    try (ScanBatch batch = b.get()) {
                        BigIntVector n = (BigIntVector) batch.rows().getVector(0);
                        for (int i = 0; i < batch.rows().getRowCount(); i++) {
                            sum += n.get(i);
                        }
                    }
                }
            }
        }
        return sum;
    }

    private static void alter(Connection connection) throws Exception {
        TablePath path = TablePath.of("shop", "orders");
        connection
                .admin()
                .alterTable(
                        path,
                        List.of(new TableChange.AddColumn(Column.of("note", DataTypes.string()))),
                        false)
                .get();
        TableInfo table = connection.admin().tableInfo(path).get();
        assertThat(table.schema().columnNames()).contains("note");
    }

    @Test
    void thePageShowsThisCode() throws Exception {
        String source = flat(Files.readString(SOURCE));
        Matcher blocks =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(PAGE));
        int count = 0;
        while (blocks.find()) {
            assertThat(source).contains(flat(blocks.group(1)));
            count++;
        }
        assertThat(count).isPositive();
    }

    private static String flat(String code) {
        return code.replaceAll("\\s+", "");
    }
}
