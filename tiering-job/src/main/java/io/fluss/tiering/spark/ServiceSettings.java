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
package io.fluss.tiering.spark;

import io.fluss.errors.ErrorReason;
import io.fluss.table.TablePath;
import java.time.Duration;
import java.util.Optional;

/**
 * How the service runs.
 *
 * @param isOnce ends when every lake-enabled table has reached the log end that it had at the start
 * @param pollInterval how often an idle service asks for a table
 * @param onceWait with {@code isOnce}, how long nothing may move before the run gives up
 * @param parallelTables rounds at a time
 * @param database only tables of this database
 * @param table only the table of this name
 */
public record ServiceSettings(
        boolean isOnce,
        Duration pollInterval,
        Duration onceWait,
        int parallelTables,
        Optional<String> database,
        Optional<String> table) {
    public ServiceSettings {
        if (pollInterval.isZero() || pollInterval.isNegative()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "--poll-interval is " + pollInterval.toMillis() + " ms; use at least 1 ms");
        }
        if (parallelTables < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "--parallel-tables is " + parallelTables + "; use at least 1");
        }
    }

    boolean accepts(TablePath path) {
        return database.map(path.database()::equals).orElse(true)
                && table.map(path.table()::equals).orElse(true);
    }

    boolean acceptsAll() {
        return database.isEmpty() && table.isEmpty();
    }
}
