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
import io.fluss.client.OffsetSpec;
import io.fluss.client.lake.TieringAdmin.SnapshotCommit;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.lake.LakeCatalog;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeFormat;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeTable;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables whose older rows are in Iceberg, put there by a tiering round made by hand. */
class UnionReadIT {
    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format", "iceberg",
                                "datalake.iceberg.type", "hadoop",
                                "datalake.iceberg.warehouse", warehouse()));
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.lake");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void countsByMetadataAndOffsets() throws Exception {
        create("counted", "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)");
        insert("counted", 0, 100);
        tier("counted");
        insert("counted", 100, 130);
        String count = "SELECT count(*) FROM fluss.lake.counted";
        assertThat(fluss.sql(count).queryExecution().executedPlan().toString())
                .contains("LocalTableScan");
        assertThat(fluss.rows(count)).containsExactly("[130]");
        assertThat(fluss.read("lake.counted", "read.mode", "lake").count()).isEqualTo(100);
        assertThat(fluss.rows(count + " WHERE id >= 90")).containsExactly("[40]");
    }

    @Test
    void boundsByMetadataWhereTheyAreExact() throws Exception {
        create(
                "bounded",
                "id BIGINT, i INT, d DATE, at TIMESTAMP, s STRING, x DOUBLE, small TINYINT");
        insertBounded(-40, 60);
        String exact =
                "SELECT min(id), max(id), count(*), min(i), max(i), min(d), max(d), min(at), max(at)"
                        + " FROM fluss.lake.bounded";
        List<String> before = fluss.rows(exact);
        assertThat(isLocal(exact)).as("rows of the log").isFalse();
        tier("bounded");
        assertThat(isLocal(exact)).isTrue();
        assertThat(fluss.rows(exact)).isEqualTo(before);
        assertThat(fluss.rows("SELECT min(id), max(id), min(i) FROM fluss.lake.bounded"))
                .containsExactly("[-40,59,-39]");
        for (String other : List.of("s", "x", "small", "id + 1", "_bucket")) {
            String query = "SELECT max(" + other + ") FROM fluss.lake.bounded";
            assertThat(isLocal(query)).as(query).isFalse();
        }
        assertThat(isLocal("SELECT max(id) FROM fluss.lake.bounded WHERE i > 3")).isFalse();
        assertThat(isLocal("SELECT s, max(id) FROM fluss.lake.bounded GROUP BY s")).isFalse();

        insertBounded(60, 61);
        assertThat(isLocal(exact)).as("rows behind the lake").isFalse();
        assertThat(fluss.rows("SELECT max(id), count(*) FROM fluss.lake.bounded"))
                .containsExactly("[60,101]");
        // Files from before the column have no statistics of it.
        fluss.sql("ALTER TABLE fluss.lake.bounded ADD COLUMN late INT");
        fluss.sql("INSERT INTO fluss.lake.bounded (id, late) VALUES (100, 7)");
        tier("bounded");
        assertThat(fluss.rows("SELECT max(late), min(late), max(id) FROM fluss.lake.bounded"))
                .containsExactly("[7,7,100]");
    }

    private static boolean isLocal(String query) {
        return fluss.sql(query)
                .queryExecution()
                .executedPlan()
                .toString()
                .contains("LocalTableScan");
    }

    /** Every third value of {@code i} is null. */
    private static void insertBounded(int from, int to) throws Exception {
        fluss.session()
                .range(from, to, 1, 2)
                .selectExpr(
                        "id",
                        "IF(pmod(id, 3) = 2, NULL, CAST(id AS INT)) AS i",
                        "date_add(DATE '2026-01-01', CAST(id AS INT)) AS d",
                        "timestamp_micros(id * 1000001) AS at",
                        "CAST(id AS STRING) AS s",
                        "CAST(id AS DOUBLE) AS x",
                        "CAST(id AS TINYINT) AS small")
                .writeTo("fluss.lake.bounded")
                .append();
    }

    @Test
    void readsEachRowOnceFromLakeAndLog() throws Exception {
        create("t", "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)");
        insert("t", 0, 1000);
        tier("t");
        insert("t", 1000, 1500);

        assertThat(fluss.rows("SELECT count(*), count(DISTINCT id), sum(id) FROM fluss.lake.t"))
                .containsExactly("[1500,1500,1124250]");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.lake.t")).containsExactly("[1500]");
        assertThat(fluss.read("lake.t", "read.mode", "lake").count()).isEqualTo(1000);
        assertThat(
                        fluss.rows(
                                "SELECT price, small, s, id FROM fluss.lake.t"
                                        + " WHERE id IN (7, 1207) ORDER BY id"))
                .containsExactly("[0.07,7,s7,7]", "[12.07,7,s1207,1207]");
        assertThat(fluss.rows("SELECT sum(small), min(at), max(at) FROM fluss.lake.t"))
                .containsExactly(
                        fluss.rows(
                                        "SELECT sum(CAST(id % 100 AS TINYINT)),"
                                                + " timestamp_micros(min(id)),"
                                                + " timestamp_micros(max(id)) FROM range(1500)")
                                .get(0));
        assertThat(plan("SELECT id + 1 FROM fluss.lake.t")).contains("ColumnarToRow");

        tier("t");
        assertThat(fluss.read("lake.t", "read.mode", "lake").count()).isEqualTo(1500);
        assertThat(fluss.rows("SELECT count(*), count(DISTINCT id) FROM fluss.lake.t"))
                .containsExactly("[1500,1500]");
    }

    @Test
    void readsNestedColumnsByRow() throws Exception {
        create("nested", "id BIGINT, a ARRAY<INT>, m MAP<STRING, INT>, st STRUCT<x: TINYINT>");
        String rows =
                "INSERT INTO fluss.lake.nested SELECT id, array(CAST(id AS INT), NULL),"
                        + " map('k', CAST(id AS INT)), named_struct('x', CAST(id AS TINYINT))"
                        + " FROM range(%d, %d)";
        fluss.sql(String.format(rows, 0, 3));
        tier("nested");
        fluss.sql(String.format(rows, 3, 5));

        assertThat(
                        fluss.rows(
                                "SELECT id, a[0], a[1], m['k'], st.x FROM fluss.lake.nested ORDER"
                                        + " BY id"))
                .containsExactly(
                        "[0,0,null,0,0]",
                        "[1,1,null,1,1]",
                        "[2,2,null,2,2]",
                        "[3,3,null,3,3]",
                        "[4,4,null,4,4]");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.lake.nested")).containsExactly("[5]");
    }

    @Test
    void streamsTheLakeAndThenTheLog() throws Exception {
        create("whole", "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)");
        insert("whole", 0, 500);
        tier("whole");
        insert("whole", 500, 700);
        List<Long> sizes = new CopyOnWriteArrayList<>();
        List<Long> ids = new CopyOnWriteArrayList<>();
        VoidFunction2<Dataset<Row>, Long> collect =
                (data, batch) -> {
                    List<Row> rows = data.select("id", "small").collectAsList();
                    sizes.add((long) rows.size());
                    rows.forEach(r -> ids.add(r.getLong(0)));
                };

        streamWhole(collect);
        // The lake comes file by file, the log in the order of its offsets.
        int lakeBatches = sizes.size() - 2;
        assertThat(lakeBatches).isPositive();
        assertThat(sizes.subList(0, lakeBatches).stream().mapToLong(n -> n).sum()).isEqualTo(500);
        assertThat(sizes.subList(lakeBatches, sizes.size())).containsExactly(150L, 50L);
        // The lake moves on, but the query has passed it.
        tier("whole");
        insert("whole", 700, 710);
        streamWhole(collect);

        assertThat(sizes.subList(lakeBatches, sizes.size())).containsExactly(150L, 50L, 10L);
        assertThat(ids)
                .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 710).boxed().toList());
    }

    private static void streamWhole(VoidFunction2<Dataset<Row>, Long> each) throws Exception {
        fluss.session()
                .readStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", "lake.whole")
                .option("maxRowsPerTrigger", 150)
                .load()
                .writeStream()
                .option("checkpointLocation", dir.resolve("whole-checkpoint").toString())
                .trigger(Trigger.AvailableNow())
                .foreachBatch(each)
                .start()
                .awaitTermination();
    }

    @Test
    void readsATableThatWasNeverTiered() {
        create("young", "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)");
        insert("young", 0, 10);

        assertThat(fluss.rows("SELECT count(*) FROM fluss.lake.young")).containsExactly("[10]");
        assertThat(fluss.read("lake.young", "read.mode", "lake").count()).isZero();
    }

    @Test
    void failsWhenTheLakeTableIsGone() throws Exception {
        create("gone", "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)");
        insert("gone", 0, 10);
        tier("gone");

        assertThatThrownBy(
                        () ->
                                fluss.read(
                                                "lake.gone",
                                                "datalake.iceberg.warehouse",
                                                dir.resolve("elsewhere").toUri().toString())
                                        .count())
                .hasStackTraceContaining("Iceberg table lake.gone does not exist");
        assertThat(fluss.read("lake.gone", "read.mode", "hot").count()).isEqualTo(10);
    }

    @Test
    void failsWhenTheLakeSnapshotWasExpired() throws Exception {
        create("expired", "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)");
        insert("expired", 0, 10);
        tier("expired");
        // Maintenance of others: a commit of its own, then everything before it is expired.
        try (HadoopCatalog catalog = new HadoopCatalog(new Configuration(), warehouse())) {
            Table table = catalog.loadTable(TableIdentifier.of("lake", "expired"));
            table.newAppend().commit();
            table.expireSnapshots()
                    .expireOlderThan(table.currentSnapshot().timestampMillis() + 1)
                    .retainLast(1)
                    .commit();
        }

        assertThatThrownBy(() -> fluss.rows("SELECT count(*) FROM fluss.lake.expired"))
                .hasStackTraceContaining("of Iceberg table lake.expired does not exist any more");
        assertThat(fluss.read("lake.expired", "read.mode", "hot").count()).isEqualTo(10);
    }

    @Test
    void saysThatSparkCannotReadTimesOfDayFromIceberg() throws Exception {
        fluss.session().conf().set("spark.sql.timeType.enabled", "true");
        create("clock", "id BIGINT, t TIME(6)");
        fluss.sql("INSERT INTO fluss.lake.clock VALUES (1, TIME'12:30:00')");
        tier("clock");

        assertThatThrownBy(() -> fluss.rows("SELECT * FROM fluss.lake.clock"))
                .hasStackTraceContaining("lake.clock: the lake part cannot be read in Spark");
        assertThat(fluss.read("lake.clock", "read.mode", "hot").count()).isEqualTo(1);
    }

    @Test
    void aReadThatEndsEarlyGivesItsMemoryBack() throws Exception {
        create("early", "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)");
        insert("early", 0, 500);
        tier("early");
        insert("early", 500, 20_000);

        assertThat(fluss.rows("SELECT id FROM fluss.lake.early LIMIT 3")).hasSize(3);
        assertThat(fluss.rows("SELECT id FROM fluss.lake.early WHERE id >= 500 LIMIT 3"))
                .hasSize(3);
        assertThat(fluss.sql("SELECT * FROM fluss.lake.early WHERE id >= 500").head()).isNotNull();
        assertThat(TaskMemory.allocatedBytes()).isZero();
    }

    @Test
    void aReadWithoutLimitOfRecordsPerPartitionAndOneWithTheLargestAreTheSame() {
        create("wide", "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)");
        insert("wide", 0, 100);

        String option = "scan.max-records-per-partition";
        assertThat(fluss.read("lake.wide", option, "9223372036854775807").count()).isEqualTo(100);
        assertThat(fluss.read("lake.wide", option, "7").count()).isEqualTo(100);
    }

    private static String warehouse() {
        return dir.resolve("warehouse").toUri().toString();
    }

    private static String plan(String query) {
        return fluss.sql(query).queryExecution().executedPlan().toString();
    }

    private static void create(String table, String columns) {
        fluss.sql(
                "CREATE TABLE fluss.lake."
                        + table
                        + " ("
                        + columns
                        + ") TBLPROPERTIES ('bucket.num' = '2', 'table.datalake.enabled' ="
                        + " 'true')");
    }

    private static void insert(String table, int from, int to) {
        fluss.sql(
                "INSERT INTO fluss.lake."
                        + table
                        + " SELECT id, concat('s', id), CAST(id % 100 AS TINYINT),"
                        + " timestamp_micros(id), CAST(id / 100 AS DECIMAL(12, 2)) FROM range("
                        + from
                        + ", "
                        + to
                        + ")");
    }

    /** One round: everything in the log behind the last snapshot goes into a new one. */
    private static void tier(String table) throws Exception {
        TablePath path = TablePath.of("lake", table);
        try (Connection c = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()));
                BufferAllocator allocator = new RootAllocator();
                LakeCatalog catalog =
                        LakeFormat.load("iceberg")
                                .open(Map.of("type", "hadoop", "warehouse", warehouse()))) {
            TableInfo info = c.admin().tableInfo(path).get();
            var last = c.admin().latestLakeSnapshot(path).get();
            List<Integer> buckets = IntStream.range(0, info.bucketCount()).boxed().toList();
            Map<TableBucket, Long> ends =
                    new TreeMap<>(
                            c.admin()
                                    .listOffsets(
                                            info,
                                            OptionalLong.empty(),
                                            buckets,
                                            new OffsetSpec.Latest())
                                    .get());
            LakeTable lake = catalog.table(path);
            LakeCommitter committer = lake.committer();
            LakeWriterFactory writers = lake.writerFactory(info);
            List<LakeWriter.Result> results = new ArrayList<>();
            for (Map.Entry<TableBucket, Long> e : ends.entrySet()) {
                long from = last.map(s -> s.endOffset(e.getKey()).orElse(0)).orElse(0L);
                if (from >= e.getValue()) {
                    continue;
                }
                LakeWriterFactory.WriteTask task =
                        new LakeWriterFactory.WriteTask(
                                e.getKey(),
                                Optional.empty(),
                                "round-" + from + "-" + e.getValue(),
                                e.getKey().bucket(),
                                e.getKey().bucket());
                try (LogRangeReader log =
                                c.logRange(
                                        info,
                                        e.getKey(),
                                        from,
                                        e.getValue(),
                                        Optional.empty(),
                                        allocator);
                        LakeWriter writer = writers.open(task)) {
                    for (var b = log.next(); b.isPresent(); b = log.next()) {
                        try (ScanBatch batch = b.get()) {
                            writer.write(
                                    LakeRows.appended(
                                            batch.rows(),
                                            batch.baseOffset(),
                                            batch.commitTimestampMs()));
                        }
                    }
                    results.add(writer.complete());
                }
            }
            String offsets = c.tieringAdmin().prepareSnapshot(info.tableId(), path, ends).get();
            OptionalLong expected =
                    committer
                            .latestTieringCommit()
                            .map(t -> OptionalLong.of(t.snapshotId()))
                            .orElse(OptionalLong.empty());
            long snapshot =
                    committer.commit(
                            new LakeCommitter.Request(results, offsets, expected, Map.of()));
            c.tieringAdmin()
                    .commitSnapshot(
                            new SnapshotCommit(
                                    info.tableId(),
                                    path,
                                    snapshot,
                                    offsets,
                                    Optional.of(offsets),
                                    OptionalLong.empty(),
                                    ends,
                                    Map.of()))
                    .get();
        }
    }
}
