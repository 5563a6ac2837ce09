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
import io.fluss.client.append.AppendResult;
import io.fluss.client.append.AppendWriter;
import io.fluss.client.lake.TieringStatus;
import io.fluss.client.lake.TieringStatuses;
import io.fluss.client.row.GenericRow;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.LogScanner;
import io.fluss.client.scan.ScanBatch;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.time.SystemClock;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.TimeStampMicroVector;
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

/** What our client writes and reads, through the published server. */
@Timeout(180)
class PublishedServerIT {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    Column.of("id", DataTypes.bigInt().notNull()),
                    Column.of("name", DataTypes.string()),
                    Column.of("price", DataTypes.decimal(12, 2)),
                    Column.of("at", DataTypes.timestamp(6)));

    @TempDir static Path dir;
    private static PublishedServer server;
    private BufferAllocator allocator;
    private Connection connection;

    @BeforeAll
    static void startServer() throws Exception {
        server = PublishedServer.start(dir);
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void connect() throws Exception {
        allocator = new RootAllocator();
        connection = Connection.open(Map.of("bootstrap.servers", server.bootstrapServers()));
        connection.admin().createDatabase("it", DatabaseDescriptor.EMPTY, true).get();
    }

    @AfterEach
    void closesWithoutLeaks() {
        connection.close();
        allocator.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("fluss-"));
    }

    @ParameterizedTest
    @EnumSource(TableOptions.ArrowCompression.class)
    void readsBackWhatItAppended(TableOptions.ArrowCompression compression) throws Exception {
        readsBack(TableOptions.ARROW_COMPRESSION_TYPE, compression.name());
    }

    @ParameterizedTest
    @EnumSource(
            value = TableOptions.LogFormat.class,
            names = {"INDEXED", "COMPACTED"})
    void readsBackRowFormats(TableOptions.LogFormat format) throws Exception {
        readsBack(TableOptions.LOG_FORMAT, format.name());
    }

    @Test
    void tieringStatusTellsTheLagAndThatTheRestIsUnknown() throws Exception {
        TableInfo table = table("lagging", TableDescriptor.of(SCHEMA).withBuckets(1));
        append(table, 0, 10);
        TieringStatuses statuses = new TieringStatuses(connection, SystemClock.INSTANCE);
        TieringStatus status = statuses.read(List.of(table.path())).get(0);
        assertThat(status.word()).isEqualTo("unknown");
        assertThat(status.why()).contains("does not tell");
        assertThat(status.lagRecords()).hasValue(10);
        assertThat(status.lagMs().orElseThrow()).isBetween(0L, 600_000L);
        assertThat(status.rounds()).isEmpty();
        assertThat(statuses.read(List.of())).as("no table has a lake").isEmpty();
    }

    private void readsBack(String option, String value) throws Exception {
        TableInfo table =
                table(
                        "rt_" + value.toLowerCase(java.util.Locale.ROOT),
                        TableDescriptor.of(SCHEMA).withBuckets(1).withProperty(option, value));
        append(table, 0, 5_000);
        append(table, 5_000, 1);
        append(table, 5_001, 20_000);
        TableBucket bucket = TableBucket.of(table.tableId(), 0);

        assertThat(offset(table, new OffsetSpec.Earliest())).isZero();
        assertThat(offset(table, new OffsetSpec.Latest())).isEqualTo(25_001);

        long expected = 0;
        try (LogRangeReader reader =
                connection.logRange(
                        table, bucket, LogScanner.EARLIEST, 25_001, Optional.empty(), allocator)) {
            for (Optional<ScanBatch> b = reader.next(); b.isPresent(); b = reader.next()) {
                try (ScanBatch batch = b.get()) {
                    assertThat(batch.baseOffset()).isEqualTo(expected);
                    assertThat(batch.commitTimestampMs()).isPositive();
                    for (int i = 0; i < batch.rows().getRowCount(); i++) {
                        checkRow(batch.rows(), i, expected++);
                    }
                }
            }
            assertThat(reader.consumedUpTo()).isEqualTo(25_001);
        }
        assertThat(expected).isEqualTo(25_001);
    }

    @Test
    void projectsInTheOrderOfTheCaller() throws Exception {
        TableInfo table = table("projected", TableDescriptor.of(SCHEMA).withBuckets(1));
        append(table, 0, 3_000);
        TableBucket bucket = TableBucket.of(table.tableId(), 0);
        try (LogRangeReader reader =
                connection.logRange(
                        table, bucket, 100, 2_900, Optional.of(List.of(2, 0)), allocator)) {
            long expected = 100;
            for (Optional<ScanBatch> b = reader.next(); b.isPresent(); b = reader.next()) {
                try (ScanBatch batch = b.get()) {
                    DecimalVector price = (DecimalVector) batch.rows().getVector(0);
                    BigIntVector id = (BigIntVector) batch.rows().getVector(1);
                    assertThat(batch.rows().getSchema().getFields())
                            .extracting(f -> f.getName())
                            .containsExactly("price", "id");
                    for (int i = 0; i < batch.rows().getRowCount(); i++) {
                        assertThat(id.get(i)).isEqualTo(expected);
                        assertThat(price.getObject(i)).isEqualTo(price(expected));
                        expected++;
                    }
                }
            }
            assertThat(expected).isEqualTo(2_900);
        }
        try (LogRangeReader reader =
                connection.logRange(table, bucket, 0, 3_000, Optional.of(List.of()), allocator)) {
            long rows = 0;
            for (Optional<ScanBatch> b = reader.next(); b.isPresent(); b = reader.next()) {
                try (ScanBatch batch = b.get()) {
                    assertThat(batch.rows().getFieldVectors()).isEmpty();
                    rows += batch.rows().getRowCount();
                }
            }
            assertThat(rows).as("rows without columns").isEqualTo(3_000);
        }
    }

    @Test
    void spreadsOverBucketsAndFollowsThemAll() throws Exception {
        int buckets = 4;
        TableInfo table = table("many", TableDescriptor.of(SCHEMA).withBuckets(buckets));
        try (LogScanner scanner = connection.logScanner(table, Optional.empty(), allocator);
                AppendWriter writer =
                        writerWith(table, Map.of("client.writer.batch-size", "64kb"))) {
            for (int b = 0; b < buckets; b++) {
                scanner.subscribe(TableBucket.of(table.tableId(), b), LogScanner.EARLIEST);
            }
            List<CompletableFuture<Void>> acks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                try (VectorSchemaRoot rows = rows(i * 500L, 500)) {
                    acks.add(writer.append(rows));
                }
            }
            Map<Long, Integer> seen = new TreeMap<>();
            Map<TableBucket, Long> positions = new HashMap<>();
            while (seen.size() < 100_000) {
                for (ScanBatch batch : scanner.poll(Duration.ofSeconds(10))) {
                    try (batch) {
                        BigIntVector id = (BigIntVector) batch.rows().getVector("id");
                        for (int i = 0; i < batch.rows().getRowCount(); i++) {
                            seen.merge(id.get(i), 1, Integer::sum);
                        }
                        assertThat(batch.baseOffset())
                                .isEqualTo(positions.getOrDefault(batch.bucket(), 0L));
                        positions.put(batch.bucket(), batch.nextOffset());
                    }
                }
            }
            writer.flush().get();
            CompletableFuture.allOf(acks.toArray(CompletableFuture[]::new)).get();
            assertThat(seen.values()).as("each row once").containsOnly(1);
            assertThat(positions).as("buckets that got rows").hasSizeGreaterThan(1);
            positions.forEach((b, end) -> assertThat(scanner.position(b)).isEqualTo(end));
            assertThat(scanner.poll(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void wakesAWaitingPoll() throws Exception {
        TableInfo table = table("quiet", TableDescriptor.of(SCHEMA).withBuckets(1));
        try (LogScanner scanner = connection.logScanner(table, Optional.empty(), allocator)) {
            scanner.subscribe(TableBucket.of(table.tableId(), 0), 0);
            scanner.wakeup();
            assertThat(scanner.poll(Duration.ofMinutes(2))).isEmpty();
        }
    }

    @Test
    void mergesSmallAppendsIntoFewBatches() throws Exception {
        TableInfo table = table("small", TableDescriptor.of(SCHEMA).withBuckets(1));
        try (AppendWriter writer = connection.appendWriter(table)) {
            for (int i = 0; i < 500; i++) {
                try (VectorSchemaRoot row = rows(i, 1)) {
                    var unused = writer.append(row);
                }
            }
        }
        int batches = 0;
        try (LogRangeReader reader =
                connection.logRange(
                        table,
                        TableBucket.of(table.tableId(), 0),
                        0,
                        500,
                        Optional.empty(),
                        allocator)) {
            for (Optional<ScanBatch> b = reader.next(); b.isPresent(); b = reader.next()) {
                b.get().close();
                batches++;
            }
        }
        assertThat(batches).isBetween(1, 100);
    }

    @Test
    void refusesAnOffsetOutsideTheLog() throws Exception {
        TableInfo table = table("short", TableDescriptor.of(SCHEMA).withBuckets(1));
        append(table, 0, 10);
        try (LogScanner scanner = connection.logScanner(table, Optional.empty(), allocator)) {
            scanner.subscribe(TableBucket.of(table.tableId(), 0), 1_000);
            assertThatThrownBy(() -> scanner.poll(Duration.ofSeconds(30)))
                    .isInstanceOfSatisfying(
                            FlussException.class,
                            e ->
                                    assertThat(e.reason())
                                            .isEqualTo(ErrorReason.LOG_OFFSET_OUT_OF_RANGE));
        }
    }

    @Test
    void refusesNullsAndWrongVectorsAtOnce() throws Exception {
        TableInfo table = table("strict", TableDescriptor.of(SCHEMA).withBuckets(1));
        try (AppendWriter writer = connection.appendWriter(table);
                VectorSchemaRoot rows = rows(0, 3)) {
            ((BigIntVector) rows.getVector("id")).setNull(1);
            assertThatThrownBy(() -> writer.append(rows))
                    .hasMessageContaining("it.strict")
                    .hasMessageContaining("'id'")
                    .hasMessageContaining("row 1");
        }
    }

    @Test
    void managesDatabasesAndTables() throws Exception {
        TablePath path = TablePath.of("it", "managed");
        TableInfo table = table("managed", TableDescriptor.of(SCHEMA).withBuckets(3));
        assertThat(table.bucketCount()).isEqualTo(3);
        assertThat(table.schema().columnNames()).isEqualTo(SCHEMA.columnNames());
        assertThat(connection.admin().listDatabases().get()).contains("it");
        assertThat(connection.admin().listTables("it").get()).contains("managed");
        assertThat(connection.admin().tableExists(path).get()).isTrue();
        assertThat(connection.admin().tableSchema(path, 1).get()).isEqualTo(table.schema());
        assertThat(connection.admin().latestLakeSnapshot(path).get()).isEmpty();
        connection.admin().dropTable(path, false).get();
        assertThat(connection.admin().tableExists(path).get()).isFalse();
        assertThatThrownBy(() -> connection.admin().tableInfo(path).get())
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(FlussException.class);
    }

    @Test
    void managesPartitions() throws Exception {
        TableInfo table =
                table(
                        "parted",
                        TableDescriptor.of(SCHEMA).withBuckets(1).withPartitionKeys("name"));
        TablePath path = table.path();
        connection.admin().createPartition(path, Map.of("name", "a"), false).get();
        connection.admin().createPartition(path, Map.of("name", "a"), true).get();
        assertThat(connection.admin().listPartitions(path).get())
                .singleElement()
                .satisfies(p -> assertThat(p.name()).isEqualTo("a"));
        connection.admin().dropPartition(path, Map.of("name", "a"), false).get();
        assertThat(connection.admin().listPartitions(path).get()).isEmpty();
    }

    @Test
    void createsPartitionsAndSpreadsRowsByKey() throws Exception {
        TableInfo table =
                table(
                        "routed",
                        TableDescriptor.of(SCHEMA).withBuckets(3, "id").withPartitionKeys("name"));
        try (AppendWriter writer = connection.appendWriter(table);
                VectorSchemaRoot rows = rows(0, 300)) {
            VarCharVector name = (VarCharVector) rows.getVector("name");
            for (int i = 0; i < 300; i++) {
                name.setSafe(i, ("part-" + i % 3).getBytes(StandardCharsets.UTF_8));
            }
            CompletableFuture<Void> ack = writer.append(rows);
            writer.flush().get();
            ack.get();
        }
        Map<String, Long> rowsByPartition = new TreeMap<>();
        for (PartitionInfo p : connection.admin().listPartitions(table.path()).get()) {
            Map<TableBucket, Long> ends =
                    connection
                            .admin()
                            .listOffsets(
                                    table,
                                    OptionalLong.of(p.partitionId()),
                                    List.of(0, 1, 2),
                                    new OffsetSpec.Latest())
                            .get();
            assertThat(ends.values()).as("buckets of " + p.name()).allMatch(end -> end > 0);
            rowsByPartition.put(p.name(), ends.values().stream().mapToLong(Long::longValue).sum());
        }
        assertThat(rowsByPartition)
                .isEqualTo(Map.of("part-0", 100L, "part-1", 100L, "part-2", 100L));
    }

    @Test
    void survivesARestartOfTheServer() throws Exception {
        TableInfo table = table("restarted", TableDescriptor.of(SCHEMA).withBuckets(1));
        TableBucket bucket = TableBucket.of(table.tableId(), 0);
        List<Long> ids = new ArrayList<>();
        try (AppendWriter writer = connection.appendWriter(table);
                LogRangeReader reader =
                        connection.logRange(table, bucket, 0, 300, Optional.empty(), allocator)) {
            try (VectorSchemaRoot rows = rows(0, 100)) {
                writer.append(rows).get();
            }
            ids.addAll(ids(reader.next()));
            server.restart();
            CompletableFuture<Void> second;
            try (VectorSchemaRoot rows = rows(100, 200)) {
                second = writer.append(rows);
            }
            second.get();
            while (ids.size() < 300) {
                ids.addAll(ids(reader.next()));
            }
        }
        assertThat(ids).isEqualTo(IntStream.range(0, 300).mapToObj(Long::valueOf).toList());
    }

    private static List<Long> ids(Optional<ScanBatch> batch) {
        try (ScanBatch b = batch.orElseThrow()) {
            BigIntVector id = (BigIntVector) b.rows().getVector("id");
            return IntStream.range(0, b.rows().getRowCount()).mapToObj(id::get).toList();
        }
    }

    private TableInfo table(String name, TableDescriptor descriptor) throws Exception {
        TablePath path = TablePath.of("it", name);
        connection.admin().createTable(path, descriptor, false).get();
        return connection.admin().tableInfo(path).get();
    }

    private AppendWriter writerWith(TableInfo table, Map<String, String> options) {
        Map<String, String> all = new HashMap<>(options);
        all.put("bootstrap.servers", server.bootstrapServers());
        Connection own = Connection.open(all);
        AppendWriter writer = own.appendWriter(table);
        return new AppendWriter() {
            @Override
            public CompletableFuture<Void> append(VectorSchemaRoot rows) {
                return writer.append(rows);
            }

            @Override
            public CompletableFuture<AppendResult> append(GenericRow row) {
                return writer.append(row);
            }

            @Override
            public void close(Duration timeout) {
                writer.close(timeout);
                own.close();
            }

            @Override
            public CompletableFuture<Void> flush() {
                return writer.flush();
            }

            @Override
            public void close() {
                writer.close();
                own.close();
            }
        };
    }

    private long offset(TableInfo table, OffsetSpec spec) throws Exception {
        return connection
                .admin()
                .listOffsets(table, OptionalLong.empty(), List.of(0), spec)
                .get()
                .get(TableBucket.of(table.tableId(), 0));
    }

    private void append(TableInfo table, long firstId, int count) throws Exception {
        try (AppendWriter writer = connection.appendWriter(table);
                VectorSchemaRoot rows = rows(firstId, count)) {
            CompletableFuture<Void> ack = writer.append(rows);
            writer.flush().get();
            ack.get();
        }
    }

    private VectorSchemaRoot rows(long firstId, int count) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator);
        BigIntVector id = (BigIntVector) root.getVector("id");
        VarCharVector name = (VarCharVector) root.getVector("name");
        DecimalVector price = (DecimalVector) root.getVector("price");
        TimeStampMicroVector at = (TimeStampMicroVector) root.getVector("at");
        for (int i = 0; i < count; i++) {
            long n = firstId + i;
            id.setSafe(i, n);
            if (n % 7 == 0) {
                name.setNull(i);
            } else {
                name.setSafe(i, name(n).getBytes(StandardCharsets.UTF_8));
            }
            price.setSafe(i, price(n));
            at.setSafe(i, n * 1_000_003);
        }
        root.setRowCount(count);
        return root;
    }

    private static String name(long n) {
        return "name-" + n % 97;
    }

    private static BigDecimal price(long n) {
        return BigDecimal.valueOf(n * 3, 2);
    }

    private static void checkRow(VectorSchemaRoot rows, int i, long n) {
        assertThat(((BigIntVector) rows.getVector("id")).get(i)).isEqualTo(n);
        VarCharVector name = (VarCharVector) rows.getVector("name");
        if (n % 7 == 0) {
            assertThat(name.isNull(i)).isTrue();
        } else {
            assertThat(new String(name.get(i), StandardCharsets.UTF_8)).isEqualTo(name(n));
        }
        assertThat(((DecimalVector) rows.getVector("price")).getObject(i)).isEqualTo(price(n));
        assertThat(((TimeStampMicroVector) rows.getVector("at")).get(i)).isEqualTo(n * 1_000_003);
    }
}
