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

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamingIT {
    @TempDir static Path dir;
    @TempDir Path checkpoint;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss = SparkOnFluss.start(dir, Map.of());
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.live");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void copiesATableAndGoesOnFromTheCheckpoint() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.live.source (id BIGINT, s STRING) TBLPROPERTIES"
                        + " ('bucket.num'='2')");
        fluss.sql("CREATE TABLE fluss.live.copy (id BIGINT, s STRING)");
        fluss.sql("INSERT INTO fluss.live.source SELECT id, concat('a', id) FROM range(1000)");

        copyAvailable("live.source", "live.copy", "earliest");
        fluss.sql(
                "INSERT INTO fluss.live.source SELECT id, concat('b', id) FROM range(1000, 1500)");
        copyAvailable("live.source", "live.copy", "earliest");
        copyAvailable("live.source", "live.copy", "earliest");

        assertThat(fluss.rows("SELECT count(*), count(DISTINCT id), sum(id) FROM fluss.live.copy"))
                .containsExactly("[1500,1500,1124250]");
    }

    @Test
    void startsAtTheLatestAndKeepsItAcrossRestarts() throws Exception {
        fluss.sql("CREATE TABLE fluss.live.late (id BIGINT, s STRING)");
        fluss.sql("CREATE TABLE fluss.live.late_copy (id BIGINT, s STRING)");
        fluss.sql("INSERT INTO fluss.live.late VALUES (1, 'before')");

        copyAvailable("live.late", "live.late_copy", "latest");
        fluss.sql("INSERT INTO fluss.live.late VALUES (2, 'after')");
        copyAvailable("live.late", "live.late_copy", "latest");

        assertThat(fluss.rows("SELECT * FROM fluss.live.late_copy")).containsExactly("[2,after]");
    }

    @Test
    void limitsTheRecordsOfABatch() throws Exception {
        fluss.sql("CREATE TABLE fluss.live.limited (id BIGINT) TBLPROPERTIES ('bucket.num'='1')");
        fluss.sql("INSERT INTO fluss.live.limited SELECT id FROM range(1000)");
        AtomicInteger batches = new AtomicInteger();
        AtomicInteger rows = new AtomicInteger();

        VoidFunction2<Dataset<Row>, Long> count =
                (data, id) -> {
                    int n = (int) data.count();
                    assertThat(n).isLessThanOrEqualTo(300);
                    rows.addAndGet(n);
                    batches.incrementAndGet();
                };
        StreamingQuery query =
                read("live.limited", "earliest")
                        .option("maxOffsetsPerTrigger", 300)
                        .load()
                        .writeStream()
                        .option("checkpointLocation", checkpoint.toString())
                        .trigger(Trigger.AvailableNow())
                        .foreachBatch(count)
                        .start();
        query.awaitTermination();

        assertThat(rows).hasValue(1000);
        assertThat(batches).hasValue(4);
    }

    @Test
    void limitsTheBytesOfABatch() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.live.heavy (id BIGINT, s STRING) TBLPROPERTIES"
                        + " ('bucket.num'='1')");
        fluss.sql("INSERT INTO fluss.live.heavy SELECT id, repeat('x', 1000) FROM range(1000)");

        List<Long> sizes =
                batches(read("live.heavy", "earliest").option("maxBytesPerTrigger", "256kb"));

        assertThat(sizes.stream().mapToLong(Long::longValue).sum()).isEqualTo(1000);
        assertThat(sizes).hasSizeBetween(3, 8).allMatch(n -> n < 350);
    }

    @Test
    void waitsForEnoughRows() throws Exception {
        fluss.sql("CREATE TABLE fluss.live.few (id BIGINT) TBLPROPERTIES ('bucket.num'='1')");
        fluss.sql("INSERT INTO fluss.live.few SELECT id FROM range(10)");
        List<Long> sizes = new CopyOnWriteArrayList<>();
        StreamingQuery query =
                counting(
                                read("live.few", "earliest")
                                        .option("minRowsPerTrigger", 50)
                                        .option("maxTriggerDelay", "10min"),
                                sizes)
                        .trigger(Trigger.ProcessingTime(20))
                        .start();
        try {
            until(
                    () ->
                            query.recentProgress().length > 0
                                    || query.status().message().contains("Waiting"));
            // Spark runs the first batch of a query even if it is empty.
            assertThat(sizes).allMatch(n -> n == 0);
            // By one task: two would bring enough rows at two moments.
            fluss.sql(
                    "INSERT INTO fluss.live.few SELECT /*+ REPARTITION(1) */ id FROM range(10,"
                            + " 100)");
            until(() -> sizes.stream().anyMatch(n -> n > 0));
            assertThat(sizes).contains(100L);
        } finally {
            query.stop();
        }
    }

    @Test
    void startsAtATime() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.live.timed (id BIGINT, s STRING) TBLPROPERTIES"
                        + " ('bucket.num'='1')");
        fluss.sql("CREATE TABLE fluss.live.timed_copy (id BIGINT, s STRING)");
        fluss.sql("INSERT INTO fluss.live.timed VALUES (1, 'before')");
        long committed =
                fluss.sql("SELECT max(unix_millis(_commit_timestamp)) FROM fluss.live.timed")
                        .collectAsList()
                        .get(0)
                        .getLong(0);
        until(() -> System.currentTimeMillis() > committed + 5);
        fluss.sql("INSERT INTO fluss.live.timed VALUES (2, 'after')");

        copy(
                read("live.timed", "timestamp")
                        .option("scan.startup.timestamp", Long.toString(committed + 1)),
                "live.timed_copy");

        assertThat(fluss.rows("SELECT * FROM fluss.live.timed_copy")).containsExactly("[2,after]");
        assertThatThrownBy(
                        () ->
                                read("live.timed", "timestamp")
                                        .option("scan.startup.timestamp", "2999-01-01 00:00:00")
                                        .load()
                                        .writeStream()
                                        .format("noop")
                                        .option(
                                                "checkpointLocation",
                                                checkpoint.resolve("other").toString())
                                        .trigger(Trigger.AvailableNow())
                                        .start()
                                        .awaitTermination())
                .hasStackTraceContaining("still to come");
    }

    @Test
    void findsNewPartitionsAndForgetsDroppedOnes() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.live.parts (id BIGINT, day STRING) PARTITIONED BY (day)"
                        + " TBLPROPERTIES ('bucket.num' = '2')");
        fluss.sql("CREATE TABLE fluss.live.parts_copy (id BIGINT, day STRING)");
        fluss.sql("INSERT INTO fluss.live.parts VALUES (1, '20240101')");
        StreamingQuery query =
                read("live.parts", "latest")
                        .load()
                        .writeStream()
                        .format("fluss")
                        .option("bootstrap.servers", fluss.bootstrap())
                        .option("table", "live.parts_copy")
                        .option("checkpointLocation", checkpoint.toString())
                        .trigger(Trigger.ProcessingTime(20))
                        .start();
        try {
            fluss.sql("INSERT INTO fluss.live.parts VALUES (2, '20240102'), (3, '20240103')");
            until(() -> copied("parts_copy") >= 2);
            fluss.sql("ALTER TABLE fluss.live.parts DROP PARTITION (day = '20240102')");
            fluss.sql("INSERT INTO fluss.live.parts VALUES (4, '20240104')");
            until(() -> copied("parts_copy") >= 3);
            // Of the start: either the query saw the first row as the end, or it was created before
            // it.
            assertThat(fluss.rows("SELECT id FROM fluss.live.parts_copy WHERE id > 1 ORDER BY id"))
                    .containsExactly("[2]", "[3]", "[4]");
            until(() -> !query.lastProgress().sources()[0].endOffset().isEmpty());
            assertThat(query.exception().isEmpty()).isTrue();
        } finally {
            query.stop();
        }
    }

    @Test
    void saysWhatIsLostOfADroppedPartition() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.live.lossy (id BIGINT, day STRING) PARTITIONED BY (day)"
                        + " TBLPROPERTIES ('bucket.num' = '1')");
        fluss.sql("INSERT INTO fluss.live.lossy VALUES (1, '20240101'), (2, '20240102')");
        AtomicInteger attempts = new AtomicInteger();
        VoidFunction2<Dataset<Row>, Long> failsOnce =
                (data, id) -> {
                    if (attempts.getAndIncrement() == 0) {
                        throw new IllegalStateException("first attempt");
                    }
                    data.count();
                };
        assertThatThrownBy(() -> run(read("live.lossy", "earliest"), failsOnce))
                .hasStackTraceContaining("first attempt");
        fluss.sql("ALTER TABLE fluss.live.lossy DROP PARTITION (day = '20240101')");

        // The batch is in the checkpoint, so it must be repeated whole, or not at all.
        assertThatThrownBy(() -> run(read("live.lossy", "earliest"), failsOnce))
                .hasStackTraceContaining("was dropped before its offsets [0, 1) were read")
                .hasStackTraceContaining("failOnDataLoss");
        List<String> left = new CopyOnWriteArrayList<>();
        run(
                read("live.lossy", "earliest").option("failOnDataLoss", "false"),
                (data, id) -> left.addAll(SparkOnFluss.rows(data)));
        assertThat(left).containsExactly("[2,20240102]");
    }

    @Test
    void showsWhereARowOfTheStreamLies() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.live.placed (id BIGINT, _offset STRING) TBLPROPERTIES"
                        + " ('bucket.num'='1')");
        fluss.sql(
                "INSERT INTO fluss.live.placed SELECT /*+ REPARTITION(1) */ id, 'mine' FROM"
                        + " range(10)");
        List<String> seen = new CopyOnWriteArrayList<>();
        VoidFunction2<Dataset<Row>, Long> each = (data, id) -> seen.addAll(SparkOnFluss.rows(data));

        read("live.placed", "earliest")
                .load()
                .where("_log_offset > 7")
                .selectExpr("id", "_change_type", "_offset", "_log_offset", "_bucket")
                .writeStream()
                .option("checkpointLocation", checkpoint.toString())
                .trigger(Trigger.AvailableNow())
                .foreachBatch(each)
                .start()
                .awaitTermination();

        assertThat(seen).containsExactly("[8,insert,mine,8,0]", "[9,insert,mine,9,0]");
    }

    @Test
    void reportsHowFarItIsBehind() throws Exception {
        fluss.sql("CREATE TABLE fluss.live.behind (id BIGINT) TBLPROPERTIES ('bucket.num'='1')");
        fluss.sql("INSERT INTO fluss.live.behind SELECT id FROM range(100)");
        List<Long> sizes = new CopyOnWriteArrayList<>();
        StreamingQuery query =
                counting(read("live.behind", "earliest").option("maxRowsPerTrigger", 60), sizes)
                        .trigger(Trigger.AvailableNow())
                        .start();
        query.awaitTermination();

        assertThat(query.recentProgress()[0].sources()[0].metrics())
                .containsEntry("backlogRecords", "40")
                .containsEntry("maxBucketBacklogRecords", "40")
                .containsEntry("backlog.0", "40");
        assertThat(query.lastProgress().sources()[0].metrics())
                .containsEntry("backlogRecords", "0");
    }

    private long copied(String table) {
        return fluss.sql("SELECT count(*) FROM fluss.live." + table + " WHERE id > 1")
                .collectAsList()
                .get(0)
                .getLong(0);
    }

    private static void until(BooleanSupplier condition) {
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> {
                    while (!condition.getAsBoolean()) {
                        Thread.onSpinWait();
                    }
                });
    }

    private List<Long> batches(DataStreamReader reader) throws Exception {
        List<Long> sizes = new CopyOnWriteArrayList<>();
        counting(reader, sizes).trigger(Trigger.AvailableNow()).start().awaitTermination();
        return sizes;
    }

    private DataStreamWriter<Row> counting(DataStreamReader reader, List<Long> sizes) {
        VoidFunction2<Dataset<Row>, Long> count = (data, id) -> sizes.add(data.count());
        return reader.load()
                .writeStream()
                .option("checkpointLocation", checkpoint.toString())
                .foreachBatch(count);
    }

    private void run(DataStreamReader reader, VoidFunction2<Dataset<Row>, Long> each)
            throws Exception {
        reader.load()
                .writeStream()
                .option("checkpointLocation", checkpoint.toString())
                .trigger(Trigger.AvailableNow())
                .foreachBatch(each)
                .start()
                .awaitTermination();
    }

    @Test
    void refusesTheCheckpointOfAnotherTableOfThatName() throws Exception {
        fluss.sql("CREATE TABLE fluss.live.again (id BIGINT, s STRING)");
        fluss.sql("CREATE TABLE fluss.live.again_copy (id BIGINT, s STRING)");
        fluss.sql("INSERT INTO fluss.live.again VALUES (1, 'a')");
        copyAvailable("live.again", "live.again_copy", "earliest");
        fluss.sql("DROP TABLE fluss.live.again");
        fluss.sql("CREATE TABLE fluss.live.again (id BIGINT, s STRING)");

        assertThatThrownBy(() -> copyAvailable("live.again", "live.again_copy", "earliest"))
                .hasStackTraceContaining("dropped and created again");
    }

    @Test
    void refusesStreamsWithOtherColumns() {
        fluss.sql("CREATE TABLE fluss.live.from_rate (id BIGINT NOT NULL, s STRING)");

        assertThatThrownBy(
                        () ->
                                fluss.session()
                                        .readStream()
                                        .format("rate")
                                        .load()
                                        .selectExpr("CAST(value AS INT) AS id")
                                        .writeStream()
                                        .format("fluss")
                                        .option("bootstrap.servers", fluss.bootstrap())
                                        .option("table", "live.from_rate")
                                        .option("checkpointLocation", checkpoint.toString())
                                        .trigger(Trigger.AvailableNow())
                                        .start()
                                        .awaitTermination())
                .hasStackTraceContaining("column 'id' is BIGINT, but the rows have INT");
    }

    private DataStreamReader read(String table, String startup) {
        return fluss.session()
                .readStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", table)
                .option("scan.startup.mode", startup);
    }

    private void copyAvailable(String from, String to, String startup) throws Exception {
        copy(read(from, startup), to);
    }

    private void copy(DataStreamReader reader, String to) throws Exception {
        reader.load()
                .writeStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", to)
                .option("checkpointLocation", checkpoint.toString())
                .trigger(Trigger.AvailableNow())
                .start()
                .awaitTermination();
    }
}
