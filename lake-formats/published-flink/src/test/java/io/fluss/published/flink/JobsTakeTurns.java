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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published tiering job and this project's take turns at log tables and at tables with a
 * primary key. After each turn the rows of the log tables are in the lake exactly once, and each
 * key of the others once with its last row; and the union reads of Flink and Spark give the same
 * rows.
 */
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JobsTakeTurns {
    private static final int BATCH = 24;
    private static final String LAKE =
            "'table.datalake.enabled' = 'true', 'table.datalake.freshness' = '1s',"
                    + " 'table.datalake.layout' = 'legacy'";
    static final String TEXT = "CONCAT_WS('|', CAST(id AS STRING), name, CAST(n AS STRING), p)";

    private final Lake.Format format;
    private final List<String> logs;
    final List<String> keyed = List.of("keyed", "keyed_parted");
    private final List<String> all;
    private final List<String> appended = new ArrayList<>();
    final TreeMap<Integer, String> rows = new TreeMap<>();

    private Cluster cluster;
    Lake lake;
    Flink flink;
    private Spark spark;
    private int turn;

    JobsTakeTurns(Lake.Format format, List<String> logs) {
        this.format = format;
        this.logs = logs;
        this.all = Stream.concat(logs.stream(), keyed.stream()).toList();
    }

    /** The tables that Flink reads as a bounded whole. */
    abstract List<String> boundedInFlink();

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        cluster = Cluster.start(directory, format.options(directory));
        lake = Lake.of(cluster, format);
        flink = Flink.start(cluster.bootstrap());
        spark = Spark.start(directory, cluster.bootstrap());
        flink.run("CREATE DATABASE it");
        String two = "'bucket.num' = '2', 'bucket.key' = 'id'";
        for (String table : all) {
            boolean isParted = table.endsWith("_parted");
            create(
                    table,
                    keyed.contains(table)
                            ? ", PRIMARY KEY (id" + (isParted ? ", p" : "") + ") NOT ENFORCED"
                            : "",
                    isParted ? "PARTITIONED BY (p)" : "",
                    table.endsWith("_plain") ? "'bucket.num' = '1'" : two);
            if (isParted) {
                flink.run("ALTER TABLE it." + table + " ADD PARTITION (p = 'p0')");
                flink.run("ALTER TABLE it." + table + " ADD PARTITION (p = 'p1')");
            }
        }
    }

    private void create(String table, String key, String partitioned, String options)
            throws Exception {
        flink.run(
                "CREATE TABLE it.%s (id INT, name STRING, n DECIMAL(10, 2), p STRING%s) %s WITH (%s, %s)"
                        .formatted(table, key, partitioned, options, LAKE));
    }

    @AfterAll
    void stop() throws Exception {
        spark.close();
        lake.close();
        flink.close();
        cluster.close();
    }

    /** What is done between two rounds of a job. */
    interface Step {
        void run() throws Exception;
    }

    /** The published job tiers, and again behind a step, and is killed. */
    void published(Step between) throws Exception {
        try (JavaProcess job = lake.publishedJob()) {
            awaitTiered(job);
            between.run();
            awaitTiered(job);
            job.kill();
        }
    }

    private void awaitTiered(JavaProcess job) throws Exception {
        for (String table : all) {
            lake.awaitTiered("it", table, job);
        }
    }

    /** The same rows into all tables; of those with a key also new values, and keys deleted. */
    void change() throws Exception {
        List<String> inserts = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            int id = appended.size();
            values.add(values(id, id));
            appended.add(text(id, id));
        }
        logs.forEach(table -> inserts.add(insert(table, values)));

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
        keyed.forEach(table -> inserts.add(insert(table, upserts)));
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

    private List<String> expected(String table) {
        return (logs.contains(table) ? appended : rows.values()).stream().sorted().toList();
    }

    /** Everything that was written is in the lake. */
    void checkLake() throws Exception {
        Map<String, List<String>> inLake = lake.stockRows("it", all, "id,name,n,p");
        for (String table : all) {
            assertThat(inLake.get(table))
                    .as("rows of %s that the lake format itself reads after turn %s", table, turn)
                    .isEqualTo(expected(table));
        }
    }

    /** What is in the lake and what is not yet. */
    void checkUnion() throws Exception {
        for (String table : all) {
            assertThat(spark.rows("it." + table, "id, name, n, p"))
                    .as("rows of %s in Spark after turn %s", table, turn)
                    .isEqualTo(expected(table));
        }
        for (String table : boundedInFlink()) {
            assertThat(flink.rows("SELECT " + TEXT + " FROM it." + table))
                    .as("rows of %s in Flink after turn %s", table, turn)
                    .isEqualTo(expected(table).stream().map("+I[%s]"::formatted).sorted().toList());
        }
    }
}
