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
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published tiering job and this project's take turns at tables with a primary key: one deletes
 * by key, the other by position, and each replaces and deletes what the other wrote.
 */
@Timeout(900)
class KeyedTableLakeIT {
    private static final int BATCH = 12;
    private static final List<String> TABLES = List.of("keyed", "parted");

    private static final Predicate<String> KEYS_NONE = d -> d.split("\\|")[1].equals("0");
    private static final Predicate<String> POSITIONS_NONE = d -> d.split("\\|")[2].equals("0");

    @TempDir static Path directory;
    private static Cluster cluster;
    private static Lake lake;
    private static Flink flink;
    private static Spark spark;
    private static final Map<Integer, String> rows = new TreeMap<>();
    private static int turn;

    @BeforeAll
    static void start() throws Exception {
        cluster = Cluster.start(directory, Lake.options(Lake.warehouse(directory)));
        lake = Lake.of(cluster);
        flink = Flink.start(cluster.bootstrap());
        spark = Spark.start(directory, cluster.bootstrap());
        flink.run("CREATE DATABASE it");
        create("keyed", "id", "");
        create("parted", "id, p", "PARTITIONED BY (p)");
        flink.run("ALTER TABLE it.parted ADD PARTITION (p = 'p0')");
        flink.run("ALTER TABLE it.parted ADD PARTITION (p = 'p1')");
    }

    private static void create(String table, String key, String partitioned) throws Exception {
        flink.run(
                ("CREATE TABLE it.%s (id INT, name STRING, p STRING, PRIMARY KEY (%s) NOT ENFORCED)"
                                + " %s WITH ('bucket.num' = '2', 'bucket.key' = 'id',"
                                + " 'table.datalake.enabled' = 'true',"
                                + " 'table.datalake.freshness' = '1s',"
                                + " 'table.datalake.layout' = 'legacy')")
                        .formatted(table, key, partitioned));
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
        change();
        try (JavaProcess job = lake.publishedJob()) {
            awaitTiered(job);
            change();
            awaitTiered(job);
            job.kill();
        }
        check();
        assertThat(lake.deletes()).as("deletes of the published job").noneMatch(KEYS_NONE);
        change();
        lake.tierOnce();
        check();
        assertThat(lake.deletes()).as("deletes of both jobs").noneMatch(POSITIONS_NONE);
        change();
        checkUnion();
        // Deletes of both jobs, and changes behind them. Not later, and not the partitioned table:
        // the published reader loses the files behind one that deletes by key have emptied.
        flink.settle(
                "SELECT CONCAT_WS('|', CAST(id AS STRING), name, p) FROM it.keyed",
                rows.values().stream().map("[%s]"::formatted).toList());
        try (JavaProcess job = lake.publishedJob()) {
            awaitTiered(job);
            job.kill();
        }
        check();
        change();
        lake.tierOnce();
        check();
    }

    private static void awaitTiered(JavaProcess job) throws Exception {
        for (String table : TABLES) {
            lake.awaitTiered("it", table, job);
        }
    }

    /** New rows, new values for every third key, and two keys deleted. */
    private static void change() throws Exception {
        int first = turn * BATCH;
        turn++;
        List<Integer> written = new ArrayList<>();
        rows.keySet().stream().filter(id -> id % 3 == turn % 3).forEach(written::add);
        for (int id = first; id < first + BATCH; id++) {
            written.add(id);
        }
        List<Integer> deleted = rows.keySet().stream().filter(id -> id % 5 == 1).limit(2).toList();
        List<String> values = new ArrayList<>();
        for (int id : written) {
            rows.put(id, "%d|n%d|p%d".formatted(id, turn, id % 2));
            values.add("(%d, 'n%d', 'p%d')".formatted(id, turn, id % 2));
        }
        for (String table : TABLES) {
            flink.run("INSERT INTO it." + table + " VALUES " + String.join(", ", values));
            for (int id : deleted) {
                // The connector deletes by the whole key only.
                String more = table.equals("parted") ? " AND p = 'p" + id % 2 + "'" : "";
                flink.run("DELETE FROM it.%s WHERE id = %d%s".formatted(table, id, more));
            }
        }
        deleted.forEach(rows::remove);
    }

    private static void check() throws Exception {
        List<String> expected = rows.values().stream().sorted().toList();
        Map<String, List<String>> inLake = lake.stockRows("it", TABLES, "id,name,p");
        for (String table : TABLES) {
            assertThat(inLake.get(table))
                    .as("rows of %s that Iceberg reads after turn %s", table, turn)
                    .isEqualTo(expected);
        }
        checkUnion();
    }

    /** What is in the lake and what is not yet. */
    private static void checkUnion() throws Exception {
        List<String> expected = rows.values().stream().sorted().toList();
        for (String table : TABLES) {
            assertThat(spark.rows("it." + table, "id, name, p"))
                    .as("rows of %s in Spark after turn %s", table, turn)
                    .isEqualTo(expected);
        }
    }
}
