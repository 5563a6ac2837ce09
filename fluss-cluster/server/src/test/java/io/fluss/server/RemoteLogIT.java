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

import io.fluss.client.OffsetSpec;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.PartitionSpec;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small segments that go to remote storage: the published client and ours read every row, also
 * after the server was killed while it copied.
 */
@Timeout(300)
class RemoteLogIT {
    private static final long WAIT_SECONDS = 60;
    private static final int ROWS = 600;
    private static final int ROW_BYTES = 1_000;

    @TempDir Path dir;

    private Map<String, String> options(Path remote) {
        return Map.of(
                "datalake.enabled",
                "false",
                "log.segment.file-size",
                "64kb",
                "remote.log.task-interval-duration",
                "100ms",
                "remote.data.dir",
                remote.toUri().toString());
    }

    @Test
    void bothClientsReadThroughRemoteSegments() throws Exception {
        Path remote = dir.resolve("remote");
        try (LocalCluster cluster = LocalCluster.start(dir.resolve("c"), 0, options(remote));
                Connection published = published(cluster.bootstrap())) {
            TablePath path = create(published, "both", "1");
            append(published, path, 0, ROWS);
            awaitTrue("segments leave the local log", () -> localStart(dir.resolve("c")) > 0);
            assertThat(publishedRows(published, path)).isEqualTo(numbers(ROWS));
            assertThat(ourRows(cluster.bootstrap(), "both", 0, ROWS)).isEqualTo(numbers(ROWS));
            assertThat(ourRows(cluster.bootstrap(), "both", 33, 250))
                    .isEqualTo(numbers(250).subList(33, 250));
            assertThat(earliest(cluster.bootstrap(), "both")).isZero();
            try (Admin admin = published.getAdmin()) {
                admin.dropTable(path, false).get(WAIT_SECONDS, TimeUnit.SECONDS);
            }
            awaitTrue("no file is left", () -> files(remote, ".log").isEmpty());
        }
    }

    @Test
    void droppedPartitionsLeaveNothingBehind() throws Exception {
        Path remote = dir.resolve("remote");
        try (LocalCluster cluster = LocalCluster.start(dir.resolve("c"), 0, options(remote));
                Connection published = published(cluster.bootstrap());
                Admin admin = published.getAdmin()) {
            TablePath path = TablePath.of("shop", "parts");
            admin.createDatabase("shop", DatabaseDescriptor.EMPTY, true)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            admin.createTable(
                            path,
                            TableDescriptor.builder()
                                    .schema(
                                            Schema.newBuilder()
                                                    .column("n", DataTypes.INT())
                                                    .column("day", DataTypes.STRING())
                                                    .column("s", DataTypes.STRING())
                                                    .build())
                                    .distributedBy(1)
                                    .partitionedBy("day")
                                    .build(),
                            false)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            Random random = new Random(3);
            try (Table table = published.getTable(path)) {
                AppendWriter writer = table.newAppend().createWriter();
                for (int i = 0; i < ROWS; i++) {
                    writer.append(
                            GenericRow.of(
                                    i,
                                    BinaryString.fromString(i % 2 == 0 ? "a" : "b"),
                                    BinaryString.fromString(text(random))));
                    if (i % 20 == 19) {
                        writer.flush();
                    }
                }
            }
            awaitTrue(
                    "both are copied",
                    () ->
                            files(remote, ".log").stream().anyMatch(f -> f.contains("/a-p"))
                                    && files(remote, ".log").stream()
                                            .anyMatch(f -> f.contains("/b-p")));
            admin.dropPartition(path, new PartitionSpec(Map.of("day", "a")), false)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            awaitTrue(
                    "one is gone",
                    () -> files(remote, "").stream().noneMatch(f -> f.contains("/a-p")));
            assertThat(files(remote, ".log")).isNotEmpty();
        }
    }

    @Test
    void killedWhileItCopiesItLosesAndLeavesNothing() throws Exception {
        Path remote = dir.resolve("remote");
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("local", "--dir", dir.resolve("c").toString(), "--port", "0"));
        options(remote).forEach((k, v) -> arguments.add("-D" + k + "=" + v));
        Path errors = Files.createFile(dir.resolve("errors"));
        int rows = 0;
        for (int life = 0; life < 4; life++) {
            try (ServerProcess server =
                            ServerProcess.start(errors, arguments.toArray(String[]::new));
                    Connection published = published(server.bootstrap())) {
                TablePath path = create(published, "killed", "1");
                int before = files(remote, ".log").size();
                append(published, path, rows, ROWS / 2);
                rows += ROWS / 2;
                int wanted = before + 1 + life;
                awaitTrue("it copies", () -> files(remote, ".log").size() >= wanted);
                server.kill();
            }
        }
        try (LocalCluster cluster = LocalCluster.start(dir.resolve("c"), 0, options(remote));
                Connection published = published(cluster.bootstrap())) {
            TablePath path = TablePath.of("shop", "killed");
            append(published, path, rows, 20);
            int all = rows + 20;
            assertThat(publishedRows(published, path)).isEqualTo(numbers(all));
            assertThat(ourRows(cluster.bootstrap(), "killed", 0, all)).isEqualTo(numbers(all));
            awaitTrue(
                    "what the kills have left is swept",
                    () -> files(remote, ".manifest").size() == 1);
        }
    }

    // ---- the published client

    private static Connection published(String bootstrap) {
        Configuration c = new Configuration();
        c.setString("bootstrap.servers", bootstrap);
        return ConnectionFactory.createConnection(c);
    }

    private static TablePath create(Connection connection, String name, String localSegments)
            throws Exception {
        TablePath path = TablePath.of("shop", name);
        try (Admin admin = connection.getAdmin()) {
            admin.createDatabase("shop", DatabaseDescriptor.EMPTY, true)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            admin.createTable(
                            path,
                            TableDescriptor.builder()
                                    .schema(
                                            Schema.newBuilder()
                                                    .column("n", DataTypes.INT())
                                                    .column("s", DataTypes.STRING())
                                                    .build())
                                    .distributedBy(1)
                                    .property("table.log.tiered.local-segments", localSegments)
                                    .build(),
                            true)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
        return path;
    }

    private static void append(Connection connection, TablePath path, int from, int count)
            throws Exception {
        Random random = new Random(from);
        try (Table table = connection.getTable(path)) {
            AppendWriter writer = table.newAppend().createWriter();
            for (int i = 0; i < count; i++) {
                writer.append(GenericRow.of(from + i, BinaryString.fromString(text(random))));
                if (i % 20 == 19) {
                    writer.flush();
                }
            }
            writer.flush();
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder(ROW_BYTES);
        for (int i = 0; i < ROW_BYTES; i++) {
            text.append((char) ('!' + random.nextInt(90)));
        }
        return text.toString();
    }

    private static List<Integer> publishedRows(Connection connection, TablePath path)
            throws Exception {
        List<Integer> read = new ArrayList<>();
        try (Table table = connection.getTable(path);
                LogScanner scanner = table.newScan().createLogScanner()) {
            scanner.subscribeFromBeginning(0);
            long end =
                    connection
                            .getAdmin()
                            .listOffsets(
                                    path,
                                    List.of(0),
                                    new org.apache.fluss.client.admin.OffsetSpec.LatestSpec())
                            .all()
                            .get(WAIT_SECONDS, TimeUnit.SECONDS)
                            .get(0);
            while (read.size() < end) {
                for (ScanRecord r : scanner.poll(Duration.ofMillis(200))) {
                    assertThat(r.logOffset()).isEqualTo(read.size());
                    read.add(r.getRow().getInt(0));
                }
            }
        }
        return read;
    }

    // ---- our client

    private static List<Integer> ourRows(String bootstrap, String name, long from, long to)
            throws Exception {
        List<Integer> read = new ArrayList<>();
        try (io.fluss.client.Connection connection = ours(bootstrap);
                BufferAllocator allocator = new RootAllocator()) {
            TableInfo table = table(connection, name);
            try (LogRangeReader reader =
                    connection.logRange(
                            table,
                            TableBucket.of(table.tableId(), 0),
                            from,
                            to,
                            Optional.of(List.of(0)),
                            allocator)) {
                for (Optional<ScanBatch> b = reader.next(); b.isPresent(); b = reader.next()) {
                    try (ScanBatch batch = b.get()) {
                        IntVector n = (IntVector) batch.rows().getVector(0);
                        for (int i = 0; i < n.getValueCount(); i++) {
                            assertThat(batch.baseOffset() + i).isEqualTo(from + read.size());
                            read.add(n.get(i));
                        }
                    }
                }
            }
        }
        return read;
    }

    private static io.fluss.client.Connection ours(String bootstrap) {
        return io.fluss.client.Connection.open(Map.of("bootstrap.servers", bootstrap));
    }

    private static TableInfo table(io.fluss.client.Connection connection, String name)
            throws Exception {
        return connection
                .admin()
                .tableInfo(io.fluss.table.TablePath.of("shop", name))
                .get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static long earliest(String bootstrap, String name) throws Exception {
        try (io.fluss.client.Connection connection = ours(bootstrap)) {
            TableInfo table = table(connection, name);
            return new ArrayList<>(
                            new HashMap<>(
                                            connection
                                                    .admin()
                                                    .listOffsets(
                                                            table,
                                                            OptionalLong.empty(),
                                                            List.of(0),
                                                            new OffsetSpec.Earliest())
                                                    .get(WAIT_SECONDS, TimeUnit.SECONDS))
                                    .values())
                    .get(0);
        }
    }

    // ---- what lies on disk

    private static List<Integer> numbers(int count) {
        return java.util.stream.IntStream.range(0, count).boxed().toList();
    }

    /** Base offset of the oldest segment of the only bucket. */
    private static long localStart(Path cluster) {
        return files(cluster.resolve("data"), ".log").stream()
                .map(f -> f.substring(f.lastIndexOf('/') + 1, f.length() - ".log".length()))
                .mapToLong(Long::parseLong)
                .min()
                .orElse(0);
    }

    private static List<String> files(Path directory, String suffix) {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .map(Path::toString)
                    .filter(f -> f.endsWith(suffix))
                    .toList();
        } catch (java.io.UncheckedIOException e) {
            // Files come and go meanwhile.
            assertThat(e.getCause()).isInstanceOf(NoSuchFileException.class);
            return files(directory, suffix);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void awaitTrue(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
