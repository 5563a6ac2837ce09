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
import io.fluss.table.TablePath;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Tiering jobs of tests, in the session of the test. */
final class Tiering {
    private Tiering() {}

    /** A job that runs until it is stopped. */
    static ServiceLoop service(
            SparkOnFluss fluss, Connection connection, Consumer<String> reports) {
        return job(fluss, connection, false, Optional.empty(), reports);
    }

    /** Brings a table up to date. */
    static void once(SparkOnFluss fluss, TablePath table) throws Exception {
        try (Connection c = Connection.open(Map.of("bootstrap.servers", fluss.bootstrap()))) {
            Map<TablePath, FlussException> failed =
                    job(fluss, c, true, Optional.of(table), line -> {}).run();
            if (!failed.isEmpty()) {
                throw new AssertionError("not tiered: " + failed);
            }
        }
    }

    private static ServiceLoop job(
            SparkOnFluss fluss,
            Connection connection,
            boolean isOnce,
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
                        Duration.ofSeconds(20)),
                new ServiceSettings(
                        isOnce,
                        Duration.ofMillis(200),
                        Duration.ofMinutes(1),
                        1,
                        table.map(TablePath::database),
                        table.map(TablePath::table)),
                SystemClock.INSTANCE,
                reports);
    }
}
