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
package io.fluss.filestore.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.filestore.FileStore;
import io.fluss.filestore.FileStores;
import io.fluss.server.LocalCluster;
import io.fluss.settings.Settings;
import io.fluss.table.TableInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.metadata.KvSnapshots;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.batch.BatchScanUtils;
import org.apache.fluss.client.table.scanner.batch.BatchScanner;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that keeps its remote files in S3: both clients read them there by themselves. */
@Timeout(300)
class S3RemoteLogIT {
    private static final long WAIT_SECONDS = 60;
    private static final int ROWS = 600;
    private static final int ROW_BYTES = 1_000;
    private static final String ROOT = "s3://" + S3Server.BUCKET + "/remote";

    @TempDir Path dir;

    @Test
    void bothClientsReadSegmentsInS3AndDroppedTablesLeaveNothingThere() throws Exception {
        try (S3Server s3 = S3Server.start(Files.createDirectory(dir.resolve("s3")))) {
            Map<String, String> options = new HashMap<>(s3.options());
            options.put("s3.client.access-key", S3Server.ACCESS_KEY);
            options.put("s3.client.secret-key", S3Server.SECRET_KEY);
            options.put("s3.region", "us-east-1");
            options.put("datalake.enabled", "false");
            options.put("log.segment.file-size", "64kb");
            options.put("remote.log.task-interval-duration", "100ms");
            options.put("kv.snapshot.interval", "500ms");
            options.put("remote.data.dir", ROOT);
            try (FileStore files = FileStores.open(Settings.of(options));
                    LocalCluster cluster = LocalCluster.start(dir.resolve("c"), 0, options);
                    Connection published = published(cluster.bootstrap())) {
                TablePath path = create(published);
                append(published, path);
                awaitTrue("segments leave the local log", () -> localStart() > 0);
                assertThat(publishedRows(published, path)).isEqualTo(numbers());
                assertThat(ourRows(cluster.bootstrap())).isEqualTo(numbers());
                snapshotIsReadFromS3(published);
                try (Admin admin = published.getAdmin()) {
                    admin.dropTable(path, false).get(WAIT_SECONDS, TimeUnit.SECONDS);
                }
                awaitTrue("no file is left", () -> isEmpty(files, ROOT));
            }
        }
    }

    private static void snapshotIsReadFromS3(Connection connection) throws Exception {
        TablePath path = TablePath.of("shop", "stock");
        try (Admin admin = connection.getAdmin()) {
            admin.createTable(
                            path,
                            TableDescriptor.builder()
                                    .schema(
                                            Schema.newBuilder()
                                                    .column("n", DataTypes.INT())
                                                    .column("s", DataTypes.STRING())
                                                    .primaryKey("n")
                                                    .build())
                                    .distributedBy(1)
                                    .build(),
                            false)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            try (Table table = connection.getTable(path)) {
                UpsertWriter writer = table.newUpsert().createWriter();
                for (int i = 0; i < ROWS; i++) {
                    writer.upsert(GenericRow.of(i, BinaryString.fromString("v" + i)));
                }
                writer.flush();
                awaitTrue("a snapshot of all rows", () -> snapshot(admin, path).isPresent());
                TableBucket bucket = new TableBucket(table.getTableInfo().getTableId(), 0);
                List<Integer> read = new ArrayList<>();
                try (BatchScanner scanner =
                        table.newScan()
                                .createBatchScanner(bucket, snapshot(admin, path).getAsLong())) {
                    BatchScanUtils.collectRows(scanner).forEach(r -> read.add(r.getInt(0)));
                }
                assertThat(read).containsExactlyInAnyOrderElementsOf(numbers());
            }
            admin.dropTable(path, false).get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static OptionalLong snapshot(Admin admin, TablePath path) {
        KvSnapshots s = admin.getLatestKvSnapshots(path).join();
        return s.getLogOffset(0).orElse(0) == ROWS ? s.getSnapshotId(0) : OptionalLong.empty();
    }

    private static Connection published(String bootstrap) {
        Configuration c = new Configuration();
        c.setString("bootstrap.servers", bootstrap);
        return ConnectionFactory.createConnection(c);
    }

    private static TablePath create(Connection connection) throws Exception {
        TablePath path = TablePath.of("shop", "orders");
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
                                    .property("table.log.tiered.local-segments", "1")
                                    .build(),
                            false)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
        return path;
    }

    private static void append(Connection connection, TablePath path) throws Exception {
        Random random = new Random(1);
        try (Table table = connection.getTable(path)) {
            AppendWriter writer = table.newAppend().createWriter();
            for (int i = 0; i < ROWS; i++) {
                byte[] text = new byte[ROW_BYTES / 2];
                random.nextBytes(text);
                String hex = java.util.HexFormat.of().formatHex(text);
                writer.append(GenericRow.of(i, BinaryString.fromString(hex)));
                if (i % 20 == 19) {
                    writer.flush();
                }
            }
            writer.flush();
        }
    }

    private static List<Integer> publishedRows(Connection connection, TablePath path)
            throws Exception {
        List<Integer> read = new ArrayList<>();
        try (Table table = connection.getTable(path);
                LogScanner scanner = table.newScan().createLogScanner()) {
            scanner.subscribeFromBeginning(0);
            while (read.size() < ROWS) {
                for (ScanRecord r : scanner.poll(Duration.ofMillis(200))) {
                    read.add(r.getRow().getInt(0));
                }
            }
        }
        return read;
    }

    private static List<Integer> ourRows(String bootstrap) throws Exception {
        List<Integer> read = new ArrayList<>();
        try (io.fluss.client.Connection connection =
                        io.fluss.client.Connection.open(Map.of("bootstrap.servers", bootstrap));
                BufferAllocator allocator = new RootAllocator()) {
            TableInfo table =
                    connection
                            .admin()
                            .tableInfo(io.fluss.table.TablePath.of("shop", "orders"))
                            .get(WAIT_SECONDS, TimeUnit.SECONDS);
            try (LogRangeReader reader =
                    connection.logRange(
                            table,
                            io.fluss.table.TableBucket.of(table.tableId(), 0),
                            0,
                            ROWS,
                            Optional.of(List.of(0)),
                            allocator)) {
                for (Optional<ScanBatch> b = reader.next(); b.isPresent(); b = reader.next()) {
                    try (ScanBatch batch = b.get()) {
                        IntVector n = (IntVector) batch.rows().getVector(0);
                        for (int i = 0; i < n.getValueCount(); i++) {
                            read.add(n.get(i));
                        }
                    }
                }
            }
        }
        return read;
    }

    private static List<Integer> numbers() {
        return IntStream.range(0, ROWS).boxed().toList();
    }

    private static boolean isEmpty(FileStore files, String directory) {
        return files.list(directory).isEmpty()
                && files.listDirectories(directory).stream().allMatch(d -> isEmpty(files, d));
    }

    /** Base offset of the oldest local segment. */
    private long localStart() {
        try (Stream<Path> all = Files.walk(dir.resolve("c").resolve("data"))) {
            return all.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".log"))
                    .mapToLong(f -> Long.parseLong(f.substring(0, f.length() - ".log".length())))
                    .min()
                    .orElse(0);
        } catch (UncheckedIOException e) {
            return 0; // files come and go meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitTrue(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
