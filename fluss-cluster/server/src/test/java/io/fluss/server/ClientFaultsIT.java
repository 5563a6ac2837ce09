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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.append.AppendResult;
import io.fluss.client.append.AppendWriter;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.client.scan.LogScanner;
import io.fluss.client.scan.RowScanner;
import io.fluss.client.scan.ScanRecord;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client on a bad network and beside others who change things. */
@Timeout(180)
class ClientFaultsIT {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    Column.of("id", DataTypes.bigInt().notNull()),
                    Column.of("part", DataTypes.string()));
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;
    private static final Duration WAIT = Duration.ofSeconds(2);

    @TempDir Path directory;
    private int port;
    private LocalCluster cluster;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        port = freePorts();
        cluster = LocalCluster.start(directory, port, Map.of());
        connection = connect(cluster.bootstrap(), Map.of());
        get(connection.admin().createDatabase("it", DatabaseDescriptor.EMPTY, false));
    }

    @AfterEach
    void stop() {
        connection.close();
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void noRowIsLostOrDoubledOnABadNetwork(long seed) throws Exception {
        int rows = 4_000;
        TableInfo table = table("bad", TableDescriptor.of(SCHEMA).withBuckets(3));
        try (FlakyProxy proxy = FlakyProxy.start(get(connection.admin().serverNodes()), seed);
                Connection flaky =
                        connect(
                                proxy.bootstrap(),
                                Map.of(
                                        "client.request-timeout",
                                        "1s",
                                        "client.writer.batch-size",
                                        "2kb",
                                        "client.writer.batch-timeout",
                                        "5ms"))) {
            proxy.spoil(0.05);
            List<CompletableFuture<AppendResult>> acks = new ArrayList<>();
            try (AppendWriter writer = flaky.appendWriter(table)) {
                for (int i = 0; i < rows; i++) {
                    acks.add(writer.append(GenericRow.of(i, null)));
                    if (i % 500 == 499) {
                        get(writer.flush());
                    }
                }
            }
            assertThat(proxy.faultCount()).as("faults").isPositive();
            Map<Long, AppendResult> places = new HashMap<>();
            for (int i = 0; i < rows; i++) {
                places.put((long) i, get(acks.get(i)));
            }
            check(read(flaky, table, rows), places);
            proxy.spoil(0);
            check(read(connection, table, rows), places);
            assertThat(ends(table)).as("rows in the log").isEqualTo(rows);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyUpsertCountsOnceOnABadNetwork(long seed) throws Exception {
        int writes = 3_000;
        int keys = 200;
        TableSchema schema =
                TableSchema.of(
                        List.of(
                                Column.of("id", DataTypes.bigInt()),
                                Column.of("last", DataTypes.bigInt())),
                        List.of("id"));
        TableInfo table = table("keyed", TableDescriptor.of(schema).withBuckets(3));
        try (FlakyProxy proxy = FlakyProxy.start(get(connection.admin().serverNodes()), seed);
                Connection flaky =
                        connect(
                                proxy.bootstrap(),
                                Map.of(
                                        "client.request-timeout",
                                        "1s",
                                        "client.writer.batch-size",
                                        "2kb",
                                        "client.writer.batch-timeout",
                                        "5ms"))) {
            proxy.spoil(0.05);
            try (UpsertWriter writer = flaky.upsertWriter(table);
                    Lookuper lookuper = flaky.lookuper(table)) {
                for (int i = 0; i < writes; i++) {
                    var unused = writer.upsert(GenericRow.of(i % keys, i));
                    if (i % 500 == 499) {
                        get(writer.flush());
                        Row row = get(lookuper.lookup(GenericRow.of(i % keys))).orElseThrow();
                        assertThat(row.getLong("last")).isEqualTo(i);
                    }
                }
                get(writer.flush());
                List<CompletableFuture<Optional<Row>>> rows = new ArrayList<>();
                for (int id = 0; id < keys; id++) {
                    rows.add(lookuper.lookup(GenericRow.of(id)));
                }
                for (int id = 0; id < keys; id++) {
                    assertThat(get(rows.get(id)).orElseThrow().getLong("last"))
                            .isEqualTo(writes - keys + id);
                }
            }
            assertThat(proxy.faultCount()).as("faults").isPositive();
            assertThat(ends(table)).as("rows").isEqualTo(keys);
            assertThat(logEnds(table))
                    .as("one insert for each key, two records for each update")
                    .isEqualTo(keys + 2L * (writes - keys));
        }
    }

    /** Every row once, in order, and where its acknowledgement said. */
    private static void check(List<ScanRecord> records, Map<Long, AppendResult> places) {
        assertThat(records).hasSameSizeAs(places.keySet());
        Set<Long> ids = new HashSet<>();
        Map<TableBucket, Long> next = new HashMap<>();
        for (ScanRecord r : records) {
            assertThat(ids.add(r.row().getLong("id"))).as("once").isTrue();
            assertThat(r.offset()).isEqualTo(next.getOrDefault(r.bucket(), 0L));
            next.put(r.bucket(), r.offset() + 1);
            AppendResult place = places.get(r.row().getLong("id"));
            assertThat(place.bucket()).isEqualTo(r.bucket());
            if (place.offset() != AppendResult.UNKNOWN_OFFSET) {
                assertThat(place.offset()).isEqualTo(r.offset());
            }
        }
    }

    @Test
    void writesAcrossARestartOfTheServer() throws Exception {
        TableInfo table = table("restarted", TableDescriptor.of(SCHEMA).withBuckets(2));
        List<CompletableFuture<AppendResult>> acks = new ArrayList<>();
        try (AppendWriter writer = connection.appendWriter(table)) {
            for (int i = 0; i < 100; i++) {
                acks.add(writer.append(GenericRow.of(i, null)));
            }
            get(acks.get(99));
            cluster.close();
            for (int i = 100; i < 200; i++) {
                acks.add(writer.append(GenericRow.of(i, null)));
            }
            cluster = LocalCluster.start(directory, port, Map.of());
            for (int i = 200; i < 300; i++) {
                acks.add(writer.append(GenericRow.of(i, null)));
            }
        }
        for (CompletableFuture<AppendResult> ack : acks) {
            get(ack);
        }
        assertThat(read(connection, table, 300))
                .extracting(r -> r.row().getLong("id"))
                .doesNotHaveDuplicates()
                .hasSize(300);
        assertThat(ends(table)).isEqualTo(300);
    }

    @Test
    void manyWritersCreateOnePartition() throws Exception {
        TableInfo table =
                table("raced", TableDescriptor.of(SCHEMA).withBuckets(1).withPartitionKeys("part"));
        List<Connection> connections = new ArrayList<>();
        List<AppendWriter> writers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            connections.add(connect(cluster.bootstrap(), Map.of()));
            writers.add(connections.get(i).appendWriter(table));
        }
        for (int i = 0; i < 60; i++) {
            var unused = writers.get(i % 6).append(GenericRow.of(i, "p" + i / 6 % 3));
        }
        writers.forEach(AppendWriter::close);
        connections.forEach(Connection::close);
        assertThat(get(connection.admin().listPartitions(table.path())))
                .extracting(p -> p.name())
                .containsExactlyInAnyOrder("p0", "p1", "p2");
        assertThat(read(connection, table, 60)).hasSize(60);
    }

    @Test
    void aDroppedPartitionIsCreatedAgainByItsWriter() throws Exception {
        TableInfo table =
                table(
                        "dropped",
                        TableDescriptor.of(SCHEMA).withBuckets(1).withPartitionKeys("part"));
        try (AppendWriter writer = connection.appendWriter(table)) {
            get(writer.append(GenericRow.of(1, "a")));
            get(writer.append(GenericRow.of(2, "a")));
            try (Connection other = connect(cluster.bootstrap(), Map.of())) {
                get(other.admin().dropPartition(table.path(), Map.of("part", "a"), false));
            }
            assertThat(get(writer.append(GenericRow.of(3, "a"))).offset()).isZero();
        }
        assertThat(read(connection, table, 1))
                .extracting(r -> r.row().getLong(0))
                .containsExactly(3L);
    }

    @Test
    void saysThatATableIsAnotherOneByNow() throws Exception {
        TableDescriptor descriptor = TableDescriptor.of(SCHEMA).withBuckets(1);
        TableInfo table = table("again", descriptor);
        AppendWriter writer = connection.appendWriter(table);
        get(writer.append(GenericRow.of(1, null)));
        try (RowScanner scanner = connection.rowScanner(table)) {
            scanner.subscribeAll(new OffsetSpec.Earliest());
            get(connection.admin().dropTable(table.path(), false));
            TableInfo fresh = table("again", descriptor);
            assertThat(fresh.tableId()).isNotEqualTo(table.tableId());
            String message = "a new table of that name has id " + fresh.tableId();
            assertThatThrownBy(() -> get(writer.append(GenericRow.of(2, null))))
                    .hasMessageContaining(message);
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    var unused = scanner.poll(WAIT);
                                }
                            })
                    .isInstanceOfSatisfying(
                            FlussException.class,
                            e -> assertThat(e.reason()).isEqualTo(ErrorReason.TABLE_NOT_EXIST))
                    .hasMessageContaining(message);
        }
        assertThatThrownBy(writer::close).hasMessageContaining("rows were lost");
    }

    @Test
    void followsPartitionsThatAppearAndLeavesThoseThatGo() throws Exception {
        TableInfo table =
                table("found", TableDescriptor.of(SCHEMA).withBuckets(1).withPartitionKeys("part"));
        Set<Long> seen = new HashSet<>();
        try (RowScanner scanner =
                        connection.rowScanner(table).discoverEvery(Duration.ofMillis(100));
                AppendWriter writer = connection.appendWriter(table)) {
            scanner.subscribeAll(new OffsetSpec.Latest());
            get(writer.append(GenericRow.of(1, "a")));
            get(writer.append(GenericRow.of(2, "b")));
            while (seen.size() < 2) {
                scanner.poll(WAIT).forEach(r -> seen.add(r.row().getLong("id")));
            }
            get(connection.admin().dropPartition(table.path(), Map.of("part", "a"), false));
            while (scanner.subscription().size() > 1) {
                assertThat(scanner.poll(Duration.ofMillis(100))).isEmpty();
            }
        }
        assertThat(seen).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void oldRowsAreReadWithColumnsThatCameLater() throws Exception {
        for (String format : List.of("ARROW", "INDEXED", "COMPACTED")) {
            TablePath path =
                    TablePath.of("it", "grown_" + format.toLowerCase(java.util.Locale.ROOT));
            TableInfo old =
                    table(
                            path.table(),
                            TableDescriptor.of(SCHEMA)
                                    .withBuckets(1)
                                    .withProperty("table.log.format", format));
            try (AppendWriter writer = connection.appendWriter(old);
                    RowScanner before = connection.rowScanner(old)) {
                get(writer.append(GenericRow.of(1, "x")));
                get(
                        connection
                                .admin()
                                .alterTable(
                                        path,
                                        List.of(
                                                new io.fluss.client.TableChange.AddColumn(
                                                        Column.of("note", DataTypes.integer()))),
                                        false));
                TableInfo grown = get(connection.admin().tableInfo(path));
                try (AppendWriter after = connection.appendWriter(grown)) {
                    get(after.append(GenericRow.of(2, "y", 7)));
                }
                get(writer.append(GenericRow.of(3, "z")));
                TableBucket bucket = TableBucket.of(grown.tableId(), 0);
                assertThat(connection.lastRows(grown, bucket, List.of("note", "id"), 10))
                        .extracting(r -> r.row().get("id"), r -> r.row().get("note"))
                        .containsExactly(
                                org.assertj.core.groups.Tuple.tuple(1L, null),
                                org.assertj.core.groups.Tuple.tuple(2L, 7),
                                org.assertj.core.groups.Tuple.tuple(3L, null));
                assertThat(connection.lastRows(grown, bucket, List.of("id"), 2))
                        .extracting(r -> r.row().getLong(0))
                        .containsExactly(2L, 3L);
                before.subscribe(bucket, LogScanner.EARLIEST);
                List<ScanRecord> seen = new ArrayList<>();
                while (seen.size() < 3) {
                    seen.addAll(before.poll(WAIT).all());
                }
                assertThat(seen).extracting(r -> r.row().columnCount()).containsOnly(2);
            }
        }
    }

    @Test
    void findsAServerBehindAnyOfTheAddresses() {
        try (Connection c =
                connect("127.0.0.1:1," + cluster.bootstrap() + ",127.0.0.1:2", Map.of())) {
            assertThat(c.admin().listDatabases().join()).contains("it");
        }
        assertThatThrownBy(() -> connect("127.0.0.1:1,127.0.0.1:2", Map.of()))
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageContaining("127.0.0.1:2")
                .hasMessageContaining("refused");
    }

    private TableInfo table(String name, TableDescriptor descriptor) throws Exception {
        TablePath path = TablePath.of("it", name);
        get(connection.admin().createTable(path, descriptor, false));
        return get(connection.admin().tableInfo(path));
    }

    private long logEnds(TableInfo table) throws Exception {
        return get(
                        connection
                                .admin()
                                .listOffsets(
                                        table,
                                        OptionalLong.empty(),
                                        IntStream.range(0, table.bucketCount()).boxed().toList(),
                                        new OffsetSpec.Latest()))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private long ends(TableInfo table) throws Exception {
        return get(
                        connection
                                .admin()
                                .rowCounts(
                                        table,
                                        OptionalLong.empty(),
                                        IntStream.range(0, table.bucketCount()).boxed().toList()))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static List<ScanRecord> read(Connection from, TableInfo table, int count) {
        List<ScanRecord> records = new ArrayList<>();
        try (RowScanner scanner = from.rowScanner(table)) {
            scanner.subscribeAll(new OffsetSpec.Earliest());
            while (records.size() < count) {
                records.addAll(scanner.poll(WAIT).all());
            }
        }
        return records;
    }

    /** Not of those for outgoing connections: a client that tries again could take them. */
    private static int freePorts() throws IOException {
        int candidate = FIRST_PORT + (int) (ProcessHandle.current().pid() % PORTS);
        while (true) {
            try (ServerSocket first = listen(candidate);
                    ServerSocket second = listen(candidate + 1)) {
                return Math.min(first.getLocalPort(), second.getLocalPort());
            } catch (BindException e) {
                candidate += 2;
            }
        }
    }

    private static ServerSocket listen(int wanted) throws IOException {
        return new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress());
    }

    private static Connection connect(String bootstrap, Map<String, String> options) {
        Map<String, String> all = new HashMap<>(options);
        all.put("bootstrap.servers", bootstrap);
        return Connection.open(all);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(120, TimeUnit.SECONDS);
    }
}
