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

import io.fluss.settings.Settings;
import io.fluss.tiering.round.SplitPlanner;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How rounds are run.
 *
 * @param client settings of the connection, also in tasks
 * @param lake overrides of {@code datalake.*} settings, with that prefix removed: {@code format},
 *     {@code <format>.<key>}
 * @param durationMax time limit of a round; empty for the table's freshness, but at least {@link
 *     #DURATION_MIN}
 * @param upkeep what is removed from the lake after a round
 * @param callTimeout of one call to the cluster
 */
public record RoundSettings(
        Map<String, String> client,
        Map<String, String> lake,
        SplitPlanner planner,
        Optional<Duration> durationMax,
        UpkeepSettings upkeep,
        Duration callTimeout) {
    /** Starting a Spark job takes seconds; a shorter round would be cut before it moves. */
    static final Duration DURATION_MIN = Duration.ofSeconds(30);

    /** With the default upkeep. */
    public RoundSettings(
            Map<String, String> client,
            Map<String, String> lake,
            SplitPlanner planner,
            Optional<Duration> durationMax,
            Duration callTimeout) {
        this(
                client,
                lake,
                planner,
                durationMax,
                UpkeepSettings.from(Settings.of(Map.of())),
                callTimeout);
    }

    public RoundSettings {
        client = Map.copyOf(client);
        lake = Map.copyOf(lake);
    }
}
