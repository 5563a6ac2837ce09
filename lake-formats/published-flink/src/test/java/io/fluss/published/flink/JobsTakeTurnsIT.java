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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published tiering job and this project's take turns at log tables and at tables with a
 * primary key. After each turn the rows of the log tables are in the lake exactly once, and Flink's
 * and Spark's union reads give the same rows. Of the tables with a primary key one job deletes by
 * key, the other by position, and each replaces and deletes what the other wrote.
 */
@Timeout(900)
class JobsTakeTurnsIT {
    private static final int BATCH = 24;
    private static final List<String> LOGS = List.of("log_plain", "log_bucketed", "log_parted");
    private static final List<String> KEYED = List.of("keyed", "keyed_parted");
    private static final List<String> ALL = Stream.concat(LOGS.stream(), KEYED.stream()).toList();
    private static final String LAKE =
            "'table.datalake.enabled' = 'true', 'table.datalake.freshness' = '1s',"
                    + " 'table.datalake.layout' = 'legacy'";
    private static final String TEXT =
            "CONCAT_WS('|', CAST(id AS STRING), name, CAST(n AS STRING), p)";

    private static final Predicate<String> KEYS_NONE = d -> d.split("\\|")[1].equals("0");
    private static final Predicate<String> POSITIONS_NONE = d -> d.split("\\|")[2].equals("0");

    @TempDir static Path directory;
    private static Cluster cluster;
    private static Lake lake;
    private static Flink flink;
    private static Spark spark;
    private static final List<String> appended = new ArrayList<>();
    private static final TreeMap<Integer, String> rows = new TreeMap<>();
    private static int turn;

    @BeforeAll
    static void start() throws Exception {
        cluster = Cluster.start(directory, Lake.options(Lake.warehouse(directory)));
        lake = Lake.of(cluster);
        flink = Flink.start(cluster.bootstrap());
        spark = Spark.start(directory, cluster.bootstrap());
        flink.run("CREATE DATABASE it");
        create("log_plain", "", "", "'bucket.num' = '1'");
        create("log_bucketed", "", "", "'bucket.num' = '3', 'bucket.key' = 'id'");
        String two = "'bucket.num' = '2', 'bucket.key' = 'id'";
        create("log_parted", "", "PARTITIONED BY (p)", two);
        create("keyed", ", PRIMARY KEY (id) NOT ENFORCED", "", two);
        create("keyed_parted", ", PRIMARY KEY (id, p) NOT ENFORCED", "PARTITIONED BY (p)", two);
        for (String table : List.of("log_parted", "keyed_parted")) {
            flink.run("ALTER TABLE it." + table + " ADD PARTITION (p = 'p0')");
            flink.run("ALTER TABLE it." + table + " ADD PARTITION (p = 'p1')");
        }
    }

    private static void create(String table, String key, String partitioned, String options)
            throws Exception {
        flink.run(
                "CREATE TABLE it.%s (id INT, name STRING, n DECIMAL(10, 2), p STRING%s) %s WITH (%s, %s)"
                        .formatted(table, key, partitioned, options, LAKE));
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
        published(JobsTakeTurnsIT::change);
        checkLake();
        assertThat(keyedDeletes()).as("deletes of the published job").noneMatch(KEYS_NONE);
        change();
        checkUnion();

        lake.tierOnce();
        checkLake();
        assertThat(keyedDeletes()).as("deletes of both jobs").noneMatch(POSITIONS_NONE);
        checkUnion();
        change();
        checkUnion();
        // Deletes of both jobs, and changes behind them. Not later, and not the partitioned table:
        // the published reader loses the files behind one that deletes by key have emptied.
        flink.settle(
                "SELECT " + TEXT + " FROM it.keyed",
                rows.values().stream().map("[%s]"::formatted).toList());

        published(() -> {});
        checkLake();
        checkUnion();
        change();
        lake.tierOnce();
        checkLake();
        checkUnion();
    }

    /** What is done between two rounds of a job. */
    private interface Step {
        void run() throws Exception;
    }

    /** The published job tiers, and again behind a step, and is killed. */
    private static void published(Step between) throws Exception {
        try (JavaProcess job = lake.publishedJob()) {
            awaitTiered(job);
            between.run();
            awaitTiered(job);
            job.kill();
        }
    }

    private static void awaitTiered(JavaProcess job) throws Exception {
        for (String table : ALL) {
            lake.awaitTiered("it", table, job);
        }
    }

    /** The same rows into all tables; of those with a key also new values, and keys deleted. */
    private static void change() throws Exception {
        List<String> inserts = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            int id = appended.size();
            values.add(values(id, id));
            appended.add(text(id, id));
        }
        LOGS.forEach(table -> inserts.add(insert(table, values)));

        int first = turn * BATCH;
        turn++;
        List<Integer> written = new ArrayList<>();
        rows.keySet().stream().filter(id -> id % 3 == turn % 3).forEach(written::add);
        for (int id = first; id < first + BATCH; id++) {
            written.add(id);
        }
        List<Integer> deleted = rows.keySet().stream().filter(id -> id % 5 == 1).limit(2).toList();
        written.forEach(id -> rows.put(id, text(id, turn)));
        List<String> upserts = written.stream().map(id -> values(id, turn)).toList();
        KEYED.forEach(table -> inserts.add(insert(table, upserts)));
        flink.runTogether(inserts);

        for (int id : deleted) {
            flink.run("DELETE FROM it.keyed WHERE id = " + id);
            // The connector deletes by the whole key only.
            flink.run(
                    "DELETE FROM it.keyed_parted WHERE id = %d AND p = 'p%d'"
                            .formatted(id, id % 2));
            rows.remove(id);
        }
    }

    private static String insert(String table, List<String> values) {
        return "INSERT INTO it." + table + " VALUES " + String.join(", ", values);
    }

    private static String values(int id, int number) {
        return "(%d, 'n%d', %d.25, 'p%d')".formatted(id, number, number, id % 2);
    }

    private static String text(int id, int number) {
        return "%d|n%d|%d.25|p%d".formatted(id, number, number, id % 2);
    }

    private static List<String> expected(String table) {
        return (LOGS.contains(table) ? appended : rows.values()).stream().sorted().toList();
    }

    private static List<String> keyedDeletes() {
        return lake.deletes().stream()
                .filter(line -> KEYED.contains(line.split("\\|")[0]))
                .toList();
    }

    /** Everything that was written is in the lake. */
    private static void checkLake() throws Exception {
        Map<String, List<String>> inLake = lake.stockRows("it", ALL, "id,name,n,p");
        for (String table : ALL) {
            assertThat(inLake.get(table))
                    .as("rows of %s that Iceberg reads after turn %s", table, turn)
                    .isEqualTo(expected(table));
        }
    }

    /** What is in the lake and what is not yet. */
    private static void checkUnion() throws Exception {
        for (String table : ALL) {
            assertThat(spark.rows("it." + table, "id, name, n, p"))
                    .as("rows of %s in Spark after turn %s", table, turn)
                    .isEqualTo(expected(table));
        }
        for (String table : LOGS) {
            assertThat(flink.rows("SELECT " + TEXT + " FROM it." + table))
                    .as("rows of %s in Flink after turn %s", table, turn)
                    .isEqualTo(expected(table).stream().map("+I[%s]"::formatted).sorted().toList());
        }
    }
}
