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
package io.fluss.coordinator.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.coordinator.lake.TieringSchedule.Assigned;
import io.fluss.coordinator.lake.TieringSchedule.State;
import io.fluss.coordinator.lake.TieringSchedule.Status;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class TieringScheduleTest {
    private static final long FRESHNESS = 1000;
    private static final Set<String> LEGAL =
            Set.of(
                    "NEW SCHEDULED",
                    "SCHEDULED PENDING",
                    "PENDING TIERING",
                    "TIERING TIERED",
                    "TIERING FAILED",
                    "TIERED SCHEDULED",
                    "TIERED PENDING",
                    "FAILED PENDING");

    private final TieringSchedule schedule = new TieringSchedule();

    @Test
    void onlyTheDocumentedSuccessorsAreLegal() {
        for (State from : State.values()) {
            for (State to : State.values()) {
                assertThat(from.canBecome(to))
                        .as(from + " to " + to)
                        .isEqualTo(LEGAL.contains(from + " " + to));
            }
        }
    }

    @Test
    void firstRoundIsDueAfterOneFreshnessInterval() {
        schedule.register(7, FRESHNESS, 0);
        schedule.tick(FRESHNESS - 1);
        assertThat(schedule.assign(FRESHNESS - 1)).isEmpty();
        schedule.tick(FRESHNESS);
        assertThat(schedule.assign(FRESHNESS)).hasValue(new Assigned(7, 1));
        assertThat(schedule.assign(FRESHNESS)).isEmpty();
    }

    @Test
    void tablesAreHandedOutInTheOrderInWhichTheyBecameDue() {
        schedule.register(1, 3 * FRESHNESS, 0);
        schedule.register(2, FRESHNESS, 0);
        schedule.register(3, 2 * FRESHNESS, 0);
        schedule.tick(10 * FRESHNESS);
        assertThat(schedule.assign(0)).hasValue(new Assigned(2, 1));
        assertThat(schedule.assign(0)).hasValue(new Assigned(3, 1));
        assertThat(schedule.assign(0)).hasValue(new Assigned(1, 1));
    }

    @Test
    void finishedRoundWaitsForTheNextInterval() {
        tiering(7);
        schedule.finish(7, 1, false, 5000);
        schedule.tick(5000 + FRESHNESS - 1);
        assertThat(schedule.state(7)).isEqualTo(State.SCHEDULED);
        schedule.tick(5000 + FRESHNESS);
        assertThat(schedule.assign(0)).hasValue(new Assigned(7, 2));
    }

    @Test
    void forcedAndFailedRoundsAreDueAtOnceWithAHigherEpoch() {
        tiering(7);
        schedule.finish(7, 1, true, 5000);
        assertThat(schedule.assign(5000)).hasValue(new Assigned(7, 2));
        schedule.fail(7, 2);
        assertThat(schedule.assign(5000)).hasValue(new Assigned(7, 3));
    }

    @Test
    void aSilentServiceLosesTheTable() {
        tiering(7);
        schedule.renew(7, 1, 60_000);
        schedule.tick(60_000 + TieringSchedule.SILENCE_MAX_MS - 1);
        assertThat(schedule.state(7)).isEqualTo(State.TIERING);
        schedule.tick(60_000 + TieringSchedule.SILENCE_MAX_MS);
        assertThat(schedule.assign(0)).hasValue(new Assigned(7, 2));
        refused(ErrorReason.FENCED_TIERING_EPOCH, () -> schedule.finish(7, 1, false, 0));
    }

    @Test
    void reportsAboutOtherStatesTablesAndEpochsAreRefused() {
        schedule.register(7, FRESHNESS, 0);
        refused(ErrorReason.UNKNOWN_SERVER_ERROR, () -> schedule.renew(7, 0, 0));
        refused(ErrorReason.TABLE_NOT_EXIST, () -> schedule.fail(8, 1));
        schedule.tick(FRESHNESS);
        schedule.assign(0);
        refused(ErrorReason.FENCED_TIERING_EPOCH, () -> schedule.renew(7, 2, 0));
        schedule.unregister(7);
        refused(ErrorReason.TABLE_NOT_EXIST, () -> schedule.renew(7, 1, 0));
    }

    @Test
    void aDroppedTableLeavesTheQueue() {
        schedule.register(7, FRESHNESS, 0);
        schedule.tick(FRESHNESS);
        schedule.unregister(7);
        assertThat(schedule.assign(FRESHNESS)).isEmpty();
    }

    @Test
    void changedFreshnessMovesTheNextRound() {
        schedule.register(7, FRESHNESS, 0);
        schedule.setFreshness(7, 10);
        schedule.tick(10);
        assertThat(schedule.state(7)).isEqualTo(State.PENDING);
    }

    @Test
    void tellsWhereATableIsAndSinceWhen() {
        assertThat(schedule.status(7)).isEmpty();
        schedule.register(7, FRESHNESS, 500);
        assertThat(schedule.status(7).orElseThrow())
                .isEqualTo(new Status("SCHEDULED", 500, FRESHNESS, 1500, 0, 0, List.of()));
        schedule.register(8, FRESHNESS, 400);
        schedule.tick(2000);
        assertThat(schedule.status(7).orElseThrow().state()).isEqualTo("PENDING");
        assertThat(schedule.status(7).orElseThrow().sinceMs()).isEqualTo(2000);
        assertThat(schedule.status(7).orElseThrow().ahead()).isEqualTo(1);
        schedule.assign(3000);
        assertThat(schedule.status(7).orElseThrow().ahead()).isZero();
        assertThat(schedule.status(8).orElseThrow().state()).isEqualTo("TIERING");
        assertThat(schedule.status(8).orElseThrow().sinceMs()).isEqualTo(3000);
    }

    @Test
    void remembersTheLastRoundsNewestFirst() {
        tiering(7);
        for (int epoch = 1; epoch <= TieringSchedule.ROUNDS_MAX + 3; epoch++) {
            schedule.finish(7, epoch, true, epoch, round(epoch, Optional.empty()));
            schedule.assign(epoch);
        }
        assertThat(schedule.status(7).orElseThrow().rounds())
                .hasSize(TieringSchedule.ROUNDS_MAX)
                .first()
                .isEqualTo(round(TieringSchedule.ROUNDS_MAX + 3, Optional.empty()));
    }

    @Test
    void countsFailuresInARowAlsoThoseNobodyReported() {
        tiering(7);
        schedule.fail(7, 1, round(1, Optional.of("x".repeat(5000))));
        schedule.tick(2000);
        schedule.assign(2000);
        schedule.tick(2000 + TieringSchedule.SILENCE_MAX_MS);
        Status failed = schedule.status(7).orElseThrow();
        assertThat(failed.failuresInRow()).isEqualTo(2);
        assertThat(failed.rounds().get(0).error().orElseThrow()).contains("not heard of for 120 s");
        assertThat(failed.rounds().get(0).durationMs()).isEqualTo(120_000);
        assertThat(failed.rounds().get(1).error().orElseThrow()).hasSizeLessThan(1100);
        schedule.assign(200_000);
        schedule.finish(7, 3, false, 201_000);
        Status finished = schedule.status(7).orElseThrow();
        assertThat(finished.failuresInRow()).isZero();
        assertThat(finished.rounds().get(0).durationMs()).isEqualTo(1_000);
        assertThat(finished.rounds().get(0).sizes()).isEqualTo(TieringRound.Sizes.UNKNOWN);
    }

    private static TieringRound round(long endedMs, Optional<String> error) {
        return new TieringRound(
                endedMs, 1, new TieringRound.Sizes(1, 1, 1, 0), false, error, 0, "app");
    }

    private void tiering(long table) {
        schedule.register(table, FRESHNESS, 0);
        schedule.tick(FRESHNESS);
        assertThat(schedule.assign(FRESHNESS)).hasValue(new Assigned(table, 1));
    }

    private static void refused(ErrorReason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FlussException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
