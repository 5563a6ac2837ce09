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

import io.fluss.client.Connection;
import io.fluss.client.append.UpsertWriter;
import io.fluss.client.row.GenericRow;
import io.fluss.server.LocalCluster;
import io.fluss.table.Column;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.time.SystemClock;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tables with a primary key whose tiering job is halted, killed or paused at the steps of its
 * rounds: stock Iceberg sees each key once at any time, and after the next job its last row. With
 * {@code -Dfluss.it.full=true} at each step for each kind of table.
 */
class KeyedDriverCrashIT {
    private static final boolean IS_FULL = Boolean.getBoolean("fluss.it.full");
    private static final int BUCKETS = 2;
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("id", DataTypes.bigInt().notNull()),
                            Column.of("name", DataTypes.string())),
                    List.of("id"));

    @TempDir static Path dir;
    private static SparkSession spark;
    private static LocalCluster cluster;
    private static Connection connection;
    private static final Map<String, TreeMap<Long, String>> ROWS = new HashMap<>();
    private static int writes;

    @BeforeAll
    static void start() throws Exception {
        spark =
                SparkSession.builder()
                        .master("local[2]")
                        .appName("keyed-driver-crash-it")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.driver.host", "127.0.0.1")
                        .getOrCreate();
        cluster =
                LocalCluster.start(
                        dir.resolve("cluster"),
                        0,
                        Map.of(
                                "datalake.format",
                                "iceberg",
                                "datalake.iceberg.type",
                                "hadoop",
                                "datalake.iceberg.warehouse",
                                dir.resolve("lake").toString(),
                                "lake.tiering.silence-max",
                                "4 s"));
        connection = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
        get(connection.admin().createDatabase("it", DatabaseDescriptor.EMPTY, true));
        create("full2", "FULL", "2");
        create("wal3", "WAL", "3");
    }

    private static void create(String name, String image, String version) throws Exception {
        get(
                connection
                        .admin()
                        .createTable(
                                TablePath.of("it", name),
                                TableDescriptor.of(SCHEMA)
                                        .withBuckets(BUCKETS, "id")
                                        .withProperty("table.changelog.image", image)
                                        .withCustomProperty("iceberg.format-version", version)
                                        .withProperty("table.datalake.enabled", "true"),
                                false));
        ROWS.put(name, new TreeMap<>());
    }

    @AfterAll
    static void stop() {
        connection.close();
        cluster.close();
        spark.stop();
    }

    /** Where a round can break off, and in which table. */
    record Place(String table, String step) {}

    private static Stream<Place> places(List<String> few, List<String> all) {
        List<Place> out = new ArrayList<>();
        for (String step : IS_FULL ? all : few) {
            if (IS_FULL) {
                out.add(new Place("full2", step));
                out.add(new Place("wal3", step));
            } else {
                out.add(new Place(out.size() % 2 == 0 ? "wal3" : "full2", step));
            }
        }
        return out.stream();
    }

    private static final List<String> ALL =
            List.of(
                    "ReadProgress:after",
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

    static Stream<Place> kills() {
        return places(
                List.of("Write:after", "Prepare:after", "CommitLake:after", "CommitCluster:after"),
                ALL);
    }

    static Stream<Place> pauses() {
        return places(
                List.of("CommitLake:before", "CommitCluster:before"),
                ALL.subList(ALL.indexOf("Write:before"), ALL.size()));
    }

    @ParameterizedTest
    @MethodSource("kills")
    void anotherJobGoesOnWhereADriverWasKilled(Place place) throws Exception {
        write(place.table());
        try (DriverProcess driver = start(place)) {
            driver.awaitLine("AT " + place.step());
            driver.signal("KILL");
            assertThat(driver.exitCode()).isEqualTo(CrashingJob.HALTED);
        }
        assertNextJobMakesItExact(place);
        write(place.table());
        assertNextJobMakesItExact(place);
    }

    @ParameterizedTest
    @MethodSource("pauses")
    void aDriverThatWakesUpAfterAnotherTookOverChangesNothing(Place place) throws Exception {
        write(place.table());
        try (DriverProcess driver = start(place)) {
            driver.awaitLine("AT " + place.step());
            driver.signal("STOP");
            driver.goOn();
            assertNextJobMakesItExact(place);
            write(place.table());
            assertNextJobMakesItExact(place);
            driver.signal("CONT");
            driver.awaitLine("ENDED");
            assertThat(driver.exitCode()).isZero();
        }
        assertExact(place.table());
        write(place.table());
        assertNextJobMakesItExact(place);
    }

    private static DriverProcess start(Place place) throws Exception {
        return DriverProcess.start(cluster.bootstrap(), place.table(), place.step(), "wait");
    }

    private static void assertNextJobMakesItExact(Place place) throws Exception {
        assertThat(check(place.table())).startsWith("result unique ");
        List<String> lines = new CopyOnWriteArrayList<>();
        Map<?, ?> failures =
                new ServiceLoop(
                                spark,
                                connection,
                                new RoundSettings(
                                        Map.of("bootstrap.servers", cluster.bootstrap()),
                                        Map.of(),
                                        new SplitPlanner(150, false),
                                        Optional.empty(),
                                        Duration.ofSeconds(20)),
                                new ServiceSettings(
                                        true,
                                        Duration.ofMillis(500),
                                        Duration.ofMinutes(1),
                                        1,
                                        Optional.empty(),
                                        Optional.of(place.table())),
                                SystemClock.INSTANCE,
                                lines::add)
                        .run();
        assertThat(failures).as("%s", lines).isEmpty();
        assertExact(place.table());
    }

    private static void assertExact(String table) throws Exception {
        assertThat(check(table))
                .isEqualTo("result unique " + StockKeyedCheck.digest(ROWS.get(table)));
    }

    private static String check(String table) throws Exception {
        return DriverProcess.result(
                StockKeyedCheck.class, "hadoop", dir.resolve("lake").toString(), "it", table);
    }

    /** New keys, changed ones and deleted ones. */
    private static void write(String name) throws Exception {
        TableInfo table = get(connection.admin().tableInfo(TablePath.of("it", name)));
        TreeMap<Long, String> rows = ROWS.get(name);
        long next = rows.isEmpty() ? 0 : rows.lastKey() + 1;
        String value = "write-" + ++writes + "-";
        try (UpsertWriter writer = connection.upsertWriter(table)) {
            for (long id = next / 2; id < next + 200; id++) {
                var unused = writer.upsert(GenericRow.named(Map.of("id", id, "name", value + id)));
                rows.put(id, value + id);
            }
            for (long id = next; id < next + 30; id += 3) {
                var unused = writer.delete(GenericRow.named(Map.of("id", id)));
                rows.remove(id);
            }
            get(writer.flush());
        }
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(120, TimeUnit.SECONDS);
    }
}
