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
package io.fluss.published.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.TimestampNtz;
import org.apache.fluss.types.DataTypes;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * CPU time from the log of a cluster to an Iceberg table, all of it: this project's tiering job on
 * Spark with one core, and the published parts that need no Flink ({@link PublishedTierer}). Same
 * cluster, same table, same ranges of its log, in turns; each in a process that has tiered before,
 * with all of its threads counted. Not a test; runs with {@code
 * -Dfluss.bench.tiering.rows=5000000}, the rows of one turn.
 */
@Timeout(7200)
@EnabledIfSystemProperty(named = "fluss.bench.tiering.rows", matches = "\\d+")
class TieringPipelineBenchmarkIT {
    private static final int ROWS = Integer.getInteger("fluss.bench.tiering.rows", 0);
    private static final int TURNS = Integer.getInteger("fluss.bench.tiering.turns", 3);
    private static final TablePath PATH = TablePath.of("bench", "t");

    @TempDir Path directory;

    private final Random random = new Random(11);
    private long rows;
    private long arrowBytes;

    private record Turn(double cpuSeconds, double seconds) {}

    @Test
    void measure() throws Exception {
        Path ownLake = Lake.warehouse(directory);
        Path publishedLake = directory.resolve("published-warehouse");
        Configuration client = new Configuration();
        try (Cluster cluster = Cluster.start(directory, Lake.Format.ICEBERG.options(directory))) {
            client.setString("bootstrap.servers", cluster.bootstrap());
            try (Connection connection = ConnectionFactory.createConnection(client)) {
                create(connection);
                try (Table table = connection.getTable(PATH);
                        JavaProcess own =
                                JavaProcess.start(
                                        directory,
                                        JavaProcess.SPARK + ":" + Lake.testClasses(),
                                        "io.fluss.published.flink.ProjectTierer",
                                        List.of(cluster.bootstrap()));
                        JavaProcess published =
                                JavaProcess.start(
                                        directory,
                                        JavaProcess.PUBLISHED,
                                        "io.fluss.published.flink.PublishedTierer",
                                        List.of(
                                                cluster.bootstrap(),
                                                publishedLake.toString(),
                                                PATH.getDatabaseName(),
                                                PATH.getTableName()))) {
                    append(table, ROWS / 5);
                    tierOwn(own);
                    tierPublished(published, 0, rows);
                    assertThat(fingerprint(ownLake)).isEqualTo(fingerprint(publishedLake));
                    measure(table, own, published, ownLake, publishedLake);
                }
            }
        }
    }

    private void measure(
            Table table, JavaProcess own, JavaProcess published, Path ownLake, Path publishedLake)
            throws Exception {
        List<Turn> owns = new ArrayList<>();
        List<Turn> publisheds = new ArrayList<>();
        long bytesBefore = arrowBytes;
        for (int turn = 0; turn < TURNS; turn++) {
            long from = rows;
            append(table, ROWS);
            if (turn % 2 == 0) {
                owns.add(tierOwn(own));
            }
            publisheds.add(tierPublished(published, from, rows));
            if (turn % 2 == 1) {
                owns.add(tierOwn(own));
            }
            System.out.printf(
                    Locale.ROOT,
                    "turn %d: own %s, published %s%n",
                    turn,
                    owns.get(turn),
                    publisheds.get(turn));
        }
        double megabytes = (arrowBytes - bytesBefore) / 1e6 / TURNS;
        print("own", owns, megabytes, ownLake);
        print("published", publisheds, megabytes, publishedLake);
        System.out.printf(
                Locale.ROOT,
                "%d rows and %.0f MB of Arrow a turn, CPU time of published by own: %.2f%n",
                ROWS,
                megabytes,
                medianCpu(publisheds) / medianCpu(owns));
    }

    private void print(String who, List<Turn> turns, double megabytes, Path warehouse) {
        double cpu = medianCpu(turns);
        Map<String, String> lake = table(warehouse).currentSnapshot().summary();
        assertThat(lake.get("total-records")).isEqualTo(Long.toString(rows));
        System.out.printf(
                Locale.ROOT,
                "%s: %.2f CPU s per million rows (%.2f..%.2f), %.1f MB/s per core; %.1f s a turn;"
                        + " lake of %d rows in %s files, %.1f MB%n",
                who,
                cpu / ROWS * 1e6,
                turns.stream().mapToDouble(Turn::cpuSeconds).min().orElseThrow() / ROWS * 1e6,
                turns.stream().mapToDouble(Turn::cpuSeconds).max().orElseThrow() / ROWS * 1e6,
                megabytes / cpu,
                turns.stream().mapToDouble(Turn::seconds).sorted().toArray()[turns.size() / 2],
                rows,
                lake.get("total-data-files"),
                Long.parseLong(lake.get("total-files-size")) / 1e6);
    }

    private static double medianCpu(List<Turn> turns) {
        return turns.stream().mapToDouble(Turn::cpuSeconds).sorted().toArray()[turns.size() / 2];
    }

    private static Turn tierOwn(JavaProcess process) throws Exception {
        // The job prints a line for each round before.
        return turn(process, "tier", "exit 0");
    }

    private static Turn tierPublished(JavaProcess process, long from, long to) throws Exception {
        return turn(process, from + " " + to, Long.toString(to - from));
    }

    private static Turn turn(JavaProcess process, String request, String answer) throws Exception {
        Duration cpu = process.cpuTime();
        long start = System.nanoTime();
        process.say(request);
        String line = "";
        while (!line.equals(answer)) {
            line =
                    process.line()
                            .orElseThrow(() -> new IllegalStateException("it ended, see .err"));
            assertThat(line).isNotEqualTo("exit 1");
        }
        return new Turn(
                process.cpuTime().minus(cpu).toNanos() / 1e9, (System.nanoTime() - start) / 1e9);
    }

    private static void create(Connection connection) throws Exception {
        Schema schema =
                Schema.newBuilder()
                        .column("id", DataTypes.BIGINT())
                        .column("account", DataTypes.BIGINT())
                        .column("store", DataTypes.INT())
                        .column("quantity", DataTypes.INT())
                        .column("price", DataTypes.DOUBLE())
                        .column("tax", DataTypes.DOUBLE())
                        .column("product", DataTypes.STRING())
                        .column("note", DataTypes.STRING())
                        .column("at", DataTypes.TIMESTAMP(6))
                        .column("paid", DataTypes.BOOLEAN())
                        .build();
        try (Admin admin = connection.getAdmin()) {
            admin.createDatabase(PATH.getDatabaseName(), DatabaseDescriptor.EMPTY, true).get();
            admin.createTable(
                            PATH,
                            TableDescriptor.builder()
                                    .schema(schema)
                                    .distributedBy(1)
                                    .property("table.datalake.enabled", "true")
                                    .property("table.datalake.layout", "legacy")
                                    .build(),
                            false)
                    .get();
        }
    }

    private void append(Table table, int count) throws Exception {
        AppendWriter writer = table.newAppend().createWriter();
        for (int i = 0; i < count; i++) {
            String product = "product-" + random.nextInt(2_000);
            String note =
                    random.nextInt(10) == 0
                            ? null
                            : "note " + random.nextInt(1_000_000) + " of " + rows;
            writer.append(
                    GenericRow.of(
                            rows,
                            (long) random.nextInt(1_000_000),
                            random.nextInt(500),
                            random.nextInt(20) == 0 ? null : random.nextInt(100_000),
                            random.nextInt(100_000) / 100.0,
                            random.nextDouble(),
                            BinaryString.fromString(product),
                            note == null ? null : BinaryString.fromString(note),
                            TimestampNtz.fromMicros(1_700_000_000_000_000L + rows * 1_000L),
                            random.nextBoolean()));
            rows++;
            arrowBytes += arrowBytes(product) + (note == null ? 4 : arrowBytes(note));
        }
        writer.flush();
        // Fixed widths; values of the truth column and validity of ten columns are bits.
        arrowBytes += count * (5L * Long.BYTES + 2L * Integer.BYTES) + count * 11L / 8;
    }

    private static long arrowBytes(String value) {
        return Integer.BYTES + (long) value.getBytes(StandardCharsets.UTF_8).length;
    }

    private static org.apache.iceberg.Table table(Path warehouse) {
        Catalog catalog =
                CatalogUtil.buildIcebergCatalog(
                        "lake",
                        Map.of("type", "hadoop", "warehouse", warehouse.toString()),
                        new org.apache.hadoop.conf.Configuration());
        return catalog.loadTable(TableIdentifier.of(PATH.getDatabaseName(), PATH.getTableName()));
    }

    /** The same for the same rows in any order. */
    private static long fingerprint(Path warehouse) throws Exception {
        long sum = 0;
        try (CloseableIterable<Record> records = IcebergGenerics.read(table(warehouse)).build()) {
            for (Record r : records) {
                sum += r.toString().hashCode() * 0x9E3779B97F4A7C15L;
            }
        }
        return sum;
    }
}
