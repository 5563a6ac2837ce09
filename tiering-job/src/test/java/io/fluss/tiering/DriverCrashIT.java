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
package io.fluss.tiering;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.table.TableDescriptor;
import io.fluss.tiering.DyingExecutor.Place;
import io.fluss.tiering.spark.RoundProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The driver of a tiering job dies, or is stopped and wakes up too late, at each step of a round,
 * and its executors die while they write; another job goes on. The lake format alone, in a process
 * of its own, then finds every row of log tables below the committed offsets exactly once, and of
 * tables with a primary key each key once, after the next job with its last row. A few places by
 * default; each step for each table with {@code -Dfluss.it.full=true}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DriverCrashIT {
    static final boolean IS_FULL = Boolean.getBoolean("fluss.it.full");

    private static final List<String> STEPS =
            List.of(
                    "ReadProgress:after",
                    "ReadRanges:before",
                    "ReadRanges:after",
                    "Write:before",
                    "Write:after",
                    "Prepare:before",
                    "Prepare:after",
                    "Renew:after",
                    "CommitLake:before",
                    "CommitLake:after",
                    "CommitCluster:before",
                    "CommitCluster:after");

    private static final List<String> LOGS = List.of("legacy", "clean");
    private static final List<String> KEYED = List.of("full2", "wal3");

    @TempDir static Path dir;
    private static TestedLake lake;
    private static LakeCluster cluster;
    private static StockReader reader;

    /** Starting a job takes longer than what it does; this one is for the next test. */
    private static DriverProcess spare;

    private static final Map<String, WatchedTable> TABLES = new LinkedHashMap<>();

    TestedLake tested() {
        return TestedLake.ICEBERG;
    }

    @BeforeAll
    void start() throws Exception {
        lake = tested();
        cluster =
                LakeCluster.start(
                        dir, lake.settings(warehouse(), Map.of("lake.tiering.silence-max", "6 s")));
        spare = driver();
        reader = StockReader.start();
        TableDescriptor log = TableDescriptor.of(WatchedTable.Log.SCHEMA).withBuckets(3);
        add("legacy", log.withProperty("table.datalake.layout", "legacy"));
        add("clean", log.withBuckets(3, "id"));
        TableDescriptor keyed = TableDescriptor.of(WatchedTable.Keyed.SCHEMA).withBuckets(2, "id");
        add("full2", lake.replacing(keyed, false));
        add("wal3", lake.replacing(keyed.withProperty("table.changelog.image", "WAL"), true));
    }

    private static void add(String name, TableDescriptor descriptor) throws Exception {
        var table = cluster.create(name, descriptor.withProperty("table.datalake.enabled", "true"));
        TABLES.put(
                name,
                table.hasPrimaryKey()
                        ? new WatchedTable.Keyed(cluster, table)
                        : new WatchedTable.Log(cluster, table));
    }

    @AfterAll
    void stop() {
        spare.close();
        reader.close();
        cluster.close();
    }

    /** Where a round can break off, and in which table. */
    record Break(String table, String step) {}

    private static Stream<Break> breaks(List<String> few) {
        List<Break> out = new ArrayList<>();
        for (String step : IS_FULL ? STEPS : few) {
            for (List<String> kind : List.of(LOGS, KEYED)) {
                List<String> some = IS_FULL ? kind : List.of(kind.get((out.size() + 1) / 2 % 2));
                some.forEach(table -> out.add(new Break(table, step)));
            }
        }
        return out.stream();
    }

    static Stream<Break> kills() {
        return breaks(
                List.of("Write:after", "Prepare:after", "CommitLake:after", "CommitCluster:after"));
    }

    static Stream<Break> pauses() {
        return breaks(List.of("CommitLake:before", "CommitCluster:before"));
    }

    @ParameterizedTest
    @MethodSource("kills")
    void anotherJobGoesOnWhereADriverWasKilled(Break at) throws Exception {
        WatchedTable table = written(at.table());
        try (DriverProcess driver = next()) {
            driver.begin(at.table(), at.step());
            driver.awaitLine("AT " + at.step());
            driver.signal("KILL");
            assertThat(driver.exitCode()).isEqualTo(CrashingJob.KILLED);
        }
        assertNextJobMakesItExact(table);
        table.write();
        assertNextJobMakesItExact(table);
        cluster.assertReadersHaveAll(table.table);
    }

    @ParameterizedTest
    @MethodSource("pauses")
    void aDriverThatWakesUpAfterAnotherTookOverChangesNothing(Break at) throws Exception {
        WatchedTable table = written(at.table());
        try (DriverProcess driver = next()) {
            driver.begin(at.table(), at.step());
            driver.awaitLine("AT " + at.step());
            driver.signal("STOP");
            driver.goOn();
            assertNextJobMakesItExact(table);
            table.write();
            assertNextJobMakesItExact(table);
            driver.signal("CONT");
            driver.awaitLine("ENDED");
            assertThat(driver.exitCode()).isZero();
        }
        assertExact(table);
        table.write();
        assertNextJobMakesItExact(table);
        cluster.assertReadersHaveAll(table.table);
    }

    /** Where executors of a round on a table die, and how often until Spark has given up. */
    record Death(String table, Place place, int deathsMax) {}

    static Stream<Death> deaths() {
        if (!IS_FULL) {
            return Stream.of(
                    new Death("legacy", Place.WRITING, 1), new Death("wal3", Place.WRITTEN, 1));
        }
        return TABLES.keySet().stream()
                .flatMap(
                        table ->
                                Stream.of(Place.values())
                                        .flatMap(
                                                place ->
                                                        Stream.of(1, 1_000)
                                                                .map(
                                                                        n ->
                                                                                new Death(
                                                                                        table,
                                                                                        place,
                                                                                        n))));
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void executorsDieWhileTheyWrite(Death death) throws Exception {
        WatchedTable table = written(death.table());
        Path deaths = Files.createTempDirectory(dir, "deaths");
        Map<String, String> settings =
                Map.of(
                        "spark.master",
                        "local-cluster[2,1,512]",
                        "spark.executor.memory",
                        "512m",
                        "spark.plugins",
                        DyingExecutor.class.getName(),
                        DyingExecutor.PLACE,
                        death.place().name(),
                        DyingExecutor.DEATHS,
                        deaths.toString(),
                        DyingExecutor.DEATHS_MAX,
                        "" + death.deathsMax(),
                        DyingExecutor.WAREHOUSE,
                        warehouse().toString());
        try (DriverProcess driver =
                DriverProcess.start(cluster.bootstrap(), dir.resolve("spark"), settings)) {
            driver.begin(death.table(), "none");
            String end = driver.awaitLine("ENDED");
            assertThat(deaths).isNotEmptyDirectory();
            if (death.deathsMax() == 1) {
                assertThat(end).isEqualTo("ENDED {}");
                assertExact(table);
            } else {
                assertThat(end).contains(death.table());
            }
            assertThat(driver.exitCode()).isZero();
        }
        assertNextJobMakesItExact(table);
        table.write();
        assertNextJobMakesItExact(table);
    }

    private static WatchedTable written(String name) throws Exception {
        WatchedTable table = TABLES.get(name);
        table.write();
        return table;
    }

    private static DriverProcess driver() throws Exception {
        return DriverProcess.start(cluster.bootstrap(), dir.resolve("spark"), Map.of());
    }

    private static DriverProcess next() throws Exception {
        DriverProcess out = spare;
        spare = driver();
        return out;
    }

    private static void assertNextJobMakesItExact(WatchedTable table) throws Exception {
        assertThat(answer(table)).startsWith(table.always());
        List<String> lines = new CopyOnWriteArrayList<>();
        Map<?, ?> failures =
                cluster.tierOnce(table.table.path().table(), RoundProbe.NONE, 1, lines);
        assertThat(failures).as("%s", lines).isEmpty();
        assertExact(table);
    }

    private static void assertExact(WatchedTable table) throws Exception {
        assertThat(answer(table)).startsWith(table.exact());
    }

    private static String answer(WatchedTable table) throws Exception {
        return lake.ask(reader, warehouse(), table);
    }

    private static Path warehouse() {
        return dir.resolve("lake");
    }
}
