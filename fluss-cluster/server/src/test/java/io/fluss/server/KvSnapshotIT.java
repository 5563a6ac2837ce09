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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.client.lookup.Lookuper;
import org.apache.fluss.client.metadata.KvSnapshots;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.batch.BatchScanUtils;
import org.apache.fluss.client.table.scanner.batch.BatchScanner;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.InternalRow;
import org.apache.fluss.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that are killed while they make one snapshot after the other. */
@Timeout(300)
class KvSnapshotIT {
    private static final long WAIT_SECONDS = 60;
    private static final TablePath TABLE = TablePath.of("shop", "stock");
    private static final int KEYS = 2_000;
    private static final int LIVES = 4;
    private static final Pattern FILE = Pattern.compile("\"path\":\"([^\"]+)\"");

    @TempDir Path dir;

    private String[] arguments(Path remote) {
        return Stream.concat(
                        Stream.of("local", "--dir", dir.resolve("c").toString(), "--port", "0"),
                        Stream.of(
                                        "datalake.enabled=false",
                                        "kv.snapshot.interval=50ms",
                                        "log.segment.file-size=64kb",
                                        "remote.log.task-interval-duration=100ms",
                                        "remote.data.dir=" + remote.toUri())
                                .map(o -> "-D" + o))
                .toArray(String[]::new);
    }

    @Test
    void killedWhileItMakesSnapshotsItLosesAndLeavesNothing() throws Exception {
        Path remote = dir.resolve("remote");
        Path errors = Files.createFile(dir.resolve("errors"));
        Map<Integer, Integer> model = new HashMap<>();
        Random random = new Random(5);
        for (int life = 0; life < LIVES; life++) {
            try (ServerProcess server = ServerProcess.start(errors, arguments(remote));
                    Connection connection = connect(server.bootstrap())) {
                create(connection);
                assertThat(lookedUp(connection)).isEqualTo(model);
                int wanted = snapshotDirectories(remote).size() + 1;
                do {
                    upsert(connection, random, model);
                } while (snapshotDirectories(remote).size() < Math.min(2, wanted));
                upsert(connection, random, model);
                server.kill();
            }
        }
        try (LocalCluster cluster = LocalCluster.start(dir.resolve("c"), 0, lastOptions(remote));
                Connection connection = connect(cluster.bootstrap());
                Admin admin = connection.getAdmin()) {
            assertThat(lookedUp(connection)).isEqualTo(model);
            upsert(connection, random, model);
            OptionalLong id = latest(connection, admin);
            assertThat(scanned(connection, id.getAsLong())).isEqualTo(model);
            awaitTrue("what the kills have left is swept", () -> isSwept(remote));
            admin.dropTable(TABLE, false).get(WAIT_SECONDS, TimeUnit.SECONDS);
            awaitTrue("no file is left", () -> files(remote).isEmpty());
        }
    }

    private static Map<String, String> lastOptions(Path remote) {
        return Map.of(
                "datalake.enabled",
                "false",
                "kv.snapshot.interval",
                "100ms",
                "log.segment.file-size",
                "64kb",
                "remote.data.dir",
                remote.toUri().toString());
    }

    private static Connection connect(String bootstrap) {
        Configuration c = new Configuration();
        c.setString("bootstrap.servers", bootstrap);
        return ConnectionFactory.createConnection(c);
    }

    private static void create(Connection connection) throws Exception {
        try (Admin admin = connection.getAdmin()) {
            admin.createDatabase("shop", DatabaseDescriptor.EMPTY, true)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
            admin.createTable(
                            TABLE,
                            TableDescriptor.builder()
                                    .schema(
                                            Schema.newBuilder()
                                                    .column("k", DataTypes.INT())
                                                    .column("v", DataTypes.INT())
                                                    .column("s", DataTypes.STRING())
                                                    .primaryKey("k")
                                                    .build())
                                    .distributedBy(1)
                                    .property("table.log.tiered.local-segments", "1")
                                    .build(),
                            true)
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Returns when all is acknowledged. */
    private static void upsert(Connection connection, Random random, Map<Integer, Integer> model)
            throws Exception {
        try (Table table = connection.getTable(TABLE)) {
            UpsertWriter writer = table.newUpsert().createWriter();
            for (int i = 0; i < KEYS / 4; i++) {
                int k = random.nextInt(KEYS);
                int v = random.nextInt();
                if (i % 7 == 0) {
                    writer.delete(GenericRow.of(k, null, null));
                    model.remove(k);
                } else {
                    writer.upsert(GenericRow.of(k, v, BinaryString.fromString("text " + v)));
                    model.put(k, v);
                }
            }
            writer.flush();
        }
    }

    private static Map<Integer, Integer> lookedUp(Connection connection) throws Exception {
        Map<Integer, Integer> found = new HashMap<>();
        try (Table table = connection.getTable(TABLE)) {
            Lookuper lookuper = table.newLookup().createLookuper();
            List<CompletableFuture<?>> all = new ArrayList<>();
            for (int k = 0; k < KEYS; k++) {
                int key = k;
                all.add(
                        lookuper.lookup(GenericRow.of(k))
                                .thenAccept(
                                        r -> {
                                            InternalRow row = r.getSingletonRow();
                                            if (row != null) {
                                                synchronized (found) {
                                                    found.put(key, row.getInt(1));
                                                }
                                            }
                                        }));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
        return found;
    }

    /** A snapshot of everything that was written. */
    private static OptionalLong latest(Connection connection, Admin admin) throws Exception {
        long end =
                admin.listOffsets(
                                TABLE,
                                List.of(0),
                                new org.apache.fluss.client.admin.OffsetSpec.LatestSpec())
                        .all()
                        .get(WAIT_SECONDS, TimeUnit.SECONDS)
                        .get(0);
        awaitTrue(
                "a snapshot at the end",
                () -> admin.getLatestKvSnapshots(TABLE).join().getLogOffset(0).orElse(0) == end);
        KvSnapshots s = admin.getLatestKvSnapshots(TABLE).join();
        return s.getSnapshotId(0);
    }

    private static Map<Integer, Integer> scanned(Connection connection, long snapshot)
            throws Exception {
        Map<Integer, Integer> found = new HashMap<>();
        try (Table table = connection.getTable(TABLE);
                BatchScanner scanner =
                        table.newScan()
                                .createBatchScanner(
                                        new TableBucket(table.getTableInfo().getTableId(), 0),
                                        snapshot)) {
            BatchScanUtils.collectRows(scanner).forEach(r -> found.put(r.getInt(0), r.getInt(1)));
        }
        return found;
    }

    // ---- what lies in remote storage

    private static List<Path> snapshotDirectories(Path remote) {
        return files(remote).stream()
                .filter(f -> f.getFileName().toString().equals("_METADATA"))
                .map(Path::getParent)
                .toList();
    }

    /** Two snapshots, and exactly the files that they name. */
    private static boolean isSwept(Path remote) {
        List<Path> snapshots = snapshotDirectories(remote);
        Set<String> named = new HashSet<>();
        try {
            for (Path s : snapshots) {
                named.add(s.resolve("_METADATA").getFileName() + "/" + s.getFileName());
                Matcher m = FILE.matcher(Files.readString(s.resolve("_METADATA")));
                while (m.find()) {
                    named.add(m.group(1).substring(m.group(1).lastIndexOf('/') + 1));
                }
            }
        } catch (IOException e) {
            return false; // it is being replaced
        }
        Set<String> found = new HashSet<>();
        for (Path f : files(remote.resolve("kv"))) {
            String name = f.getFileName().toString();
            found.add(name.equals("_METADATA") ? name + "/" + f.getParent().getFileName() : name);
        }
        return snapshots.size() == 2 && found.equals(named);
    }

    private static List<Path> files(Path directory) {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (UncheckedIOException | IOException e) {
            // Files come and go meanwhile.
            return files(directory);
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
