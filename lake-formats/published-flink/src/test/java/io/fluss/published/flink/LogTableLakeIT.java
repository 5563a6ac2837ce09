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

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published tiering job and this project's take turns at a log table; after each turn its rows
 * are in the lake exactly once, and Flink's and Spark's union reads give the same rows.
 */
@Timeout(900)
class LogTableLakeIT {
    private static final int BATCH = 24;
    private static final List<String> TABLES = List.of("plain", "bucketed", "parted");
    private static final String LAKE =
            "'table.datalake.enabled' = 'true', 'table.datalake.freshness' = '1s',"
                    + " 'table.datalake.layout' = 'legacy'";

    @TempDir static Path directory;
    private static Cluster cluster;
    private static Lake lake;
    private static Flink flink;
    private static Spark spark;
    private static final List<String> written = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = Cluster.start(directory, Lake.options(Lake.warehouse(directory)));
        lake = Lake.of(cluster);
        flink = Flink.start(cluster.bootstrap());
        spark = Spark.start(directory, cluster.bootstrap());
        flink.run("CREATE DATABASE it");
        create("plain", "", "'bucket.num' = '1'");
        create("bucketed", "", "'bucket.num' = '3', 'bucket.key' = 'id'");
        create("parted", "PARTITIONED BY (p)", "'bucket.num' = '2', 'bucket.key' = 'id'");
        flink.run("ALTER TABLE it.parted ADD PARTITION (p = 'p0')");
        flink.run("ALTER TABLE it.parted ADD PARTITION (p = 'p1')");
    }

    private static void create(String table, String partitioned, String options) throws Exception {
        flink.run(
                "CREATE TABLE it.%s (id INT, name STRING, n DECIMAL(10, 2), p STRING) %s WITH (%s, %s)"
                        .formatted(table, partitioned, options, LAKE));
    }

    @AfterAll
    static void stop() throws Exception {
        spark.close();
        lake.close();
        flink.close();
        cluster.close();
    }

    @Test
    void jobsTakeTurns() throws Exception {
        write();
        try (JavaProcess job = lake.publishedJob()) {
            awaitTiered(job);
            write();
            awaitTiered(job);
            job.kill();
        }
        List<String> tiered = List.copyOf(written);
        write();
        check(tiered);
        lake.tierOnce();
        tiered = List.copyOf(written);
        write();
        check(tiered);
        try (JavaProcess job = lake.publishedJob()) {
            awaitTiered(job);
            job.kill();
        }
        check(written);
    }

    private static void awaitTiered(JavaProcess job) throws Exception {
        for (String table : TABLES) {
            lake.awaitTiered("it", table, job);
        }
    }

    /** The same rows into all tables. */
    private static void write() throws Exception {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            int id = written.size();
            values.add("(%d, 'n%d', %d.25, 'p%d')".formatted(id, id, id, id % 2));
            written.add("%d|n%d|%d.25|p%d".formatted(id, id, id, id % 2));
        }
        for (String table : TABLES) {
            flink.run("INSERT INTO it." + table + " VALUES " + String.join(", ", values));
        }
    }

    /** Compares all readers: Iceberg sees what is tiered, union reads see what is written. */
    private static void check(List<String> tiered) throws Exception {
        List<String> expected = written.stream().sorted().toList();
        Map<String, List<String>> inLake = lake.stockRows("it", TABLES, "id,name,n,p");
        for (String table : TABLES) {
            assertThat(inLake.get(table))
                    .as("rows of %s that Iceberg reads", table)
                    .isEqualTo(tiered.stream().sorted().toList());
            assertThat(spark.rows("it." + table, "id, name, n, p"))
                    .as("rows of %s in Spark", table)
                    .isEqualTo(expected);
            assertThat(
                            flink.rows(
                                    "SELECT CONCAT_WS('|', CAST(id AS STRING), name, CAST(n AS"
                                            + " STRING), p) FROM it."
                                            + table))
                    .as("rows of %s in Flink", table)
                    .isEqualTo(expected.stream().map("+I[%s]"::formatted).sorted().toList());
        }
    }
}
