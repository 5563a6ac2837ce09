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

import io.fluss.spark.connection.TaskMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams from and into tables with a primary key. */
class KeyedStreamIT {
    @TempDir static Path dir;
    @TempDir Path checkpoint;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss = SparkOnFluss.start(dir, Map.of());
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.flow");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @AfterEach
    void noMemoryIsLeft() {
        assertThat(TaskMemory.allocatedBytes()).isZero();
    }

    @Test
    void readsTheRowsThenTheChanges() throws Exception {
        create("rows");
        fluss.sql("INSERT INTO fluss.flow.rows VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        fluss.sql("INSERT INTO fluss.flow.rows VALUES (2, 'b2')");
        fluss.sql("DELETE FROM fluss.flow.rows WHERE id = 3");

        assertThat(available(read("flow.rows")))
                .containsExactlyInAnyOrder("[insert,1,a]", "[insert,2,b2]");
        fluss.sql("INSERT INTO fluss.flow.rows VALUES (1, 'a2'), (4, 'd')");
        fluss.sql("DELETE FROM fluss.flow.rows WHERE id = 2");
        assertThat(available(read("flow.rows")))
                .containsExactlyInAnyOrder(
                        "[update_before,1,a]",
                        "[update_after,1,a2]",
                        "[insert,4,d]",
                        "[delete,2,b2]");
    }

    @Test
    void repeatsTheRowsOfTheBeginningAfterTheyHaveChanged() throws Exception {
        create("again");
        fluss.sql("INSERT INTO fluss.flow.again SELECT id, concat('v', id) FROM range(100)");
        AtomicBoolean fails = new AtomicBoolean(true);
        List<String> seen = new CopyOnWriteArrayList<>();
        VoidFunction2<Dataset<Row>, Long> failsOnce =
                (data, id) -> {
                    if (fails.getAndSet(false)) {
                        throw new IllegalStateException("first attempt");
                    }
                    seen.addAll(SparkOnFluss.rows(data));
                };
        assertThatThrownBy(() -> run(read("flow.again"), failsOnce))
                .hasStackTraceContaining("first attempt");
        fluss.sql("INSERT INTO fluss.flow.again VALUES (1, 'later'), (500, 'new')");
        fluss.sql("INSERT INTO fluss.flow.again VALUES (1, 'latest')");
        fluss.sql("DELETE FROM fluss.flow.again WHERE id IN (2, 500)");

        run(read("flow.again"), failsOnce);

        List<String> expected =
                Stream.concat(
                                fluss
                                        .rows(
                                                "SELECT 'insert', id, concat('v', id) FROM range(100)")
                                        .stream(),
                                Stream.of(
                                        "[update_before,1,v1]",
                                        "[update_after,1,later]",
                                        "[insert,500,new]",
                                        "[update_before,1,later]",
                                        "[update_after,1,latest]",
                                        "[delete,2,v2]",
                                        "[delete,500,new]"))
                        .toList();
        assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void readsTheChangelogAlone() throws Exception {
        create("log");
        fluss.sql("INSERT INTO fluss.flow.log VALUES (1, 'a')");
        fluss.sql("INSERT INTO fluss.flow.log VALUES (1, 'b')");
        fluss.sql("DELETE FROM fluss.flow.log WHERE id = 1");

        assertThat(available(read("flow.log").option("read.changelog", "true")))
                .containsExactlyInAnyOrder(
                        "[insert,1,a]",
                        "[update_before,1,a]",
                        "[update_after,1,b]",
                        "[delete,1,b]");
    }

    @Test
    void mirrorsATableByItsChanges() throws Exception {
        create("origin");
        create("mirror");
        fluss.sql("INSERT INTO fluss.flow.origin SELECT id, concat('v', id) FROM range(50)");
        mirror();
        fluss.sql("DELETE FROM fluss.flow.origin WHERE id < 10");
        fluss.sql("UPDATE fluss.flow.origin SET v = 'x' WHERE id > 45");
        fluss.sql("INSERT INTO fluss.flow.origin VALUES (5, 'back'), (99, 'new')");
        mirror();

        List<String> origin = fluss.rows("SELECT * FROM fluss.flow.origin ORDER BY id");
        assertThat(origin).hasSize(42).contains("[5,back]", "[46,x]", "[99,new]");
        assertThat(fluss.rows("SELECT * FROM fluss.flow.mirror ORDER BY id")).isEqualTo(origin);
    }

    private void mirror() throws Exception {
        read("flow.origin")
                .load()
                .selectExpr("*", "_change_type")
                .writeStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", "flow.mirror")
                .option("checkpointLocation", checkpoint.toString())
                .trigger(Trigger.AvailableNow())
                .start()
                .awaitTermination();
    }

    @Test
    void upsertsCountsInUpdateModeAndAgainWhenABatchIsRepeated() throws Exception {
        fluss.sql("CREATE TABLE fluss.flow.events (k STRING) TBLPROPERTIES ('bucket.num' = '1')");
        fluss.sql(
                "CREATE TABLE fluss.flow.counts (k STRING, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES"
                        + " ('bucket.num' = '1')");
        fluss.sql("INSERT INTO fluss.flow.events VALUES ('a'), ('b'), ('a')");
        count();
        fluss.sql("INSERT INTO fluss.flow.events VALUES ('a'), ('c')");
        count();
        assertThat(fluss.rows("SELECT * FROM fluss.flow.counts ORDER BY k"))
                .containsExactly("[a,3]", "[b,1]", "[c,1]");

        forgetLastCommit();
        count();

        assertThat(fluss.rows("SELECT * FROM fluss.flow.counts ORDER BY k"))
                .containsExactly("[a,3]", "[b,1]", "[c,1]");
    }

    private void count() throws Exception {
        fluss.session()
                .readStream()
                .table("fluss.flow.events")
                .groupBy("k")
                .count()
                .withColumnRenamed("count", "n")
                .writeStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", "flow.counts")
                .option("checkpointLocation", checkpoint.toString())
                .outputMode("update")
                .trigger(Trigger.AvailableNow())
                .start()
                .awaitTermination();
    }

    /** As after a crash between the batch and Spark's own record of it. */
    private void forgetLastCommit() throws Exception {
        Path last;
        try (Stream<Path> commits = Files.list(checkpoint.resolve("commits"))) {
            last =
                    commits.filter(p -> p.getFileName().toString().matches("\\d+"))
                            .max(
                                    java.util.Comparator.comparingLong(
                                            p -> Long.parseLong(p.getFileName().toString())))
                            .orElseThrow();
        }
        Files.delete(last);
        Files.deleteIfExists(last.resolveSibling("." + last.getFileName() + ".crc"));
    }

    private static void create(String table) {
        fluss.sql(
                "CREATE TABLE fluss.flow."
                        + table
                        + " (id BIGINT, v STRING, PRIMARY KEY (id)) TBLPROPERTIES ('bucket.num' ="
                        + " '2')");
    }

    private DataStreamReader read(String table) {
        return fluss.session()
                .readStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", table);
    }

    private List<String> available(DataStreamReader reader) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        run(reader, (data, id) -> seen.addAll(SparkOnFluss.rows(data)));
        return seen;
    }

    private void run(DataStreamReader reader, VoidFunction2<Dataset<Row>, Long> each)
            throws Exception {
        reader.load()
                .selectExpr("_change_type", "id", "v")
                .writeStream()
                .option("checkpointLocation", checkpoint.toString())
                .trigger(Trigger.AvailableNow())
                .foreachBatch(each)
                .start()
                .awaitTermination();
    }
}
