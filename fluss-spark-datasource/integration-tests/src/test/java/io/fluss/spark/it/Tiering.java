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
        return job(
                fluss, connection, false, 1, UpkeepSettings.from(NONE), Optional.empty(), reports);
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
                false,
                parallelTables,
                UpkeepSettings.from(Settings.of(upkeep)),
                Optional.empty(),
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
        try (Connection c = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()))) {
            UpkeepSettings upkeep = UpkeepSettings.from(NONE);
            Map<TablePath, FlussException> failed =
                    job(fluss, c, true, parallelTables, upkeep, table, line -> {}).run();
            if (!failed.isEmpty()) {
                throw new AssertionError("not tiered: " + failed);
            }
        }
    }

    private static ServiceLoop job(
            SparkOnFluss fluss,
            Connection connection,
            boolean isOnce,
            int parallelTables,
            UpkeepSettings upkeep,
            Optional<TablePath> table,
            Consumer<String> reports) {
        return new ServiceLoop(
                fluss.session(),
                connection,
                new RoundSettings(
                        Map.of("bootstrap.servers", fluss.bootstrap()),
                        Map.of(),
                        new SplitPlanner(0, false),
                        Optional.empty(),
                        upkeep,
                        Duration.ofSeconds(20)),
                new ServiceSettings(
                        isOnce,
                        Duration.ofMillis(200),
                        Duration.ofMinutes(1),
                        parallelTables,
                        table.map(TablePath::database),
                        table.map(TablePath::table)),
                SystemClock.INSTANCE,
                reports);
    }
}
