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

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.scanner.log.ScanRecords;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.exception.TableNotExistException;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.InternalRow;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published Java client judges this cluster. */
class PublishedClientIT {
    private static final int ROWS = 1000;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long WAIT_SECONDS = 30;

    @TempDir static Path dir;

    private static LocalCluster cluster;
    private static Connection connection;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        cluster =
                LocalCluster.start(dir.resolve("cluster"), 0, Map.of("datalake.enabled", "false"));
        connection = connect(cluster.bootstrap());
        admin = connection.getAdmin();
        admin.createDatabase("shop", DatabaseDescriptor.EMPTY, false)
                .get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() throws Exception {
        if (connection != null) {
            connection.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void listsDatabasesAndTables() throws Exception {
        TablePath path = create("listed", 2, "ZSTD");
        assertThat(admin.listDatabases().get(WAIT_SECONDS, TimeUnit.SECONDS))
                .contains("shop", "fluss");
        assertThat(admin.listTables("shop").get(WAIT_SECONDS, TimeUnit.SECONDS)).contains("listed");
        assertThat(admin.tableExists(path).get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(admin.getTableInfo(path).get(WAIT_SECONDS, TimeUnit.SECONDS).getNumBuckets())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "LZ4_FRAME", "ZSTD"})
    void appendsAndScansBackWithEachCompression(String compression) throws Exception {
        TablePath path =
                create("rows_" + compression.toLowerCase(java.util.Locale.ROOT), 1, compression);
        append(path, 0, ROWS);
        List<String> read = scan(path, 1, ROWS, null);
        assertThat(read).hasSize(ROWS);
        for (int i = 0; i < ROWS; i++) {
            assertThat(read.get(i)).isEqualTo(i + "@" + i + "," + text(i) + "," + i * 0.5);
        }
    }

    @ParameterizedTest
    @CsvSource({"NONE", "LZ4_FRAME", "ZSTD"})
    void scansWithProjection(String compression) throws Exception {
        TablePath path =
                create(
                        "projected_" + compression.toLowerCase(java.util.Locale.ROOT),
                        1,
                        compression);
        append(path, 0, ROWS);
        List<String> read = scan(path, 1, ROWS, new int[] {2, 0});
        for (int i = 0; i < ROWS; i++) {
            assertThat(read.get(i)).isEqualTo(i + "@" + i * 0.5 + "," + i);
        }
    }

    @Test
    void spreadsOverBucketsAndLosesNothing() throws Exception {
        TablePath path = create("spread", 4, "ZSTD");
        append(path, 0, ROWS);
        append(path, ROWS, ROWS);
        List<String> read = scan(path, 4, 2 * ROWS, new int[] {0});
        assertThat(
                        read.stream()
                                .map(s -> Integer.parseInt(s.substring(s.indexOf('@') + 1)))
                                .sorted()
                                .toList())
                .isEqualTo(java.util.stream.IntStream.range(0, 2 * ROWS).boxed().toList());
    }

    @Test
    void listsOffsets() throws Exception {
        TablePath path = create("offsets", 1, "NONE");
        append(path, 0, ROWS);
        assertThat(
                        admin.listOffsets(path, List.of(0), new OffsetSpec.LatestSpec())
                                .all()
                                .get(WAIT_SECONDS, TimeUnit.SECONDS))
                .containsEntry(0, (long) ROWS);
        assertThat(
                        admin.listOffsets(path, List.of(0), new OffsetSpec.EarliestSpec())
                                .all()
                                .get(WAIT_SECONDS, TimeUnit.SECONDS))
                .containsEntry(0, 0L);
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThatThrownBy(
                        () ->
                                admin.getTableInfo(TablePath.of("shop", "nope"))
                                        .get(WAIT_SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TableNotExistException.class)
                .hasMessageContaining("shop.nope");
    }

    private static Connection connect(String bootstrap) {
        Configuration conf = new Configuration();
        conf.setString("bootstrap.servers", bootstrap);
        conf.setString("client.writer.batch-timeout", "5ms");
        return ConnectionFactory.createConnection(conf);
    }

    private static TablePath create(String name, int buckets, String compression) throws Exception {
        TablePath path = TablePath.of("shop", name);
        Schema schema =
                Schema.newBuilder()
                        .column("id", DataTypes.INT())
                        .column("name", DataTypes.STRING())
                        .column("price", DataTypes.DOUBLE())
                        .build();
        admin.createTable(
                        path,
                        TableDescriptor.builder()
                                .schema(schema)
                                .distributedBy(buckets)
                                .property("table.log.arrow.compression.type", compression)
                                .build(),
                        false)
                .get(WAIT_SECONDS, TimeUnit.SECONDS);
        return path;
    }

    private static void append(TablePath path, int from, int count) throws Exception {
        try (Table table = connection.getTable(path)) {
            AppendWriter writer = table.newAppend().createWriter();
            for (int i = from; i < from + count; i++) {
                writer.append(
                        GenericRow.of(
                                i, i % 7 == 0 ? null : BinaryString.fromString(text(i)), i * 0.5));
            }
            writer.flush();
        }
    }

    private static String text(int i) {
        return i % 7 == 0 ? "null" : "name-" + i;
    }

    /** {@code offset@columns} of all rows, in the order of buckets and offsets. */
    private static List<String> scan(TablePath path, int buckets, int rows, int[] projection)
            throws Exception {
        Map<Integer, List<String>> byBucket = new TreeMap<>();
        int found = 0;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        try (Table table = connection.getTable(path);
                LogScanner scanner =
                        projection == null
                                ? table.newScan().createLogScanner()
                                : table.newScan().project(projection).createLogScanner()) {
            for (int b = 0; b < buckets; b++) {
                scanner.subscribeFromBeginning(b);
            }
            while (found < rows && System.nanoTime() < end) {
                ScanRecords records = scanner.poll(POLL);
                for (TableBucket bucket : records.buckets()) {
                    for (ScanRecord r : records.records(bucket)) {
                        byBucket.computeIfAbsent(bucket.getBucket(), b -> new ArrayList<>())
                                .add(r.logOffset() + "@" + show(r.getRow(), projection));
                        found++;
                    }
                }
            }
        }
        return byBucket.values().stream().flatMap(List::stream).toList();
    }

    private static String show(InternalRow row, int[] projection) {
        int[] columns = projection == null ? new int[] {0, 1, 2} : projection;
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            cells.add(
                    row.isNullAt(i)
                            ? "null"
                            : switch (columns[i]) {
                                case 0 -> Integer.toString(row.getInt(i));
                                case 1 -> row.getString(i).toString();
                                default -> Double.toString(row.getDouble(i));
                            });
        }
        return String.join(",", cells);
    }
}
