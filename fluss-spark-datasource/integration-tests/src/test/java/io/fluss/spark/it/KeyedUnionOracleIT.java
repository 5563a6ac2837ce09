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

import io.fluss.client.Connection;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.tiering.spark.ServiceLoop;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Reads both tiers of tables with a primary key as one while rows are inserted, updated and deleted
 * and tiered every second, and checks each answer against what the writers know: of every key, the
 * read shows a state that it had between the last change acknowledged before the read and the last
 * one sent by its end - and there is one row at most. System property {@code fluss.it.union.reads}
 * sets how many reads there are in each cell, for a long run.
 */
class KeyedUnionOracleIT {
    private static final int READS = Integer.getInteger("fluss.it.union.reads", 30);
    private static final int READS_MAX = 20 * READS;
    private static final int SNAPSHOTS = 3;
    private static final int WRITERS = 2;
    private static final int KEYS = 400;
    private static final int BATCHES_PER_READ = 6;
    private static final int ROWS_PER_BATCH = 20;
    private static final int DELETE_ONE_OF = 5;
    private static final List<String> DAYS = List.of("d1", "d2", "d3");

    @TempDir static Path dir;
    private static SparkOnFluss fluss;
    private static Connection connection;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format",
                                "iceberg",
                                "datalake.iceberg.type",
                                "hadoop",
                                "datalake.iceberg.warehouse",
                                dir.resolve("warehouse").toUri().toString()));
        connection = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()));
        fluss.sql("CREATE NAMESPACE fluss.oracle");
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        fluss.close();
    }

    @ParameterizedTest(name = "version {0}, partitioned {1}, image {2}")
    @CsvSource({"2, false, FULL", "2, true, FULL", "3, false, FULL", "3, true, WAL"})
    void everyReadShowsAStateThatEachKeyHad(int version, boolean isPartitioned, String image)
            throws Exception {
        TablePath path = TablePath.of("oracle", "v" + version + (isPartitioned ? "p" : "u"));
        fluss.sql(
                "CREATE TABLE fluss."
                        + path
                        + " (id BIGINT, day STRING, version BIGINT NOT NULL, text STRING, PRIMARY"
                        + " KEY (id"
                        + (isPartitioned ? ", day)) PARTITIONED BY (day)" : "))")
                        + " TBLPROPERTIES ('bucket.num' = '2', 'table.datalake.enabled' = 'true',"
                        + " 'table.datalake.freshness' = '1s', 'table.changelog.image' = '"
                        + image
                        + "', 'iceberg.format-version' = '"
                        + version
                        + "')");
        TableInfo table = connection.admin().tableInfo(path).get();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
        List<Writer> writers = new ArrayList<>();
        List<String> rounds = new CopyOnWriteArrayList<>();
        ServiceLoop tiering = Tiering.service(fluss, connection, rounds::add);
        Set<Long> snapshots = new HashSet<>();
        List<Row> streamed = new CopyOnWriteArrayList<>();
        int done;
        try {
            CompletableFuture<Map<TablePath, FlussException>> service =
                    CompletableFuture.supplyAsync(tiering::run, threads);
            for (int w = 0; w < WRITERS; w++) {
                Writer writer = new Writer(w, table);
                writer.done = CompletableFuture.runAsync(writer, threads);
                writers.add(writer);
            }
            int reads = 0;
            // On a fast machine all reads may be done before tiering has made some snapshots.
            for (; reads < READS || (snapshots.size() < SNAPSHOTS && reads < READS_MAX); reads++) {
                check(path, writers);
                registered(path).ifPresent(s -> snapshots.add(s.snapshotId()));
                if (reads == READS / 2) {
                    stream(path, streamed);
                }
            }
            done = reads;
            for (Writer w : writers) {
                w.finish();
            }
            // From here on every change is acknowledged, so there is one right answer.
            check(path, writers);
            stream(path, streamed);
            if (image.equals("FULL")) {
                assertThat(stateAfter(streamed))
                        .as("state of the stream")
                        .isEqualTo(state(writers));
            }
            tiering.stop();
            assertThat(service.get(60, TimeUnit.SECONDS)).isEmpty();
            assertThat(rounds).noneMatch(line -> line.contains("FAILED"));
            Tiering.once(fluss, path);
            check(path, writers);
            assertThat(lakeOnly(path)).as("state of the lake").isEqualTo(state(writers));
        } finally {
            threads.shutdownNow();
            tiering.stop();
        }
        System.out.println(
                path
                        + ": union reads "
                        + (done + 2)
                        + ", lake snapshots seen "
                        + snapshots.size()
                        + ", tiering reports "
                        + rounds.size()
                        + ", changes "
                        + writers.stream().mapToLong(w -> w.sent).sum()
                        + ", streamed "
                        + streamed.size());
        assertThat(snapshots)
                .as("lake snapshots that reads saw")
                .hasSizeGreaterThanOrEqualTo(SNAPSHOTS);
        assertThat(TaskMemory.allocatedBytes()).as("memory of ended reads").isZero();
    }

    /** One read; what it may hold depends on what the writers had done before and after it. */
    private static void check(TablePath path, List<Writer> writers) {
        List<Long> acknowledged = writers.stream().map(w -> w.acknowledged).toList();
        writers.forEach(w -> w.allowed.release(BATCHES_PER_READ));
        Map<Long, Long> found = new HashMap<>();
        for (Row row : fluss.sql("SELECT text, version, id FROM fluss." + path).collectAsList()) {
            long id = row.getLong(2);
            assertThat(found.put(id, row.getLong(1))).as("second row of key " + id).isNull();
            assertThat(row.getString(0)).isEqualTo(text(id, row.getLong(1)));
        }
        List<Long> sent = writers.stream().map(w -> w.sent).toList();
        for (int w = 0; w < WRITERS; w++) {
            for (long id = w; id < KEYS; id += WRITERS) {
                long shown = found.getOrDefault(id, Writer.ABSENT);
                assertThat(writers.get(w).states(id, acknowledged.get(w), sent.get(w)))
                        .as("states of key " + id)
                        .contains(shown);
                found.remove(id);
            }
        }
        assertThat(found).as("keys that nobody has written").isEmpty();
    }

    private static Map<Long, Long> state(List<Writer> writers) {
        Map<Long, Long> state = new HashMap<>();
        for (Writer w : writers) {
            for (long id = w.number; id < KEYS; id += WRITERS) {
                long last = w.states(id, w.sent, w.sent).get(0);
                if (last != Writer.ABSENT) {
                    state.put(id, last);
                }
            }
        }
        return state;
    }

    private static Map<Long, Long> lakeOnly(TablePath path) {
        Map<Long, Long> state = new HashMap<>();
        fluss.read(path.toString(), "read.mode", "lake")
                .select("id", "version")
                .collectAsList()
                .forEach(r -> state.put(r.getLong(0), r.getLong(1)));
        return state;
    }

    private static void stream(TablePath path, List<Row> into) throws Exception {
        VoidFunction2<Dataset<Row>, Long> collect = (data, id) -> into.addAll(data.collectAsList());
        fluss.session()
                .readStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", path.toString())
                .option("maxRowsPerTrigger", 200)
                .load()
                .select("id", "version", "_change_type", "_offset")
                .writeStream()
                .option("checkpointLocation", dir.resolve("checkpoint-" + path.table()).toString())
                .trigger(Trigger.AvailableNow())
                .foreachBatch(collect)
                .start()
                .awaitTermination();
    }

    /** Rows of the lake first, then the changes; those of a key are in one bucket. */
    private static Map<Long, Long> stateAfter(List<Row> streamed) {
        Map<Long, Long> state = new HashMap<>();
        List<Row> ordered = new ArrayList<>(streamed);
        ordered.sort(Comparator.comparingLong(r -> r.isNullAt(3) ? -1 : r.getLong(3)));
        for (Row r : ordered) {
            long id = r.getLong(0);
            if (r.isNullAt(3)) {
                assertThat(state.put(id, r.getLong(1))).as("key twice in the lake").isNull();
                continue;
            }
            switch (r.getString(2)) {
                case "insert", "update_after" -> state.put(id, r.getLong(1));
                case "delete" -> state.remove(id);
                default -> {}
            }
        }
        return state;
    }

    private static Optional<LakeSnapshot> registered(TablePath path) throws Exception {
        return connection.admin().readableLakeSnapshot(path).get();
    }

    private static String text(long id, long version) {
        return "row " + id + " in version " + version;
    }

    /** Changes random keys of its own, a batch at a time, as many as the reader allows. */
    private static final class Writer implements Runnable {
        static final long ABSENT = -1;

        private final int number;
        private final TableInfo table;
        private final Random random;
        private final Semaphore allowed = new Semaphore(0);
        private CompletableFuture<Void> done = new CompletableFuture<>();
        private volatile boolean isLast;

        /** Changes by number: the key, and whether it is deleted. The number is the version. */
        private final List<long[]> changes = new ArrayList<>();

        /** Changes that may be in the table. */
        private volatile long sent;

        /** Changes that must be. */
        private volatile long acknowledged;

        Writer(int number, TableInfo table) {
            this.number = number;
            this.table = table;
            this.random = new Random(number);
        }

        @Override
        public void run() {
            try (Connection own = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()));
                    UpsertWriter writer = own.upsertWriter(table);
                    BufferAllocator allocator = new RootAllocator()) {
                for (allowed.acquire(); !isLast; allowed.acquire()) {
                    BitSet deletes = new BitSet();
                    long first = sent;
                    CompletableFuture<?> written;
                    try (VectorSchemaRoot rows = rows(allocator, first, deletes)) {
                        sent = first + ROWS_PER_BATCH;
                        written = writer.write(rows, deletes);
                    }
                    CompletableFuture<Void> flushed = writer.flush();
                    written.get(60, TimeUnit.SECONDS);
                    flushed.get(60, TimeUnit.SECONDS);
                    acknowledged = first + ROWS_PER_BATCH;
                }
            } catch (Exception e) {
                throw new AssertionError("writer " + number, e);
            }
        }

        private VectorSchemaRoot rows(BufferAllocator allocator, long first, BitSet deletes) {
            VectorSchemaRoot root =
                    VectorSchemaRoot.create(ArrowSchemas.of(table.schema().rowType()), allocator);
            BigIntVector ids = (BigIntVector) root.getVector("id");
            VarCharVector days = (VarCharVector) root.getVector("day");
            BigIntVector versions = (BigIntVector) root.getVector("version");
            VarCharVector texts = (VarCharVector) root.getVector("text");
            synchronized (changes) {
                for (int i = 0; i < ROWS_PER_BATCH; i++) {
                    // Half of the changes are of a tenth of the keys.
                    int range = random.nextBoolean() ? KEYS / 10 : KEYS;
                    long id = random.nextInt(range / WRITERS) * WRITERS + number;
                    boolean isDelete = random.nextInt(DELETE_ONE_OF) == 0;
                    deletes.set(i, isDelete);
                    changes.add(new long[] {id, isDelete ? 1 : 0});
                    ids.setSafe(i, id);
                    // A key stays in its partition.
                    days.setSafe(i, bytes(DAYS.get((int) (id / WRITERS % DAYS.size()))));
                    versions.setSafe(i, first + i);
                    texts.setSafe(i, bytes(text(id, first + i)));
                }
            }
            root.setRowCount(ROWS_PER_BATCH);
            return root;
        }

        /** What a key was in front of each change of a range, and behind the last. */
        List<Long> states(long id, long from, long to) {
            List<Long> states = new ArrayList<>();
            long now = ABSENT;
            synchronized (changes) {
                for (int i = 0; i < to; i++) {
                    if (i == from) {
                        states.add(now);
                    }
                    long[] change = changes.get(i);
                    if (change[0] == id) {
                        now = change[1] == 1 ? ABSENT : i;
                        if (i >= from) {
                            states.add(now);
                        }
                    }
                }
            }
            if (from >= to) {
                states.add(now);
            }
            return states;
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        void finish() throws Exception {
            isLast = true;
            allowed.release();
            done.get(60, TimeUnit.SECONDS);
            assertThat(acknowledged).isEqualTo(sent);
        }
    }
}
