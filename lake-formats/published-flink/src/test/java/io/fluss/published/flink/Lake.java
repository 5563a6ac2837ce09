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

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.admin.OffsetSpec;
import org.apache.fluss.client.metadata.LakeSnapshot;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.PartitionInfo;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TableInfo;
import org.apache.fluss.metadata.TablePath;

/** The lake of a cluster: who tiers, how far it is, what is in it. */
final class Lake implements AutoCloseable {
    private static final long WAIT_MS = 120_000;
    private static final long LOOK_MS = 100;

    /** What the tables are in, and the program that reads them without Fluss. */
    enum Format {
        ICEBERG("iceberg", Map.of("type", "hadoop"), "StockIcebergRows"),
        PAIMON("paimon", Map.of("metastore", "filesystem"), "StockPaimonRows");

        private final String identifier;
        private final Map<String, String> catalog;
        private final String reader;

        Format(String identifier, Map<String, String> catalog, String reader) {
            this.identifier = identifier;
            this.catalog = catalog;
            this.reader = reader;
        }

        /** Settings of the lake, for the cluster and for jobs. */
        private Map<String, String> settings(Path directory) {
            String prefix = "datalake." + identifier + ".";
            Map<String, String> out = new TreeMap<>();
            out.put("datalake.format", identifier);
            catalog.forEach((k, v) -> out.put(prefix + k, v));
            out.put(prefix + "warehouse", warehouse(directory).toString());
            return out;
        }

        String[] options(Path directory) {
            List<String> out = new ArrayList<>();
            settings(directory).forEach((k, v) -> out.add(k + "=" + v));
            out.add("lake.tiering.silence-max=10 s");
            return out.toArray(String[]::new);
        }
    }

    private final Format format;
    private final Cluster cluster;
    private final Connection connection;
    private final Admin admin;
    private final List<String> deletes = new ArrayList<>();

    private Lake(Format format, Cluster cluster, Connection connection) {
        this.format = format;
        this.cluster = cluster;
        this.connection = connection;
        this.admin = connection.getAdmin();
    }

    static Lake of(Cluster cluster, Format format) {
        Configuration configuration = new Configuration();
        configuration.setString("bootstrap.servers", cluster.bootstrap());
        return new Lake(format, cluster, ConnectionFactory.createConnection(configuration));
    }

    static Path warehouse(Path directory) {
        return directory.resolve("warehouse");
    }

    /** Starts the published tiering job; it goes on until it is closed or killed. */
    JavaProcess publishedJob() throws IOException {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("--fluss.bootstrap.servers", cluster.bootstrap()));
        arguments.addAll(List.of("--fluss.tiering.poll.table.interval", "500ms"));
        format.settings(cluster.directory())
                .forEach((k, v) -> arguments.addAll(List.of("--" + k, v)));
        return JavaProcess.start(
                cluster.directory(),
                JavaProcess.PUBLISHED,
                "org.apache.fluss.flink.tiering.FlussLakeTieringEntrypoint",
                arguments);
    }

    /** Runs this project's tiering job until everything is in the lake. */
    void tierOnce() throws IOException, InterruptedException {
        JavaProcess.start(
                        cluster.directory(),
                        JavaProcess.SPARK,
                        "io.fluss.tiering.TieringJob",
                        List.of("--bootstrap", cluster.bootstrap(), "--once"))
                .finish();
    }

    /** Waits until the cluster knows that the lake has everything that is in the log now. */
    void awaitTiered(String database, String table, JavaProcess job) throws Exception {
        TablePath path = TablePath.of(database, table);
        TableInfo info = admin.getTableInfo(path).get(30, TimeUnit.SECONDS);
        Map<TableBucket, Long> ends = ends(path, info);
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MS);
        String seen = "";
        while (System.nanoTime() < until && job.isAlive()) {
            try {
                LakeSnapshot snapshot = admin.getLatestLakeSnapshot(path).get(30, TimeUnit.SECONDS);
                seen = snapshot.toString();
                if (isReached(ends, snapshot.getTableBucketsOffset())) {
                    return;
                }
            } catch (java.util.concurrent.ExecutionException e) {
                seen = String.valueOf(e.getCause());
            }
            boolean ignored = new CountDownLatch(1).await(LOOK_MS, TimeUnit.MILLISECONDS);
        }
        throw new AssertionError(
                "tiered is %s, the log ends at %s; the job says: %s"
                        .formatted(seen, ends, job.errors()));
    }

    /** Where the log of each bucket ends. */
    private Map<TableBucket, Long> ends(TablePath path, TableInfo info) throws Exception {
        List<Integer> buckets = IntStream.range(0, info.getNumBuckets()).boxed().toList();
        Map<TableBucket, Long> out = new HashMap<>();
        OffsetSpec latest = new OffsetSpec.LatestSpec();
        if (!info.isPartitioned()) {
            admin.listOffsets(path, buckets, latest)
                    .all()
                    .get(30, TimeUnit.SECONDS)
                    .forEach((b, end) -> out.put(new TableBucket(info.getTableId(), b), end));
            return out;
        }
        for (PartitionInfo p : admin.listPartitionInfos(path).get(30, TimeUnit.SECONDS)) {
            admin.listOffsets(path, p.getPartitionName(), buckets, latest)
                    .all()
                    .get(30, TimeUnit.SECONDS)
                    .forEach(
                            (b, end) ->
                                    out.put(
                                            new TableBucket(
                                                    info.getTableId(), p.getPartitionId(), b),
                                            end));
        }
        return out;
    }

    private static boolean isReached(Map<TableBucket, Long> ends, Map<TableBucket, Long> tiered) {
        return ends.entrySet().stream()
                .allMatch(e -> e.getValue() == 0 || e.getValue().equals(tiered.get(e.getKey())));
    }

    /** The rows of lake tables as the lake format alone reads them, by table, sorted. */
    Map<String, List<String>> stockRows(String database, List<String> tables, String columns)
            throws IOException, InterruptedException {
        Map<String, List<String>> out = new HashMap<>();
        deletes.clear();
        tables.forEach(t -> out.put(t, new ArrayList<>()));
        JavaProcess.start(
                        cluster.directory(),
                        JavaProcess.CLUSTER + ":" + testClasses(),
                        "io.fluss.published.flink." + format.reader,
                        List.of(
                                warehouse(cluster.directory()).toString(),
                                database,
                                String.join(",", tables),
                                columns))
                .finish()
                .forEach(
                        line -> {
                            if (line.startsWith("#")) {
                                deletes.add(line.substring(1));
                                return;
                            }
                            int bar = line.indexOf('|');
                            out.get(line.substring(0, bar)).add(line.substring(bar + 1));
                        });
        out.values().forEach(rows -> rows.sort(null));
        return out;
    }

    /**
     * Of each Iceberg table that was read last: its name, and the numbers of its deletes by key and
     * by position, joined by bars.
     */
    List<String> deletes() {
        return List.copyOf(deletes);
    }

    static String testClasses() {
        return Path.of("target", "test-classes").toAbsolutePath().toString();
    }

    @Override
    public void close() throws Exception {
        admin.close();
        connection.close();
    }
}
