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

import io.fluss.tiering.TieringJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.apache.paimon.catalog.Catalog;
import org.apache.paimon.catalog.CatalogContext;
import org.apache.paimon.catalog.CatalogFactory;
import org.apache.paimon.catalog.Identifier;
import org.apache.paimon.data.InternalRow;
import org.apache.paimon.options.ExpireConfig;
import org.apache.paimon.options.Options;
import org.apache.paimon.reader.RecordReader;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.Table;
import org.apache.paimon.table.source.ReadBuilder;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log tables whose older rows are in Paimon, put there by the tiering job. */
@SuppressWarnings("try")
class PaimonUnionReadIT {
    private static final String COLUMNS =
            "id BIGINT, s STRING, small TINYINT, at TIMESTAMP, price DECIMAL(12, 2)";

    @TempDir static Path dir;
    private static SparkOnFluss fluss;

    @BeforeAll
    static void start() throws Exception {
        fluss =
                SparkOnFluss.start(
                        dir.resolve("cluster"),
                        Map.of(
                                "datalake.format",
                                "paimon",
                                "datalake.paimon.warehouse",
                                warehouse()));
        fluss.sql("CREATE NAMESPACE IF NOT EXISTS fluss.lake");
    }

    @AfterAll
    static void stop() throws Exception {
        fluss.close();
    }

    @Test
    void countsByMetadataAndOffsets() {
        create("counted", COLUMNS, "");
        insert("counted", 0, 100);
        tier();
        insert("counted", 100, 130);
        String count = "SELECT count(*) FROM fluss.lake.counted";
        assertThat(fluss.sql(count).queryExecution().executedPlan().toString())
                .contains("LocalTableScan");
        assertThat(fluss.rows(count)).containsExactly("[130]");
        assertThat(fluss.read("lake.counted", "read.mode", "lake").count()).isEqualTo(100);
        assertThat(fluss.rows(count + " WHERE id >= 90")).containsExactly("[40]");
    }

    @Test
    void readsEachRowOnceFromLakeAndLog() throws Exception {
        create("t", COLUMNS, "");
        insert("t", 0, 1000);
        tier();
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
        assertThat(fluss.sql("SELECT id + 1 FROM fluss.lake.t").queryExecution().executedPlan())
                .asString()
                .contains("ColumnarToRow");

        tier();
        assertThat(fluss.read("lake.t", "read.mode", "lake").count()).isEqualTo(1500);
        assertThat(fluss.rows("SELECT count(*), count(DISTINCT id) FROM fluss.lake.t"))
                .containsExactly("[1500,1500]");
        assertThat(paimonIds("t"))
                .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 1500).boxed().toList());
    }

    @Test
    void filtersOfEveryKindGiveWhatSparkAloneGives() throws Exception {
        create("f", COLUMNS, "");
        insert("f", 0, 300);
        tier();
        insert("f", 300, 400);
        String all =
                "(SELECT id, concat('s', id) s, CAST(id % 100 AS TINYINT) small,"
                        + " timestamp_micros(id) at, CAST(id / 100 AS DECIMAL(12, 2)) price FROM"
                        + " range(400))";
        for (String filter :
                List.of(
                        "id = 7",
                        "id < 10 OR id >= 390",
                        "s = 's12'",
                        "s LIKE 's39%'",
                        "s IN ('s1', 's399', 'x')",
                        "small > CAST(97 AS TINYINT)",
                        "at <= timestamp_micros(5)",
                        "price BETWEEN 1.00 AND 1.05",
                        "NOT (id > 3)",
                        "s IS NULL",
                        "id IS NOT NULL AND price > 3.97 AND small < 99")) {
            assertThat(fluss.rows("SELECT * FROM fluss.lake.f WHERE " + filter + " ORDER BY id"))
                    .as(filter)
                    .isEqualTo(
                            fluss.rows(
                                    "SELECT * FROM " + all + " WHERE " + filter + " ORDER BY id"));
        }
    }

    @Test
    void readsNestedColumnsAndNulls() throws Exception {
        create(
                "nested",
                "id BIGINT, a ARRAY<INT>, m MAP<STRING, INT>, st STRUCT<x: TINYINT, y:"
                        + " ARRAY<STRING>>",
                "");
        String rows =
                "INSERT INTO fluss.lake.nested SELECT id, array(CAST(id AS INT), NULL), map('k',"
                        + " CAST(id AS INT)), if(id = 1, NULL, named_struct('x', CAST(id AS"
                        + " TINYINT), 'y', array('e', NULL))) FROM range(%d, %d)";
        fluss.sql(String.format(rows, 0, 3));
        tier();
        fluss.sql(String.format(rows, 3, 5));

        assertThat(
                        fluss.rows(
                                "SELECT id, a[0], a[1], m['k'], st.x, st.y[0], st.y[1] FROM"
                                        + " fluss.lake.nested ORDER BY id"))
                .containsExactly(
                        "[0,0,null,0,0,e,null]",
                        "[1,1,null,1,null,null,null]",
                        "[2,2,null,2,2,e,null]",
                        "[3,3,null,3,3,e,null]",
                        "[4,4,null,4,4,e,null]");
    }

    @Test
    void readsPartitionsOfOtherTypesThanText() throws Exception {
        create("parts", "id BIGINT, day DATE, n INT", " PARTITIONED BY (day, n)");
        String rows =
                "INSERT INTO fluss.lake.parts SELECT id, date_add(DATE'2024-02-28', CAST(id %% 3 AS"
                        + " INT)), CAST(id %% 2 AS INT) FROM range(%d, %d)";
        fluss.sql("ALTER TABLE fluss.lake.parts ADD PARTITION (day = DATE'2024-02-28', n = 0)");
        for (String day : List.of("2024-02-28", "2024-02-29", "2024-03-01")) {
            for (int n = 0; n < 2; n++) {
                fluss.sql(
                        "ALTER TABLE fluss.lake.parts ADD IF NOT EXISTS PARTITION (day = DATE'"
                                + day
                                + "', n = "
                                + n
                                + ")");
            }
        }
        fluss.sql(String.format(rows, 0, 60));
        tier();
        fluss.sql(String.format(rows, 60, 90));

        assertThat(
                        fluss.rows(
                                "SELECT day, n, count(*), count(DISTINCT id) FROM fluss.lake.parts"
                                        + " GROUP BY day, n ORDER BY day, n"))
                .containsExactly(
                        "[2024-02-28,0,15,15]",
                        "[2024-02-28,1,15,15]",
                        "[2024-02-29,0,15,15]",
                        "[2024-02-29,1,15,15]",
                        "[2024-03-01,0,15,15]",
                        "[2024-03-01,1,15,15]");
        assertThat(
                        fluss.rows(
                                "SELECT count(*) FROM fluss.lake.parts WHERE day >="
                                        + " DATE'2024-02-29' AND n = 1"))
                .containsExactly("[30]");
    }

    @Test
    void columnsAddedLaterAreNullInOlderRows() throws Exception {
        create("grown", "id BIGINT", "");
        fluss.sql("INSERT INTO fluss.lake.grown SELECT id FROM range(10)");
        tier();
        fluss.sql("ALTER TABLE fluss.lake.grown ADD COLUMN s STRING");
        fluss.sql("INSERT INTO fluss.lake.grown SELECT id, 'new' FROM range(10, 15)");
        String query = "SELECT count(*), count(s) FROM fluss.lake.grown";
        assertThat(fluss.rows(query)).containsExactly("[15,5]");
        tier();
        assertThat(fluss.rows(query)).containsExactly("[15,5]");
        assertThat(fluss.read("lake.grown", "read.mode", "lake").filter("s = 'new'").count())
                .isEqualTo(5);
    }

    @Test
    void streamsTheLakeAndThenTheLog() throws Exception {
        create("whole", COLUMNS, "");
        insert("whole", 0, 500);
        tier();
        insert("whole", 500, 700);
        List<Long> ids = new CopyOnWriteArrayList<>();
        VoidFunction2<Dataset<Row>, Long> collect =
                (data, batch) ->
                        data.select("id").collectAsList().forEach(r -> ids.add(r.getLong(0)));
        stream("whole", collect);
        tier();
        insert("whole", 700, 710);
        stream("whole", collect);
        assertThat(ids)
                .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 710).boxed().toList());
    }

    @Test
    void streamsTheLakeInPartsAlsoIfItsSnapshotIsExpiredMeanwhile() throws Exception {
        create("held", COLUMNS, "");
        for (int i = 0; i < 3; i++) {
            insert("held", i * 100, i * 100 + 100);
            tier();
        }
        insert("held", 300, 320);
        List<Long> ids = new CopyOnWriteArrayList<>();
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        AtomicBoolean hasFailed = new AtomicBoolean();
        VoidFunction2<Dataset<Row>, Long> collect =
                (data, batch) -> {
                    if (batch == 1 && hasFailed.compareAndSet(false, true)) {
                        throw new IllegalStateException("enough for now");
                    }
                    List<Row> rows = data.select("id").collectAsList();
                    rows.forEach(r -> ids.add(r.getLong(0)));
                    sizes.add(rows.size());
                };
        assertThatThrownBy(() -> stream("held", collect)).hasStackTraceContaining("enough for now");
        assertThat(sizes).hasSize(1);
        assertThat(paimon("held").tagManager().allTagNames()).hasSize(1);

        insert("held", 320, 330);
        tier();
        paimon("held")
                .newExpireSnapshots()
                .config(ExpireConfig.builder().snapshotRetainMin(1).snapshotRetainMax(1).build())
                .expire();
        stream("held", collect);
        assertThat(sizes).hasSizeGreaterThan(2).allMatch(n -> n <= 100);
        insert("held", 330, 331);
        stream("held", collect);
        assertThat(ids)
                .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 331).boxed().toList());
        assertThat(paimon("held").tagManager().allTagNames()).isEmpty();
    }

    private static FileStoreTable paimon(String table) throws Exception {
        try (Catalog catalog =
                CatalogFactory.createCatalog(
                        CatalogContext.create(Options.fromMap(Map.of("warehouse", warehouse()))))) {
            return (FileStoreTable) catalog.getTable(Identifier.create("lake", table));
        }
    }

    private static void stream(String table, VoidFunction2<Dataset<Row>, Long> each)
            throws Exception {
        fluss.session()
                .readStream()
                .format("fluss")
                .option("bootstrap.servers", fluss.bootstrap())
                .option("table", "lake." + table)
                .option("maxRowsPerTrigger", "100")
                .load()
                .writeStream()
                .option("checkpointLocation", dir.resolve(table + "-checkpoint").toString())
                .trigger(Trigger.AvailableNow())
                .foreachBatch(each)
                .start()
                .awaitTermination();
    }

    @Test
    void failsWhenTheLakeTableIsGone() throws Exception {
        create("gone", COLUMNS, "");
        insert("gone", 0, 10);
        tier();
        assertThatThrownBy(
                        () ->
                                fluss.read(
                                                "lake.gone",
                                                "datalake.paimon.warehouse",
                                                dir.resolve("elsewhere").toUri().toString())
                                        .count())
                .hasStackTraceContaining("Paimon table lake.gone does not exist");
        assertThat(fluss.read("lake.gone", "read.mode", "hot").count()).isEqualTo(10);
    }

    private static List<Long> paimonIds(String table) throws Exception {
        List<Long> ids = new ArrayList<>();
        try (Catalog catalog =
                CatalogFactory.createCatalog(
                        CatalogContext.create(Options.fromMap(Map.of("warehouse", warehouse()))))) {
            Table t = catalog.getTable(Identifier.create("lake", table));
            ReadBuilder read = t.newReadBuilder();
            try (RecordReader<InternalRow> rows =
                    read.newRead().createReader(read.newScan().plan().splits())) {
                rows.forEachRemaining(r -> ids.add(r.getLong(0)));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return ids;
    }

    private static String warehouse() {
        return dir.resolve("warehouse").toUri().toString();
    }

    private static void create(String table, String columns, String partitioning) {
        fluss.sql(
                "CREATE TABLE fluss.lake."
                        + table
                        + " ("
                        + columns
                        + ")"
                        + partitioning
                        + " TBLPROPERTIES ('bucket.num' = '2', 'table.datalake.enabled' = 'true')");
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

    /** The job as users run it, in the session that is there. */
    private static void tier() {
        assertThat(TieringJob.run("--bootstrap", fluss.bootstrap(), "--once")).isZero();
    }
}
