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

import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * The jobs at tables in Iceberg. Of tables with a primary key one job deletes by key, the other by
 * position, and each replaces and deletes what the other wrote.
 */
class JobsTakeTurnsIT extends JobsTakeTurns {
    private static final List<String> LOGS = List.of("log_plain", "log_bucketed", "log_parted");
    private static final Predicate<String> KEYS_NONE = d -> d.split("\\|")[1].equals("0");
    private static final Predicate<String> POSITIONS_NONE = d -> d.split("\\|")[2].equals("0");

    JobsTakeTurnsIT() {
        super(Lake.Format.ICEBERG, LOGS);
    }

    /** The published connector has no bounded read of keyed tables in Iceberg. */
    @Override
    List<String> boundedInFlink() {
        return LOGS;
    }

    @Test
    void jobsTakeTurns() throws Exception {
        change();
        published(this::change);
        checkLake();
        assertThat(keyedDeletes()).as("deletes of the published job").noneMatch(KEYS_NONE);
        change();
        checkUnion();

        lake.tierOnce();
        checkLake();
        assertThat(keyedDeletes()).as("deletes of both jobs").noneMatch(POSITIONS_NONE);
        checkUnion();
        change();
        checkUnion();
        // Deletes of both jobs, and changes behind them. Not later, and not the partitioned table:
        // the published reader loses the files behind one that deletes by key have emptied.
        flink.settle(
                "SELECT " + TEXT + " FROM it.keyed",
                rows.values().stream().map("[%s]"::formatted).toList());

        published(() -> {});
        checkLake();
        checkUnion();
        change();
        lake.tierOnce();
        checkLake();
        checkUnion();
    }

    private List<String> keyedDeletes() {
        return lake.deletes().stream()
                .filter(line -> keyed.contains(line.split("\\|")[0]))
                .toList();
    }
}
