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
package io.fluss.client.lake;

import io.fluss.table.TablePath;
import java.util.List;
import java.util.Optional;

/**
 * What the coordinator knows of the tiering of a table, since it was started. Immutable.
 *
 * @param place empty if the lake of the table is off
 * @param failuresInRow of the last rounds
 * @param rounds newest first
 * @param asOfMs the coordinator's clock when it answered
 */
public record TieringState(
        long tableId,
        TablePath path,
        Optional<Place> place,
        int failuresInRow,
        List<TieringRound> rounds,
        long asOfMs) {
    public TieringState {
        rounds = List.copyOf(rounds);
    }

    /** Where a table is in the schedule. */
    public enum Phase {
        /** Waits for its freshness to pass. */
        SCHEDULED,
        /** Due; waits for a service that asks for a table. */
        PENDING,
        /** Handed out to a service. */
        TIERING
    }

    /**
     * A place in the schedule.
     *
     * @param sinceMs when it came there, by the coordinator's clock
     * @param dueMs when the freshness will have passed since the last round
     * @param ahead tables that are handed out before a pending one
     */
    public record Place(Phase phase, long sinceMs, long freshnessMs, long dueMs, int ahead) {}
}
