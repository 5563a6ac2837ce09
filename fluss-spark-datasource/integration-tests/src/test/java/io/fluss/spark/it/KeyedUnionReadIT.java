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
import io.fluss.table.TablePath;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables with a primary key whose older rows are in Iceberg. */
class KeyedUnionReadIT {
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
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.kl");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void theLogOverridesTheLake(int version) throws Exception {
        String t = "t" + version;
        create(t, "id BIGINT, s STRING, n INT, PRIMARY KEY (id)", 2, version);
        insert(t, 0, 1000, 0);
        tier(t);
        insert(t, 990, 1100, 7);
        fluss.sql("DELETE FROM fluss.kl." + t + " WHERE id < 5");
        insert(t, 3, 4, 8);

        assertThat(lake(t).count()).isEqualTo(1000);
        sameAsHot(t, "*");
        // Without the key, with nothing, and with filters that the lake's row or the log's meets.
        sameAsHot(t, "n");
        assertThat(fluss.rows("SELECT count(*), count(DISTINCT id), sum(n) FROM fluss.kl." + t))
                .containsExactly("[1096,1096,778]");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.kl." + t)).containsExactly("[1096]");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.kl." + t + " WHERE n = 0"))
                .containsExactly("[985]");
        assertThat(fluss.rows("SELECT id FROM fluss.kl." + t + " WHERE n = 8"))
                .containsExactly("[3]");
        assertThat(fluss.rows("SELECT id FROM fluss.kl." + t + " WHERE n = 0 AND id > 985"))
                .containsExactlyInAnyOrder("[986]", "[987]", "[988]", "[989]");
        assertThat(fluss.rows("SELECT id, n FROM fluss.kl." + t + " LIMIT 1090")).hasSize(1090);
        assertThat(fluss.rows("SELECT id, n FROM fluss.kl." + t + " WHERE id IN (1, 3, 995, 20)"))
                .containsExactlyInAnyOrder("[3,8]", "[995,7]", "[20,0]");
        assertThat(plan("SELECT id + n FROM fluss.kl." + t))
                .contains("of lake snapshot")
                .contains("ColumnarToRow");

        tier(t);
        assertThat(lake(t).count()).isEqualTo(1096);
        sameAsHot(t, "*");
        // The lake moves on by rows of the log, also those that take rows away.
        fluss.sql("DELETE FROM fluss.kl." + t + " WHERE id >= 1000");
        sameAsHot(t, "*");
        tier(t);
        assertThat(fluss.rows("SELECT count(*), max(id) FROM fluss.kl." + t))
                .containsExactly("[996,999]");
        assertThat(TaskMemory.allocatedBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void countsByMetadataWhereItIsExact(int version) throws Exception {
        String t = "counted" + version;
        create(t, "id BIGINT, s STRING, n INT, PRIMARY KEY (id)", 2, version);
        String count = "SELECT count(*), count(1) FROM fluss.kl." + t;
        insert(t, 0, 1000, 0);
        assertThat(fluss.rows(count)).containsExactly("[1000,1000]");
        tier(t);
        assertThat(plan(count)).contains("LocalTableScan");
        assertThat(fluss.rows(count)).containsExactly("[1000,1000]");
        String bounds = "SELECT min(id), max(id), count(*) FROM fluss.kl." + t;
        assertThat(plan(bounds)).contains("LocalTableScan");
        assertThat(fluss.rows(bounds)).containsExactly("[0,999,1000]");
        assertThat(fluss.rows(count + " WHERE id < 10")).containsExactly("[10,10]");

        insert(t, 990, 1010, 1);
        fluss.sql("DELETE FROM fluss.kl." + t + " WHERE id < 5");
        assertThat(plan(count)).as("changes behind the lake").doesNotContain("LocalTableScan");
        assertThat(fluss.rows(count)).containsExactly("[1005,1005]");
        assertThat(lake(t).count()).isEqualTo(1000);
        tier(t);
        // Position deletes may name a row twice, deletion vectors cannot.
        assertThat(plan(count).contains("LocalTableScan")).isEqualTo(version == 3);
        assertThat(fluss.rows(count)).containsExactly("[1005,1005]");
        assertThat(lake(t).count()).isEqualTo(1005);
        // The least key of the files is of a deleted row.
        assertThat(plan(bounds)).doesNotContain("LocalTableScan");
        assertThat(fluss.rows(bounds)).containsExactly("[5,1009,1005]");
        insert(t, 500, 700, 2);
        tier(t);
        assertThat(fluss.rows(count)).containsExactly("[1005,1005]");
        assertThat(fluss.rows("SELECT sum(n), min(id), max(id) FROM fluss.kl." + t))
                .containsExactly("[420,5,1009]");
    }

    @Test
    void keysOfSeveralColumns() throws Exception {
        create(
                "wide",
                "k STRING, d DECIMAL(20, 2), day DATE, s STRING, n INT, PRIMARY KEY (k, d, day)",
                1,
                2);
        String rows =
                "INSERT INTO fluss.kl.wide SELECT concat('k', id %% 10), CAST(id / 100 AS"
                        + " DECIMAL(20, 2)), date_add(DATE'2026-01-01', CAST(id %% 3 AS INT)), 's',"
                        + " %d FROM range(%d, %d)";
        fluss.sql(String.format(rows, 1, 0, 300));
        tier("wide");
        fluss.sql(String.format(rows, 2, 250, 320));
        fluss.sql("DELETE FROM fluss.kl.wide WHERE k = 'k7'");

        sameAsHot("wide", "*");
        sameAsHot("wide", "n");
    }

    @Test
    void nestedColumnsAreReadByRow() throws Exception {
        create("nested", "id BIGINT, a ARRAY<INT>, st STRUCT<x: INT>, PRIMARY KEY (id)", 1, 2);
        String rows =
                "INSERT INTO fluss.kl.nested SELECT id, array(CAST(id AS INT), %d),"
                        + " named_struct('x', %d) FROM range(%d, %d)";
        fluss.sql(String.format(rows, 0, 0, 0, 50));
        tier("nested");
        fluss.sql(String.format(rows, 1, 1, 40, 60));

        assertThat(fluss.rows("SELECT count(*), sum(a[1]), sum(st.x) FROM fluss.kl.nested"))
                .containsExactly("[60,20,20]");
        assertThat(fluss.rows("SELECT st.x FROM fluss.kl.nested WHERE id = 41"))
                .containsExactly("[1]");
        sameAsHot("nested", "id, a[1], st.x");
    }

    @Test
    void partitionsThatWereDroppedStayInTheLake() throws Exception {
        fluss.sql(
                "CREATE TABLE fluss.kl.days (day STRING, id BIGINT, n INT, PRIMARY KEY (day, id))"
                        + " PARTITIONED BY (day) TBLPROPERTIES ('bucket.num' = '2',"
                        + " 'table.datalake.enabled' = 'true')");
        String rows = "INSERT INTO fluss.kl.days SELECT '%s', id, %d FROM range(%d)";
        for (String day : List.of("1", "2", "3")) {
            fluss.sql(String.format(rows, day, 0, 10));
        }
        tier("days");
        fluss.sql("ALTER TABLE fluss.kl.days DROP PARTITION (day = '1')");
        fluss.sql("ALTER TABLE fluss.kl.days DROP PARTITION (day = '2')");
        fluss.sql(String.format(rows, "2", 1, 3));
        fluss.sql(String.format(rows, "3", 2, 4));
        fluss.sql(String.format(rows, "4", 3, 2));

        String byDay = "SELECT day, count(*), sum(n) FROM fluss.kl.days GROUP BY day ORDER BY day";
        assertThat(fluss.rows(byDay)).containsExactly("[1,10,0]", "[2,3,3]", "[3,10,8]", "[4,2,6]");
        assertThat(fluss.rows("SELECT count(*) FROM fluss.kl.days WHERE day = '1'"))
                .containsExactly("[10]");
        assertThat(fluss.rows("SELECT n FROM fluss.kl.days WHERE day = '1' AND id = 3"))
                .as("a key of a dropped partition")
                .containsExactly("[0]");
        assertThat(fluss.rows("SELECT n FROM fluss.kl.days WHERE day = '3' AND id = 3"))
                .containsExactly("[2]");
        assertThat(fluss.read("kl.days", "read.mode", "hot").count()).isEqualTo(15);
        List<Row> streamed = new CopyOnWriteArrayList<>();
        stream("days", "days-checkpoint", "1000000", streamed);
        assertThat(state(streamed, "day", "id")).hasSize(25);
    }

    @Test
    void aLakeThatHoldsEverythingIsReadAsItIs() throws Exception {
        create("whole", "id BIGINT, s STRING, n INT, PRIMARY KEY (id)", 2, 2);
        insert("whole", 0, 100, 1);
        tier("whole");

        assertThat(fluss.rows("SELECT sum(n) FROM fluss.kl.whole")).containsExactly("[100]");
        assertThat(plan("SELECT sum(n) FROM fluss.kl.whole")).doesNotContain("changes");
        sameAsHot("whole", "*");
    }

    @Test
    void statementsChangeWhatIsInTheLake() throws Exception {
        create("stmt", "id BIGINT, s STRING, n INT, PRIMARY KEY (id)", 2, 2);
        insert("stmt", 0, 100, 0);
        tier("stmt");
        fluss.sql("UPDATE fluss.kl.stmt SET n = n + 1 WHERE s < 's5'");
        fluss.sql("UPDATE fluss.kl.stmt SET n = n + 1 WHERE n = 1 AND id < 3");
        fluss.sql("DELETE FROM fluss.kl.stmt WHERE n = 0");

        sameAsHot("stmt", "*");
        assertThat(fluss.rows("SELECT n, count(*) FROM fluss.kl.stmt GROUP BY n ORDER BY n"))
                .containsExactly("[1,42]", "[2,3]");
    }

    @Test
    void streamsTheLakeAndThenTheChanges() throws Exception {
        create("str", "id BIGINT, s STRING, n INT, PRIMARY KEY (id)", 3, 2);
        insert("str", 0, 500, 0);
        tier("str");
        insert("str", 490, 520, 1);
        List<Row> rows = new CopyOnWriteArrayList<>();

        List<Integer> sizes = stream("str", "str-checkpoint", "100", rows);

        assertThat(sizes.size()).as("batches").isGreaterThan(3);
        assertThat(rows.stream().filter(r -> r.isNullAt(r.fieldIndex("_offset")))).hasSize(500);
        assertThat(state(rows, "id")).hasSize(520);

        // The lake moves on, but the query has passed it.
        fluss.sql("DELETE FROM fluss.kl.str WHERE id < 10");
        tier("str");
        insert("str", 600, 610, 2);
        stream("str", "str-checkpoint", "100", rows);

        assertThat(state(rows, "id")).isEqualTo(state(hot("str"), "id"));
    }

    @Test
    void aStreamGoesOnInTheMiddleOfTheLake() throws Exception {
        create("mid", "id BIGINT, s STRING, n INT, PRIMARY KEY (id)", 4, 2);
        insert("mid", 0, 400, 0);
        tier("mid");
        insert("mid", 0, 10, 1);
        List<Row> rows = new CopyOnWriteArrayList<>();
        assertThatThrownBy(
                        () ->
                                stream(
                                        "mid",
                                        "mid-checkpoint",
                                        "1",
                                        batch -> {
                                            if (rows.size() > 150) {
                                                throw new IllegalStateException("the query dies");
                                            }
                                            rows.addAll(batch);
                                        }))
                .hasStackTraceContaining("the query dies");
        assertThat(rows.size()).isBetween(151, 399);
        int before = rows.size();
        insert("mid", 10, 20, 1);
        tier("mid");

        stream("mid", "mid-checkpoint", "100000", rows);

        assertThat(rows.size()).isGreaterThan(before);
        // Each row of the lake came once, and then each change.
        assertThat(rows.stream().filter(r -> r.isNullAt(r.fieldIndex("_offset")))).hasSize(400);
        assertThat(state(rows, "id")).isEqualTo(state(hot("mid"), "id"));
    }

    @Test
    void aStreamWhoseSnapshotIsGoneSaysWhatToDo() throws Exception {
        create("lost", "id BIGINT, s STRING, n INT, PRIMARY KEY (id)", 4, 2);
        insert("lost", 0, 400, 0);
        tier("lost");
        List<Row> rows = new CopyOnWriteArrayList<>();
        assertThatThrownBy(
                        () ->
                                stream(
                                        "lost",
                                        "lost-checkpoint",
                                        "1",
                                        batch -> {
                                            if (rows.size() > 150) {
                                                throw new IllegalStateException("the query dies");
                                            }
                                            rows.addAll(batch);
                                        }))
                .hasStackTraceContaining("the query dies");
        try (HadoopCatalog catalog = new HadoopCatalog(new Configuration(), warehouse())) {
            Table table = catalog.loadTable(TableIdentifier.of("kl", "lost"));
            String tag = tags(table).get(0);
            table.newAppend().commit();
            expireAll(table);
            assertThat(tags(table)).as("what the query holds").containsExactly(tag);

            table.manageSnapshots().removeTag(tag).commit();
            expireAll(table);
        }

        assertThatThrownBy(() -> stream("lost", "lost-checkpoint", "1", rows))
                .hasStackTraceContaining("kl.lost: the query had read")
                .hasStackTraceContaining("Start with a new checkpoint location");
    }

    private static void expireAll(Table table) {
        table.expireSnapshots()
                .expireOlderThan(table.currentSnapshot().timestampMillis() + 1)
                .retainLast(1)
                .commit();
    }

    private static List<String> tags(Table table) {
        return table.refs().keySet().stream().filter(n -> n.startsWith("fluss-stream-")).toList();
    }

    @Test
    void aStreamThatHasReadTheLakeHoldsNothing() throws Exception {
        create("held", "id BIGINT, s STRING, n INT, PRIMARY KEY (id)", 2, 2);
        insert("held", 0, 10, 0);
        tier("held");
        List<Row> rows = new CopyOnWriteArrayList<>();
        stream("held", "held-checkpoint", "1", rows);
        insert("held", 10, 20, 0);
        stream("held", "held-checkpoint", "1", rows);

        try (HadoopCatalog catalog = new HadoopCatalog(new Configuration(), warehouse())) {
            assertThat(tags(catalog.loadTable(TableIdentifier.of("kl", "held")))).isEmpty();
        }
        assertThat(rows).hasSize(20);
    }

    private interface Each {
        void accept(List<Row> batch);
    }

    private static List<Integer> stream(
            String table, String checkpoint, String rowsMax, List<Row> into) throws Exception {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        stream(
                table,
                checkpoint,
                rowsMax,
                batch -> {
                    sizes.add(batch.size());
                    into.addAll(batch);
                });
        return sizes;
    }

    private static void stream(String table, String checkpoint, String rowsMax, Each each)
            throws Exception {
        VoidFunction2<Dataset<Row>, Long> collect = (data, id) -> each.accept(data.collectAsList());
        fluss.session()
                .readStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", "kl." + table)
                .option("maxRowsPerTrigger", rowsMax)
                .load()
                .select("*", "_change_type", "_bucket", "_offset")
                .writeStream()
                .option("checkpointLocation", dir.resolve(checkpoint).toString())
                .trigger(Trigger.AvailableNow())
                .foreachBatch(collect)
                .start()
                .awaitTermination();
    }

    /** What the rows and changes of a stream leave, by key: the row without metadata. */
    private static Map<String, String> state(List<Row> rows, String... key) {
        Map<String, String> state = new TreeMap<>();
        // Rows of the lake, then the changes of each bucket in their order.
        rows.stream()
                .sorted(
                        Comparator.comparingLong(
                                r ->
                                        r.isNullAt(r.fieldIndex("_offset"))
                                                ? -1
                                                : r.<Long>getAs("_offset")))
                .forEach(
                        r -> {
                            StringBuilder k = new StringBuilder();
                            for (String column : key) {
                                k.append(r.<Object>getAs(column)).append('/');
                            }
                            switch (r.<String>getAs("_change_type")) {
                                case "insert", "update_after" -> {
                                    StringBuilder v = new StringBuilder();
                                    for (int i = 0; i < r.fieldIndex("_change_type"); i++) {
                                        v.append(r.get(i)).append('/');
                                    }
                                    state.put(k.toString(), v.toString());
                                }
                                case "delete" -> state.remove(k.toString());
                                default -> {}
                            }
                        });
        return state;
    }

    private static List<Row> hot(String table) {
        return fluss.read("kl." + table, "read.mode", "hot")
                .selectExpr("*", "'insert' AS _change_type", "CAST(NULL AS BIGINT) AS _offset")
                .collectAsList();
    }

    /** The union of the tiers has what the cluster alone has, which keeps all rows of all keys. */
    private static void sameAsHot(String table, String columns) {
        Dataset<Row> union = fluss.read("kl." + table).selectExpr(columns.split(", "));
        Dataset<Row> hot =
                fluss.read("kl." + table, "read.mode", "hot").selectExpr(columns.split(", "));
        assertThat(SparkOnFluss.rows(union))
                .containsExactlyInAnyOrderElementsOf(SparkOnFluss.rows(hot));
    }

    private static Dataset<Row> lake(String table) {
        return fluss.read("kl." + table, "read.mode", "lake");
    }

    private static String warehouse() {
        return dir.resolve("warehouse").toUri().toString();
    }

    private static String plan(String query) {
        return fluss.sql(query).queryExecution().executedPlan().toString();
    }

    private static void create(String table, String columns, int buckets, int version) {
        fluss.sql(
                "CREATE TABLE fluss.kl."
                        + table
                        + " ("
                        + columns
                        + ") TBLPROPERTIES ('bucket.num' = '"
                        + buckets
                        + "', 'table.datalake.enabled' = 'true', 'iceberg.format-version' = '"
                        + version
                        + (columns.contains("(k, ") ? "', 'bucket.key' = 'k" : "")
                        + "')");
    }

    private static void insert(String table, int from, int to, int n) {
        fluss.sql(
                "INSERT INTO fluss.kl."
                        + table
                        + " SELECT id, concat('s', id), "
                        + n
                        + " FROM range("
                        + from
                        + ", "
                        + to
                        + ")");
    }

    private static void tier(String table) throws Exception {
        Tiering.once(fluss, TablePath.of("kl", table));
    }
}
