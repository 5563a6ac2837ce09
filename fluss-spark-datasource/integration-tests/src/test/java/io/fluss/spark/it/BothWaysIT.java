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
package io.fluss.spark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.scanner.log.ScanRecords;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.PartitionInfo;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The connector and the published client on one table, with partitions and bucket keys, of our
 * cluster and of the published server. Each reads what the other wrote, and finds rows in the
 * buckets and partitions where it would have put them itself.
 *
 * <p>The published server is the one that system property {@code fluss.it.published} names, or else
 * a process of the server that the tests of module {@code client} unpack (profile {@code it}).
 */
@Timeout(300)
class BothWaysIT {
    private static final int ROWS = 600;
    private static final int BUCKETS = 3;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long WAIT_SECONDS = 60;

    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss = SparkOnFluss.start(dir.resolve("ours"), Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void onOurCluster() throws Exception {
        bothWays("ours", fluss.bootstrap());
    }

    @Test
    void onThePublishedServer() throws Exception {
        String given = System.getProperty("fluss.it.published", "");
        if (!given.isEmpty()) {
            bothWays("published", given);
            return;
        }
        Path client =
                Path.of(System.getProperty("fluss.home", "../.."))
                        .resolve("fluss-cluster/client/target");
        assumeThat(client.resolve("published-server/lib")).exists();
        try (PublishedServer server = PublishedServer.start(client, dir.resolve("published"))) {
            bothWays("published", server.bootstrap());
        }
    }

    private static void bothWays(String catalog, String bootstrap) throws Exception {
        var conf = fluss.session().conf();
        conf.set("spark.sql.catalog." + catalog, "io.fluss.spark.FlussCatalog");
        conf.set("spark.sql.catalog." + catalog + ".bootstrap.servers", bootstrap);
        String database = "both_" + System.nanoTime();
        String table = catalog + "." + database + ".t";
        fluss.sql("CREATE NAMESPACE " + catalog + "." + database);
        fluss.sql(
                "CREATE TABLE "
                        + table
                        + " (id BIGINT NOT NULL, name STRING, day STRING NOT NULL) USING fluss"
                        + " PARTITIONED BY (day) CLUSTERED BY (id) INTO "
                        + BUCKETS
                        + " BUCKETS");
        fluss.sql(
                "INSERT INTO "
                        + table
                        + " SELECT id, IF(id % 7 = 0, NULL, concat('s', id)), concat('d', id % 2)"
                        + " FROM range("
                        + ROWS
                        + ")");
        Configuration settings = new Configuration();
        settings.setString("bootstrap.servers", bootstrap);
        TablePath path = TablePath.of(database, "t");
        try (Connection published = ConnectionFactory.createConnection(settings)) {
            assertThat(scan(published, path, ROWS))
                    .hasSize(ROWS)
                    .containsEntry(0L, "null d0")
                    .containsEntry(1L, "s1 d1")
                    .containsEntry(599L, "s599 d1");
            append(published, path);
        }

        assertThat(
                        fluss.rows(
                                "SELECT day, count(*), count(name), sum(id), count(DISTINCT id)"
                                        + " FROM "
                                        + table
                                        + " GROUP BY day ORDER BY day"))
                .containsExactly("[d0,600,514,359400,600]", "[d1,600,514,360000,600]");
        assertThat(fluss.rows("SELECT count(*) FROM " + table + " WHERE day = 'd1'"))
                .containsExactly("[600]");
        for (long id : LongStream.range(0, 2 * ROWS).filter(i -> i % 37 == 1).toArray()) {
            String query = "SELECT count(*), min(day) FROM " + table + " WHERE id = " + id;
            assertThat(fluss.rows(query)).containsExactly("[1,d" + id % 2 + "]");
        }
        assertThat(
                        fluss.sql("SELECT * FROM " + table + " WHERE id = 5 AND day = 'd1'")
                                .rdd()
                                .getNumPartitions())
                .isEqualTo(1);
        copies(catalog, database, bootstrap);
        upserts(catalog, database, bootstrap);
    }

    /** Each writes over rows of the other in a table with a primary key. */
    private static void upserts(String catalog, String database, String bootstrap)
            throws Exception {
        String table = catalog + "." + database + ".keyed";
        fluss.sql(
                "CREATE TABLE "
                        + table
                        + " (id BIGINT NOT NULL, name STRING, n INT) TBLPROPERTIES"
                        + " ('primary.key' = 'id', 'bucket.num' = '"
                        + BUCKETS
                        + "')");
        fluss.sql("INSERT INTO " + table + " SELECT id, concat('s', id), 1 FROM range(600)");
        Configuration settings = new Configuration();
        settings.setString("bootstrap.servers", bootstrap);
        TablePath path = TablePath.of(database, "keyed");
        try (Connection published = ConnectionFactory.createConnection(settings);
                Table keyed = published.getTable(path)) {
            assertThat(name(keyed, 599)).isEqualTo("s599");
            UpsertWriter writer = keyed.newUpsert().createWriter();
            for (long id = 300; id < 900; id++) {
                writer.upsert(GenericRow.of(id, BinaryString.fromString("p" + id), 2));
            }
            for (long id = 0; id < 100; id++) {
                writer.delete(GenericRow.of(id, null, null));
            }
            writer.flush();

            assertThat(fluss.rows("SELECT count(*), sum(id), sum(n) FROM " + table))
                    .containsExactly("[800,399600,1400]");
            for (String expected : List.of("[200,s200,1]", "[300,p300,2]", "[899,p899,2]")) {
                String id = expected.substring(1, 4);
                assertThat(fluss.rows("SELECT * FROM " + table + " WHERE id = " + id))
                        .containsExactly(expected);
            }
            assertThat(fluss.rows("SELECT * FROM " + table + " WHERE id = 50")).isEmpty();

            fluss.sql(
                    "INSERT INTO " + table + " SELECT id, concat('t', id), 3 FROM range(50, 350)");
            fluss.sql("DELETE FROM " + table + " WHERE id = 899");
            assertThat(name(keyed, 49)).isEqualTo("none");
            assertThat(name(keyed, 50)).isEqualTo("t50");
            assertThat(name(keyed, 349)).isEqualTo("t349");
            assertThat(name(keyed, 350)).isEqualTo("p350");
            assertThat(name(keyed, 899)).isEqualTo("none");
        }
        assertThat(fluss.rows("SELECT n, count(*) FROM " + table + " GROUP BY n ORDER BY n"))
                .containsExactly("[2,549]", "[3,300]");
    }

    private static String name(Table keyed, long id) throws Exception {
        var row =
                keyed.newLookup()
                        .createLookuper()
                        .lookup(GenericRow.of(id))
                        .get(WAIT_SECONDS, TimeUnit.SECONDS)
                        .getSingletonRow();
        return row == null ? "none" : row.getString(1).toString();
    }

    private static void copies(String catalog, String database, String bootstrap) throws Exception {
        String copy = catalog + "." + database + ".copy";
        fluss.sql(
                "CREATE TABLE " + copy + " (id BIGINT NOT NULL, name STRING, day STRING NOT NULL)");
        fluss.session()
                .readStream()
                .format("fluss")
                .option("bootstrap.servers", bootstrap)
                .option("table", database + ".t")
                .option("maxRowsPerTrigger", 500)
                .load()
                .writeStream()
                .format("fluss")
                .option("bootstrap.servers", bootstrap)
                .option("table", database + ".copy")
                .option("checkpointLocation", dir.resolve(catalog + "-checkpoint").toString())
                .trigger(Trigger.AvailableNow())
                .start()
                .awaitTermination();
        assertThat(fluss.rows("SELECT count(DISTINCT id), count(*) FROM " + copy))
                .containsExactly("[1200,1200]");
    }

    private static void append(Connection published, TablePath path) throws Exception {
        try (Table table = published.getTable(path)) {
            AppendWriter writer = table.newAppend().createWriter();
            for (long id = ROWS; id < 2 * ROWS; id++) {
                writer.append(
                        GenericRow.of(
                                id,
                                id % 7 == 0 ? null : BinaryString.fromString("p" + id),
                                BinaryString.fromString("d" + id % 2)));
            }
            writer.flush();
        }
    }

    /** {@code name day} by id, of all partitions. */
    private static Map<Long, String> scan(Connection published, TablePath path, int rows)
            throws Exception {
        Map<Long, String> found = new TreeMap<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        try (Admin admin = published.getAdmin();
                Table table = published.getTable(path);
                LogScanner scanner = table.newScan().createLogScanner()) {
            List<PartitionInfo> partitions =
                    admin.listPartitionInfos(path).get(WAIT_SECONDS, TimeUnit.SECONDS);
            for (PartitionInfo p : partitions) {
                for (int b = 0; b < BUCKETS; b++) {
                    scanner.subscribeFromBeginning(p.getPartitionId(), b);
                }
            }
            while (found.size() < rows && System.nanoTime() < end) {
                ScanRecords records = scanner.poll(POLL);
                for (ScanRecord r : records) {
                    var row = r.getRow();
                    String name = row.isNullAt(1) ? "null" : row.getString(1).toString();
                    String before =
                            found.put(row.getLong(0), name + " " + row.getString(2).toString());
                    assertThat(before).as("row twice").isNull();
                }
            }
        }
        return found;
    }

    /** A published cluster in a process that has nothing of ours but its main class. */
    private record PublishedServer(Process process, String bootstrap) implements AutoCloseable {
        static PublishedServer start(Path client, Path data) throws IOException {
            Files.createDirectories(data);
            int[] ports = new int[3];
            try (ServerSocket a = new ServerSocket(0);
                    ServerSocket b = new ServerSocket(0);
                    ServerSocket c = new ServerSocket(0)) {
                ports[0] = a.getLocalPort();
                ports[1] = b.getLocalPort();
                ports[2] = c.getLocalPort();
            }
            Process p =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx512m",
                                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                                    "-cp",
                                    client.resolve("test-classes")
                                            + ":"
                                            + client.resolve("published-server/lib")
                                            + "/*",
                                    "io.fluss.client.published.PublishedServerMain",
                                    data.toString(),
                                    Integer.toString(ports[0]),
                                    Integer.toString(ports[1]),
                                    Integer.toString(ports[2]))
                            .redirectError(data.resolve("server.err").toFile())
                            .start();
            BufferedReader out = p.inputReader(StandardCharsets.UTF_8);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("READY")) {
                    return new PublishedServer(p, "127.0.0.1:" + ports[1]);
                }
            }
            throw new IOException("the published server ended; see " + data.resolve("server.err"));
        }

        @Override
        public void close() throws Exception {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
