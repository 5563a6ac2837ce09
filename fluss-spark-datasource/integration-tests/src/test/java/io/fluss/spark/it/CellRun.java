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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.Connection;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.table.TableInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.Trigger;

/**
 * One table of the matrix: its writers, its readers and their figures. Each method is called by one
 * thread at a time.
 */
final class CellRun implements AutoCloseable {
    private static final int BATCHES_PER_READ = 3;
    private static final int COUNT_ONE_OF = 5;
    private static final int LAKE_READS_MAX = 20;

    private final LakeCell cell;
    private final SparkOnFluss fluss;
    private final Connection connection;
    private final Path dir;
    private final CellTruth truth;
    private final CellLog log;
    private final LakeHistory history;
    private final List<CellWriter> writers = new ArrayList<>();
    private final Set<Long> snapshots = new HashSet<>();
    private final List<Row> streamed = new CopyOnWriteArrayList<>();
    private final Random random = new Random(1);
    private int unionReads;
    private int lakeReads;
    private int foreignReads;
    private int streams;

    /** Creates the table and starts to write. */
    CellRun(
            LakeCell cell,
            SparkOnFluss fluss,
            Connection connection,
            Path dir,
            ExecutorService threads)
            throws Exception {
        this.cell = cell;
        this.fluss = fluss;
        this.connection = connection;
        this.dir = dir;
        fluss.sql(cell.ddl());
        TableInfo table = connection.admin().tableInfo(cell.path()).get();
        truth = new CellTruth(cell);
        history = new LakeHistory(cell, warehouse(dir));
        log = new CellLog(connection, table);
        for (int w = 0; w < CellTruth.WRITERS; w++) {
            writers.add(new CellWriter(cell, truth, w, connection, table, threads));
        }
    }

    static Path warehouse(Path dir) {
        return dir.resolve("lake");
    }

    /** Reads both tiers as one while writers write. */
    void readBoth() throws Exception {
        CellTruth.Question question = truth.question(random);
        List<Long> before = truth.acknowledged();
        write();
        if (random.nextInt(COUNT_ONE_OF) == 0) {
            long count = fluss.sql(question.count(cell)).collectAsList().get(0).getLong(0);
            truth.checkCount(question, count, before, truth.sent());
        } else {
            List<Row> rows = fluss.sql(question.sql(cell)).collectAsList();
            truth.check(question, rows, before, truth.sent());
        }
        unionReads++;
        Optional<LakeSnapshot> readable = readable();
        if (readable.isPresent()) {
            snapshots.add(readable.get().snapshotId());
            history.look();
        }
    }

    /** Lets the writers go on. */
    void write() {
        writers.forEach(w -> w.allow(BATCHES_PER_READ));
    }

    /**
     * Reads the lake alone, with Spark and with an engine that has nothing of ours, and compares
     * with the log up to the offsets that the lake is said to hold.
     */
    void readLake(Optional<LakeProgram> program) throws Exception {
        Optional<LakeSnapshot> pinned = readable();
        if (pinned.isEmpty()) {
            return;
        }
        List<String> expected = log.rowsBelow(pinned.get().endOffsets());
        if (program.isPresent()) {
            Map<String, String> question = place(pinned.get().snapshotId());
            assertThat(program.get().rows(question)).as("rows of " + question).isEqualTo(expected);
            foreignReads++;
        }
        List<String> rows = lakeRows();
        if (readable().equals(pinned)) {
            assertThat(rows).as("rows of the lake of " + cell.path()).isEqualTo(expected);
            lakeReads++;
        }
    }

    private List<String> lakeRows() {
        return fluss
                .read(cell.path().toString(), "read.mode", "lake")
                .select("id", "day", "version", "text")
                .collectAsList()
                .stream()
                .map(r -> r.mkString("|"))
                .sorted()
                .toList();
    }

    /** Lets somebody else compact the lake table where the tiering job does not. */
    void compact() throws Exception {
        if (!cell.isKeyed() && cell.lake().format().equals("paimon") && readable().isPresent()) {
            PaimonJobs.compactLog(
                    PaimonJobs.load(warehouse(dir), cell.path()),
                    unionReads,
                    dir.resolve("spill-" + cell.path()));
        }
    }

    private Map<String, String> place(long snapshotId) throws IOException {
        Map<String, String> place = new HashMap<>();
        place.put("name", cell.path().toString());
        place.put("format", cell.lake().format());
        place.put("snapshot", Long.toString(snapshotId));
        if (cell.lake().format().equals("iceberg")) {
            place.put("reader", foreignReads % 2 == 0 ? "pyiceberg" : "duckdb");
            place.put("metadata", newestMetadata().toString());
        } else {
            place.put("warehouse", warehouse(dir).toString());
            place.put("table", cell.path().toString());
        }
        return place;
    }

    private Path newestMetadata() throws IOException {
        Path table = warehouse(dir).resolve(cell.path().database()).resolve(cell.path().table());
        try (Stream<Path> files = Files.list(table.resolve("metadata"))) {
            // Files that a commit has not named yet have no version.
            return files.filter(f -> f.getFileName().toString().matches("v\\d+\\.metadata\\.json"))
                    .max(Comparator.comparingInt(CellRun::metadataVersion))
                    .orElseThrow();
        }
    }

    private static int metadataVersion(Path metadata) {
        return Integer.parseInt(metadata.getFileName().toString().replaceAll("\\D", ""));
    }

    /**
     * The stream goes on where its checkpoint is, up to what is there now. It begins when the lake
     * has something.
     */
    void stream() throws Exception {
        if (streams == 0 && readable().isEmpty()) {
            return;
        }
        VoidFunction2<Dataset<Row>, Long> collect =
                (data, id) -> streamed.addAll(data.collectAsList());
        Dataset<Row> source =
                fluss.session()
                        .readStream()
                        .format("fluss")
                        .option("bootstrap.servers", fluss.bootstrap())
                        .option("table", cell.path().toString())
                        .option("maxRowsPerTrigger", 2000)
                        .load();
        Dataset<Row> wanted =
                cell.isKeyed()
                        ? source.select("id", "version", "_change_type", "_offset")
                        : source.select("id", "version");
        wanted.writeStream()
                .option("checkpointLocation", dir.resolve("stream-" + cell.path()).toString())
                .trigger(Trigger.AvailableNow())
                .foreachBatch(collect)
                .start()
                .awaitTermination();
        streams++;
    }

    /** Ends the writers; from here on each question has one answer. */
    void finishWriting() throws Exception {
        for (CellWriter w : writers) {
            w.finish();
        }
    }

    /** The union of the tiers and the whole stream are what was written. */
    void checkEnd() throws Exception {
        List<Long> end = truth.sent();
        truth.check(
                CellTruth.all(),
                fluss.sql(CellTruth.all().sql(cell)).collectAsList(),
                truth.acknowledged(),
                end);
        unionReads++;
        stream();
        assertThat(streamedRows()).as("rows of the stream").isEqualTo(truth.last());
        checkThatKeysStay();
    }

    /** Rows of the lake first, then the changes; those of a key are in one bucket. */
    private Map<Long, Long> streamedRows() {
        Map<Long, Long> state = new HashMap<>();
        if (!cell.isKeyed()) {
            for (Row r : streamed) {
                assertThat(state.put(r.getLong(0), r.getLong(1))).as("second " + r).isNull();
            }
            return state;
        }
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

    private void checkThatKeysStay() {
        if (cell.isKeyed() && cell.isPartitioned()) {
            assertThatThrownBy(
                            () ->
                                    fluss.sql(
                                            "UPDATE fluss."
                                                    + cell.path()
                                                    + " SET day = 'd2' WHERE day = 'd1'"))
                    .as("a row that moves to another partition")
                    .hasMessageContaining("day");
        }
    }

    /** With everything tiered: the lake alone, read until nobody publishes a snapshot meanwhile. */
    void checkLakeEnd(Optional<LakeProgram> program) throws Exception {
        int before = lakeReads;
        for (int i = 0; lakeReads == before && i < LAKE_READS_MAX; i++) {
            readLake(program);
        }
        assertThat(lakeReads).as("reads of the lake alone").isGreaterThan(before);
        history.look();
    }

    int snapshotsSeen() {
        return snapshots.size();
    }

    LakeCell cell() {
        return cell;
    }

    LakeHistory history() {
        return history;
    }

    int unionReads() {
        return unionReads;
    }

    /** A row of the table of results. */
    String figures() {
        return String.format(
                "| %s | %d | %d | %d | %d | %d | %d | %d | %d |",
                cell.title(),
                unionReads,
                snapshots.size(),
                history.compactions(),
                history.expired(),
                foreignReads,
                lakeReads,
                streamed.size(),
                truth.sent().stream().mapToLong(s -> s).sum());
    }

    static String heading() {
        return "| Lake | Table | Partitions | Layout | Union reads | Lake snapshots they saw |"
                + " Compactions | Snapshots expired | Foreign reads | Lake reads in Spark |"
                + " Streamed changes | Changes written |\n"
                + "|---|---|---|---|---|---|---|---|---|---|---|---|";
    }

    private Optional<LakeSnapshot> readable() throws Exception {
        return connection.admin().readableLakeSnapshot(cell.path()).get();
    }

    @Override
    public void close() {
        log.close();
    }
}
