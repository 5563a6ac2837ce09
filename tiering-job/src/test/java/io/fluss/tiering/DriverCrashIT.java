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
import io.fluss.client.append.AppendWriter;
import io.fluss.formats.arrow.ArrowSchemas;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The driver of a tiering job dies, or is stopped and wakes up too late, at each step of a round;
 * another job goes on. Iceberg alone, in a process of its own, then finds every row below the
 * committed offsets exactly once. A few steps by default, all of them in both layouts with {@code
 * -Dfluss.it.full=true}.
 */
class DriverCrashIT {
    private static final boolean IS_FULL = Boolean.getBoolean("fluss.it.full");
    private static final int ROWS = 400;
    private static final int BUCKETS = 3;
    private static final long WAIT_SECONDS = 120;
    private static final TableSchema SCHEMA =
            TableSchema.of(Column.of("id", DataTypes.bigInt().notNull()));

    @TempDir static Path dir;
    private static SparkSession spark;
    private static LocalCluster cluster;
    private static Connection connection;
    private static BufferAllocator allocator;
    private static final Map<String, Integer> WRITTEN = new HashMap<>();

    @BeforeAll
    static void start() throws Exception {
        spark =
                SparkSession.builder()
                        .master("local[2]")
                        .appName("driver-crash-it")
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
                                warehouse(),
                                "lake.tiering.silence-max",
                                "4 s"));
        connection = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()));
        allocator = new RootAllocator();
        get(connection.admin().createDatabase("it", DatabaseDescriptor.EMPTY, true));
        TableDescriptor lake =
                TableDescriptor.of(SCHEMA)
                        .withBuckets(BUCKETS)
                        .withProperty("table.datalake.enabled", "true");
        create("legacy", lake.withProperty("table.datalake.layout", "legacy"));
        create("clean", lake.withBuckets(BUCKETS, "id"));
    }

    private static void create(String table, TableDescriptor descriptor) throws Exception {
        get(connection.admin().createTable(TablePath.of("it", table), descriptor, false));
        WRITTEN.put(table, 0);
    }

    @AfterAll
    static void stop() {
        connection.close();
        cluster.close();
        allocator.close();
        spark.stop();
    }

    /** Where a round can break off, and in which table. */
    record Place(String table, String step) {}

    private static Stream<Place> places(List<String> few, List<String> all) {
        List<Place> out = new ArrayList<>();
        for (String step : IS_FULL ? all : few) {
            if (IS_FULL) {
                out.add(new Place("clean", step));
                out.add(new Place("legacy", step));
            } else {
                out.add(new Place(out.size() % 2 == 0 ? "legacy" : "clean", step));
            }
        }
        return out.stream();
    }

    private static final List<String> ALL =
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

    static Stream<Place> halts() {
        return places(
                List.of("Write:after", "Prepare:after", "CommitLake:after", "CommitCluster:after"),
                ALL);
    }

    static Stream<Place> kills() {
        return places(List.of("CommitLake:before"), ALL);
    }

    static Stream<Place> pauses() {
        return places(
                List.of("CommitLake:before", "CommitCluster:before"),
                ALL.subList(ALL.indexOf("Write:before"), ALL.size()));
    }

    @ParameterizedTest
    @MethodSource("halts")
    void anotherJobGoesOnWhereADriverHasHalted(Place place) throws Exception {
        append(place.table());
        try (DriverProcess driver =
                DriverProcess.start(cluster.bootstrap(), place.table(), place.step(), "halt")) {
            driver.awaitLine("AT " + place.step());
            assertThat(driver.exitCode()).isEqualTo(CrashingJob.HALTED);
        }
        assertNextJobMakesItExact(place);
    }

    @ParameterizedTest
    @MethodSource("kills")
    void anotherJobGoesOnWhereADriverWasKilled(Place place) throws Exception {
        append(place.table());
        try (DriverProcess driver =
                DriverProcess.start(cluster.bootstrap(), place.table(), place.step(), "wait")) {
            driver.awaitLine("AT " + place.step());
            driver.signal("KILL");
            assertThat(driver.exitCode()).isEqualTo(CrashingJob.HALTED);
        }
        assertNextJobMakesItExact(place);
    }

    @ParameterizedTest
    @MethodSource("pauses")
    void aDriverThatWakesUpAfterAnotherTookOverChangesNothing(Place place) throws Exception {
        append(place.table());
        try (DriverProcess driver =
                DriverProcess.start(cluster.bootstrap(), place.table(), place.step(), "wait")) {
            driver.awaitLine("AT " + place.step());
            driver.signal("STOP");
            driver.goOn();
            assertNextJobMakesItExact(place);
            append(place.table());
            assertNextJobMakesItExact(place);
            driver.signal("CONT");
            driver.awaitLine("ENDED");
            assertThat(driver.exitCode()).isZero();
        }
        assertExact(place.table());
        append(place.table());
        assertNextJobMakesItExact(place);
    }

    private static void assertNextJobMakesItExact(Place place) throws Exception {
        String before = check(place.table());
        assertThat(before).startsWith("result exact ");
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
        assertThat(check(table)).startsWith("result exact " + WRITTEN.get(table) + " ");
    }

    private static String check(String table) throws Exception {
        return DriverProcess.result(
                StockIcebergCheck.class, "hadoop", warehouse(), "", "it", table);
    }

    private static void append(String name) throws Exception {
        TableInfo table = get(connection.admin().tableInfo(TablePath.of("it", name)));
        int first = WRITTEN.get(name);
        try (AppendWriter writer = connection.appendWriter(table)) {
            for (int done = 0; done < ROWS; done += 100) {
                try (VectorSchemaRoot rows =
                        VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator)) {
                    BigIntVector id = (BigIntVector) rows.getVector("id");
                    for (int i = 0; i < 100; i++) {
                        id.setSafe(i, first + done + i);
                    }
                    rows.setRowCount(100);
                    var unused = writer.append(rows);
                }
            }
            writer.flush().get(WAIT_SECONDS, TimeUnit.SECONDS);
        }
        WRITTEN.put(name, first + ROWS);
    }

    private static <T> T get(java.util.concurrent.CompletableFuture<T> answer) throws Exception {
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static String warehouse() {
        return dir.resolve("lake").toString();
    }
}
