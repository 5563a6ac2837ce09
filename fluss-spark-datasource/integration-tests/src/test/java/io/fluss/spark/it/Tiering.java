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

import io.fluss.client.Connection;
import io.fluss.errors.FlussException;
import io.fluss.settings.Settings;
import io.fluss.table.TablePath;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.tiering.spark.UpkeepSettings;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Tiering jobs of tests, in the session of the test. */
final class Tiering {
    private static final Settings NONE = Settings.of(Map.of());

    private Tiering() {}

    /** A job that runs until it is stopped. */
    static ServiceLoop service(
            SparkOnFluss fluss, Connection connection, Consumer<String> reports) {
        return service(fluss, connection, 1, Map.of(), reports);
    }

    /** As {@link #service(SparkOnFluss, Connection, Consumer)}, of several tables at a time. */
    static ServiceLoop service(
            SparkOnFluss fluss,
            Connection connection,
            int parallelTables,
            Map<String, String> upkeep,
            Consumer<String> reports) {
        return job(
                fluss,
                connection,
                UpkeepSettings.from(Settings.of(upkeep)),
                Map.of(),
                settings(false, parallelTables, Optional.empty(), Optional.empty()),
                reports);
    }

    /** Brings a table up to date. */
    static void once(SparkOnFluss fluss, TablePath table) throws Exception {
        once(fluss, 1, Optional.of(table));
    }

    /** Brings all tables up to date. */
    static void once(SparkOnFluss fluss, int parallelTables) throws Exception {
        once(fluss, parallelTables, Optional.empty());
    }

    private static void once(SparkOnFluss fluss, int parallelTables, Optional<TablePath> table)
            throws Exception {
        Map<TablePath, FlussException> failed =
                once(
                        fluss,
                        Map.of(),
                        once(
                                parallelTables,
                                table.map(TablePath::database),
                                table.map(TablePath::table)),
                        line -> {});
        if (!failed.isEmpty()) {
            throw new AssertionError("not tiered: " + failed);
        }
    }

    /**
     * Brings the tables of a database up to date.
     *
     * @param lake settings over those that the cluster hands out, as {@code iceberg.token}
     * @return the tables that failed
     */
    static Map<TablePath, FlussException> once(
            SparkOnFluss fluss,
            String database,
            Map<String, String> lake,
            Consumer<String> reports) {
        return once(fluss, lake, once(2, Optional.of(database), Optional.empty()), reports);
    }

    private static Map<TablePath, FlussException> once(
            SparkOnFluss fluss,
            Map<String, String> lake,
            ServiceSettings service,
            Consumer<String> reports) {
        try (Connection c = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()))) {
            return job(fluss, c, UpkeepSettings.from(NONE), lake, service, reports).run();
        }
    }

    private static ServiceSettings once(
            int parallelTables, Optional<String> database, Optional<String> table) {
        return settings(true, parallelTables, database, table);
    }

    private static ServiceSettings settings(
            boolean isOnce, int parallelTables, Optional<String> database, Optional<String> table) {
        return new ServiceSettings(
                isOnce,
                Duration.ofMillis(200),
                Duration.ofMinutes(1),
                parallelTables,
                database,
                table);
    }

    private static ServiceLoop job(
            SparkOnFluss fluss,
            Connection connection,
            UpkeepSettings upkeep,
            Map<String, String> lake,
            ServiceSettings service,
            Consumer<String> reports) {
        return new ServiceLoop(
                fluss.session(),
                connection,
                new RoundSettings(
                        Map.of("bootstrap.servers", fluss.bootstrap()),
                        lake,
                        new SplitPlanner(0, false),
                        Optional.empty(),
                        upkeep,
                        Duration.ofSeconds(20)),
                service,
                SystemClock.INSTANCE,
                reports);
    }
}
