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
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.DataStreamReader;
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
                "CREATE TABLE fluss.live.source (id BIGINT, s STRING) TBLPROPERTIES ('bucket.num'='2')");
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
        read(from, startup)
                .load()
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
