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
package io.fluss.tiering;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.OffsetSpec;
import io.fluss.client.append.AppendWriter;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.client.lake.TieringAdmin;
import io.fluss.client.lake.TieringRound;
import io.fluss.client.lake.TieringState;
import io.fluss.client.lake.TieringStatus;
import io.fluss.client.lake.TieringStatuses;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeFormat;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeTable;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory;
import io.fluss.server.LocalCluster;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.time.SystemClock;
import io.fluss.types.DataTypes;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job against a real cluster, Spark and Iceberg. */
class TieringJobIT {
    private static final TablePath PATH = TablePath.of("it", "events");
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    Column.of("id", DataTypes.bigInt()), Column.of("name", DataTypes.string()));
    private static SparkSession spark;

    @TempDir Path dir;
    private LocalCluster cluster;
    private Connection connection;
    private BufferAllocator allocator;

    @BeforeAll
    static void startSpark() {
        spark =
                SparkSession.builder()
                        .master("local[2]")
                        .appName("tiering-it")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.driver.host", "127.0.0.1")
                        .getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    @BeforeEach
    void startCluster() throws Exception {
        cluster = startCluster(0);
        connection = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
        allocator = new RootAllocator();
        admin().createDatabase("it", DatabaseDescriptor.EMPTY, true).get();
    }

    private LocalCluster startCluster(int port) {
        return LocalCluster.start(
                dir.resolve("cluster"),
                port,
                Map.of(
                        "datalake.format",
                        "iceberg",
                        "datalake.iceberg.type",
                        "hadoop",
                        "datalake.iceberg.warehouse",
                        dir.resolve("lake").toString()));
    }

    @AfterEach
    void stopCluster() {
        connection.close();
        cluster.close();
        allocator.close();
    }

    @Test
    void lakeHoldsExactlyTheRowsBelowTheRegisteredOffsets() throws Exception {
        TableInfo table = createTable();
        append(table, 0, 5_000);
        assertThat(TieringJob.run("--bootstrap", cluster.bootstrap(), "--once")).isZero();
        assertLake(table, 5_000);

        append(table, 5_000, 3_000);
        assertThat(
                        TieringJob.run(
                                "--fluss.bootstrap.servers",
                                cluster.bootstrap(),
                                "--once",
                                "--split-records",
                                "500",
                                "--parallel-tables",
                                "2"))
                .isZero();
        assertLake(table, 8_000);
        assertThat(commits()).isEqualTo(2);

        assertThat(TieringJob.run("--bootstrap", cluster.bootstrap(), "--once")).isZero();
        assertThat(commits()).as("a round without work commits nothing").isEqualTo(2);
    }

    @Test
    void smallFilesOfRoundsAreRewrittenIntoLargerOnes() throws Exception {
        TableInfo table = createTable();
        for (int round = 0; round < 5; round++) {
            append(table, round * 1_000, 1_000);
            assertThat(
                            TieringJob.run(
                                    "--bootstrap",
                                    cluster.bootstrap(),
                                    "--once",
                                    "--lake.tiering.compaction.all=true",
                                    "--lake.tiering.compaction.files-min=2"))
                    .isZero();
        }
        try (HadoopCatalog catalog = catalog()) {
            Table lake = catalog.loadTable(TableIdentifier.of("it", "events"));
            assertThat(lake.currentSnapshot().summary())
                    .containsKey("fluss-compaction-id")
                    .containsEntry("total-data-files", "3");
            try (CloseableIterable<Record> rows = IcebergGenerics.read(lake).build()) {
                assertThat(rows).extracting(r -> r.get(0)).doesNotHaveDuplicates().hasSize(5_000);
            }
        }
    }

    @Test
    void repairsACommitThatTheClusterDoesNotKnow() throws Exception {
        TableInfo table = createTable();
        append(table, 0, 1_000);
        AtomicInteger crashes = new AtomicInteger();
        Connection crashing =
                new TieringFaults(connection) {
                    @Override
                    public CompletableFuture<Void> commitSnapshot(SnapshotCommit commit) {
                        if (crashes.getAndIncrement() == 0) {
                            return CompletableFuture.failedFuture(
                                    ErrorReason.NETWORK.exception("injected crash"));
                        }
                        return super.commitSnapshot(commit);
                    }
                }.connection();
        List<String> lines = new CopyOnWriteArrayList<>();
        assertThat(once(crashing, lines)).isEmpty();
        assertThat(lines.get(0)).contains("FAILED").contains("injected crash");
        assertThat(crashes.get()).as("crash, then repair").isEqualTo(2);
        assertLake(table, 1_000);
        assertThat(commits()).isEqualTo(1);
        append(table, 1_000, 10);
        assertThat(once(connection, lines)).isEmpty();
        assertLake(table, 1_010);
    }

    @Test
    void aLostAnswerOfTheClusterCommitChangesNothing() throws Exception {
        TableInfo table = createTable();
        append(table, 0, 1_000);
        AtomicInteger calls = new AtomicInteger();
        Connection losing =
                new TieringFaults(connection) {
                    @Override
                    public CompletableFuture<Void> commitSnapshot(SnapshotCommit commit) {
                        CompletableFuture<Void> done = super.commitSnapshot(commit);
                        return calls.getAndIncrement() > 0
                                ? done
                                : done.thenCompose(
                                        v ->
                                                CompletableFuture.failedFuture(
                                                        ErrorReason.NETWORK.exception("lost")));
                    }
                }.connection();
        assertThat(once(losing, new CopyOnWriteArrayList<>())).isEmpty();
        assertThat(calls.get()).isEqualTo(1);
        assertLake(table, 1_000);
    }

    @Test
    void theSecondOfTwoJobsInOneRoundIsFenced() throws Exception {
        TableInfo table = createTable();
        append(table, 0, 1_000);
        AtomicInteger prepared = new AtomicInteger();
        // While the first job is between its check and its commit, another one does the same round.
        Connection slow =
                new TieringFaults(connection) {
                    @Override
                    public CompletableFuture<String> prepareSnapshot(
                            long tableId, TablePath path, Map<TableBucket, Long> ends) {
                        return super.prepareSnapshot(tableId, path, ends)
                                .thenApplyAsync(
                                        p -> {
                                            if (prepared.getAndIncrement() == 0) {
                                                commitByAnother(table, ends);
                                            }
                                            return p;
                                        });
                    }
                }.connection();
        List<String> lines = new CopyOnWriteArrayList<>();
        assertThat(once(slow, lines)).isEmpty();
        assertThat(lines.get(0)).contains("FAILED");
        assertLake(table, 1_000);
        assertThat(commits()).isEqualTo(1);
    }

    /** A round by hand, of a service that still believes that it holds the table. */
    private void commitByAnother(TableInfo table, Map<TableBucket, Long> ends) {
        LakeTable lake =
                LakeFormat.load("iceberg")
                        .open(table.options().lakeCatalogProperties())
                        .table(PATH);
        LakeWriterFactory writers = lake.writerFactory(table);
        List<LakeWriter.Result> results = new ArrayList<>();
        ends.forEach(
                (bucket, end) -> {
                    try (BufferAllocator a = new RootAllocator();
                            LogRangeReader reader =
                                    connection.logRange(
                                            table, bucket, 0, end, Optional.empty(), a);
                            LakeWriter writer =
                                    writers.open(
                                            new LakeWriterFactory.WriteTask(
                                                    bucket, Optional.empty(), "other", 0, 0))) {
                        for (var b = reader.next(); b.isPresent(); b = reader.next()) {
                            try (var batch = b.get()) {
                                writer.write(
                                        LakeRows.appended(
                                                batch.rows(),
                                                batch.baseOffset(),
                                                batch.commitTimestampMs()));
                            }
                        }
                        results.add(writer.complete());
                    }
                });
        try {
            String path =
                    connection
                            .tieringAdmin()
                            .prepareSnapshot(table.tableId(), PATH, ends)
                            .get(30, TimeUnit.SECONDS);
            lake.committer()
                    .commit(
                            new LakeCommitter.Request(
                                    results, path, OptionalLong.empty(), Map.of()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTableThatIsReplacedDuringTheRoundIsNotCommitted() throws Exception {
        TableInfo table = createTable();
        append(table, 0, 1_000);
        AtomicInteger prepared = new AtomicInteger();
        Connection replacing =
                new TieringFaults(connection) {
                    @Override
                    public CompletableFuture<String> prepareSnapshot(
                            long tableId, TablePath path, Map<TableBucket, Long> ends) {
                        return super.prepareSnapshot(tableId, path, ends)
                                .thenApplyAsync(
                                        p -> {
                                            if (prepared.getAndIncrement() == 0) {
                                                replaceTable();
                                            }
                                            return p;
                                        });
                    }
                }.connection();
        List<String> lines = new CopyOnWriteArrayList<>();
        assertThat(once(replacing, lines)).isEmpty();
        assertThat(lines.get(0)).contains("FAILED");
        assertThat(prepared.get()).isEqualTo(1);
        assertThat(commits()).isZero();
        assertThat(admin().latestLakeSnapshot(PATH).get()).isEmpty();
    }

    private void replaceTable() {
        try {
            admin().dropTable(PATH, false).get(30, TimeUnit.SECONDS);
            admin().createTable(PATH, descriptor(), false).get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void goesOnAfterARestartOfTheCluster() throws Exception {
        connection.close();
        cluster.close();
        cluster = startCluster(31_500);
        connection = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
        TableInfo table = createTable("table.datalake.freshness", "1 s");
        append(table, 0, 1_000);
        List<String> lines = new CopyOnWriteArrayList<>();
        AtomicInteger rounds = new AtomicInteger();
        CompletableFuture<Void> first = new CompletableFuture<>();
        CompletableFuture<Void> second = new CompletableFuture<>();
        ServiceLoop service =
                new ServiceLoop(
                        spark,
                        connection,
                        roundSettings(),
                        serviceSettings(false),
                        SystemClock.INSTANCE,
                        line -> {
                            lines.add(line);
                            if (!line.contains("FAILED") && !line.contains(" 0 rows,")) {
                                (rounds.getAndIncrement() == 0 ? first : second).complete(null);
                            }
                        });
        CompletableFuture<Map<TablePath, FlussException>> run =
                CompletableFuture.supplyAsync(service::run);
        first.get(60, TimeUnit.SECONDS);
        cluster.close();
        cluster = startCluster(31_500);
        append(table, 1_000, 500);
        second.get(120, TimeUnit.SECONDS);
        service.stop();
        run.get(30, TimeUnit.SECONDS);
        assertLake(table, 1_500);
    }

    @Test
    void aTableWhoseFilesCannotBeWrittenFailsAloneAndAfterATimeTheJobEnds() throws Exception {
        TableInfo table = createTable();
        append(table, 0, 100);
        Path data = dir.resolve("lake/it/events/data");
        Files.createDirectories(data.getParent());
        Files.writeString(data, "a file where the folder should be");
        TablePath other = TablePath.of("it", "other");
        admin().createTable(other, descriptor(), false).get();
        append(admin().tableInfo(other).get(), 0, 10);
        List<String> lines = new CopyOnWriteArrayList<>();

        Map<TablePath, FlussException> failures =
                CompletableFuture.supplyAsync(() -> once(connection, lines))
                        .get(90, TimeUnit.SECONDS);

        assertThat(failures).containsOnlyKeys(PATH);
        assertThat(failures.get(PATH)).hasMessageContaining("the write job failed");
        assertThat(lines).anyMatch(l -> l.contains("tiering it.events: FAILED"));
        assertThat(lines).anyMatch(l -> l.startsWith("tiering it.other: 10 rows"));
        assertThat(lines).noneMatch(l -> l.contains("\n"));

        List<TieringStatus> statuses =
                new TieringStatuses(connection, SystemClock.INSTANCE).read(List.of());
        assertThat(statuses).extracting(TieringStatus::path).containsExactly(PATH, other);
        TieringStatus failed = statuses.get(0);
        assertThat(failed.word()).isEqualTo("failed");
        assertThat(failed.lastError().orElseThrow()).contains("the write job failed");
        assertThat(failed.state().orElseThrow().failuresInRow()).isGreaterThanOrEqualTo(3);
        assertThat(failed.lagRecords()).hasValue(100);
        assertThat(failed.lagMs().orElseThrow()).isPositive();
        TieringStatus good = statuses.get(1);
        assertThat(good.word()).isEqualTo("scheduled");
        assertThat(good.lagRecords()).hasValue(0);
        assertThat(good.lagMs()).hasValue(0);
        assertThat(good.snapshotId()).isPresent();
        TieringRound round = good.rounds().get(0);
        assertThat(round.error()).isEmpty();
        assertThat(round.sizes().orElseThrow().rows()).isEqualTo(10);
        assertThat(round.durationMs()).isPositive();
        assertThat(round.service()).contains(spark.sparkContext().applicationId());
    }

    @Test
    void saysThatThereIsNothingToTier() {
        List<String> lines = new CopyOnWriteArrayList<>();

        assertThat(once(connection, lines)).isEmpty();
        assertThat(TieringJob.run("--bootstrap", cluster.bootstrap(), "--once")).isZero();

        assertThat(lines)
                .containsExactly("nothing to tier: no table has table.datalake.enabled=true");
    }

    private Map<TablePath, FlussException> once(Connection through, List<String> lines) {
        return new ServiceLoop(
                        spark,
                        through,
                        roundSettings(),
                        serviceSettings(true),
                        SystemClock.INSTANCE,
                        lines::add)
                .run();
    }

    private RoundSettings roundSettings() {
        return new RoundSettings(
                Map.of("bootstrap.servers", cluster.bootstrap()),
                Map.of(),
                new SplitPlanner(0, false),
                Optional.empty(),
                Duration.ofSeconds(20));
    }

    private static ServiceSettings serviceSettings(boolean once) {
        return new ServiceSettings(
                once,
                Duration.ofMillis(500),
                Duration.ofMinutes(1),
                1,
                Optional.empty(),
                Optional.empty());
    }

    private Admin admin() {
        return connection.admin();
    }

    private TableInfo createTable(String... options) throws Exception {
        TableDescriptor d = descriptor();
        for (int i = 0; i < options.length; i += 2) {
            d = d.withProperty(options[i], options[i + 1]);
        }
        admin().createTable(PATH, d, false).get();
        return admin().tableInfo(PATH).get();
    }

    private static TableDescriptor descriptor() {
        return TableDescriptor.of(SCHEMA)
                .withBuckets(3, "id")
                .withProperty("table.datalake.enabled", "true");
    }

    private void append(TableInfo table, long first, int count) throws Exception {
        try (AppendWriter writer = connection.appendWriter(table)) {
            for (int done = 0; done < count; done += 500) {
                int n = Math.min(500, count - done);
                try (VectorSchemaRoot rows = rows(first + done, n)) {
                    var unused = writer.append(rows);
                }
            }
            writer.flush().get(60, TimeUnit.SECONDS);
        }
    }

    private VectorSchemaRoot rows(long first, int count) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator);
        BigIntVector id = (BigIntVector) root.getVector("id");
        VarCharVector name = (VarCharVector) root.getVector("name");
        for (int i = 0; i < count; i++) {
            id.setSafe(i, first + i);
            name.setSafe(i, ("name-" + (first + i)).getBytes(StandardCharsets.UTF_8));
        }
        root.setRowCount(count);
        return root;
    }

    private void assertLake(TableInfo table, long rows) throws Exception {
        LakeSnapshot registered = admin().readableLakeSnapshot(PATH).get().orElseThrow();
        assertThat(admin().latestLakeSnapshot(PATH).get()).contains(registered);
        Collection<Integer> buckets = IntStream.range(0, 3).boxed().toList();
        assertThat(registered.endOffsets())
                .isEqualTo(
                        admin().listOffsets(
                                        table,
                                        OptionalLong.empty(),
                                        buckets,
                                        new OffsetSpec.Latest())
                                .get());
        List<Long> ids = new ArrayList<>();
        try (HadoopCatalog catalog = catalog()) {
            Table lake = catalog.loadTable(TableIdentifier.of("it", "events"));
            assertThat(lake.currentSnapshot().snapshotId()).isEqualTo(registered.snapshotId());
            try (CloseableIterable<Record> all = IcebergGenerics.read(lake).build()) {
                for (Record r : all) {
                    long id = (Long) r.getField("id");
                    assertThat(r.getField("name")).hasToString("name-" + id);
                    ids.add(id);
                }
            }
        }
        assertThat(ids)
                .containsExactlyInAnyOrderElementsOf(LongStream.range(0, rows).boxed().toList());
    }

    private long commits() throws Exception {
        long count = 0;
        try (HadoopCatalog catalog = catalog()) {
            for (var unused : catalog.loadTable(TableIdentifier.of("it", "events")).snapshots()) {
                count++;
            }
        }
        return count;
    }

    private HadoopCatalog catalog() {
        return new HadoopCatalog(new Configuration(), dir.resolve("lake").toString());
    }

    /** Passes everything on; tests override what goes wrong. */
    private abstract static class TieringFaults implements TieringAdmin {
        private final Connection real;

        TieringFaults(Connection real) {
            this.real = real;
        }

        @Override
        public CompletableFuture<HeartbeatAnswer> heartbeat(HeartbeatRequest request) {
            return real.tieringAdmin().heartbeat(request);
        }

        @Override
        public CompletableFuture<String> prepareSnapshot(
                long tableId, TablePath path, Map<TableBucket, Long> endOffsets) {
            return real.tieringAdmin().prepareSnapshot(tableId, path, endOffsets);
        }

        @Override
        public CompletableFuture<String> prepareOffsets(
                long tableId, TablePath path, Map<TableBucket, Long> offsets) {
            return real.tieringAdmin().prepareOffsets(tableId, path, offsets);
        }

        @Override
        public CompletableFuture<List<TieringState>> status(List<TablePath> tables) {
            return real.tieringAdmin().status(tables);
        }

        @Override
        public CompletableFuture<Void> commitSnapshot(SnapshotCommit commit) {
            return real.tieringAdmin().commitSnapshot(commit);
        }

        Connection connection() {
            TieringAdmin faulty = this;
            return (Connection)
                    Proxy.newProxyInstance(
                            Connection.class.getClassLoader(),
                            new Class<?>[] {Connection.class},
                            (proxy, method, args) ->
                                    method.getName().equals("tieringAdmin")
                                            ? faulty
                                            : ofReal(method, args));
        }

        private Object ofReal(Method method, Object[] args) throws Throwable {
            try {
                return method.invoke(real, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }
}
