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
package io.fluss.tiering.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.client.lake.TieringAdmin.HeartbeatAnswer;
import io.fluss.client.lake.TieringAdmin.HeartbeatRequest;
import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.client.lake.TieringRound;
import io.fluss.errors.ErrorReason;
import io.fluss.table.TablePath;
import io.fluss.tiering.round.RoundOutcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TieringServiceTest {
    private static final RoundOutcome FINISHED =
            new RoundOutcome(Optional.empty(), false, 1, 1, 1, 0);
    private static final RoundOutcome CUT = new RoundOutcome(Optional.empty(), true, 1, 1, 1, 0);
    private static final RoundOutcome FAILED =
            new RoundOutcome(Optional.of(ErrorReason.NETWORK.exception("gone")), false, 0, 0, 0, 0);

    private final TieringService service = new TieringService(1, "app", 0);
    private long nowMs;

    @Test
    void registersBeforeItAsksForATable() {
        assertThat(beat())
                .isEqualTo(new HeartbeatRequest(List.of(), List.of(), List.of(), List.of(), false));
        answer(1);
        assertThat(service.isRegistered()).isTrue();
        assertThat(beat().requestTable()).isTrue();
    }

    @Test
    void asksForWantedTablesNow() {
        answer(1);
        HeartbeatRequest request = service.heartbeat(List.of(7L, 8L), true, nowMs);
        assertThat(request.requestTableIds()).containsExactly(7L, 8L);
        assertThat(request.requestNow()).isTrue();
    }

    @Test
    void renewsWhatIsInWorkAndAsksForNoMore() {
        TableInWork t = assign(7, 1);
        HeartbeatRequest request = beat();
        assertThat(request.tiering()).containsExactly(t);
        assertThat(request.requestTable()).isFalse();
        assertThat(request.requestTableIds()).isEmpty();
        assertThat(service.holds(t)).isTrue();
    }

    @Test
    void takesSeveralTablesIfAllowed() {
        TieringService two = new TieringService(2, "app", 0);
        two.onAnswer(two.heartbeat(List.of(), false, 0), empty(1));
        HeartbeatRequest first = two.heartbeat(List.of(), false, 0);
        two.onAnswer(first, new HeartbeatAnswer(1, Optional.of(work(7, 1)), Map.of()));
        assertThat(two.heartbeat(List.of(), false, 0).requestTable()).isTrue();
    }

    @Test
    void reportsFinishedOnce() {
        TableInWork t = assign(7, 1);
        service.ended(t, FINISHED, 250, nowMs);
        HeartbeatRequest report = beat();
        assertThat(report.finished()).containsExactly(t);
        assertThat(report.forceFinished()).isEmpty();
        assertThat(report.tiering()).isEmpty();
        service.onAnswer(report, empty(1));
        assertThat(beat().finished()).isEmpty();
    }

    @Test
    void tellsWhatARoundDidUntilTheReportIsAnswered() {
        TableInWork t = assign(7, 1);
        service.ended(t, FINISHED, 250, nowMs);
        TieringRound done = beat().rounds().get(t);
        assertThat(done.durationMs()).isEqualTo(250);
        assertThat(done.sizes()).contains(new TieringRound.Sizes(1, 1, 1, 0));
        assertThat(done.error()).isEmpty();
        assertThat(done.service()).isEqualTo("app");
        service.onSilence(nowMs);
        assertThat(beat().rounds()).containsKey(t);
        service.onAnswer(beat(), empty(1));
        assertThat(beat().rounds()).isEmpty();

        service.ended(assign(7, 2), FAILED, 10, nowMs);
        TieringRound failed = beat().rounds().get(work(7, 2));
        assertThat(failed.error()).contains("gone");
        assertThat(failed.restMs()).isEqualTo(1_000);
        assertThat(failed.sizes()).isEmpty();
    }

    @Test
    void reportsAgainIfTheAnswerWasLost() {
        TableInWork t = assign(7, 1);
        service.ended(t, FINISHED, 250, nowMs);
        beat();
        assertThat(service.onSilence(nowMs)).isEmpty();
        assertThat(beat().finished()).containsExactly(t);
    }

    @Test
    void reportsACutRoundAsForced() {
        TableInWork t = assign(7, 1);
        service.ended(t, CUT, 250, nowMs);
        assertThat(beat().finished()).containsExactly(t);
        assertThat(beat().forceFinished()).containsExactly(7L);
    }

    @Test
    void aFailedTableRestsLongerAfterEachFailureAndNoMoreAfterASuccess() {
        service.ended(assign(7, 1), FAILED, 250, nowMs);
        rests(7, 2, 1_000);
        service.ended(work(7, 2), FAILED, 250, nowMs);
        rests(7, 3, 2_000);
        service.ended(work(7, 3), FAILED, 250, nowMs);
        rests(7, 4, 4_000);
        service.ended(work(7, 4), FINISHED, 250, nowMs);
        assertThat(answerWith(work(7, 5))).containsExactly(new ServiceAction.Start(work(7, 5)));
        for (int epoch = 5; epoch < 40; epoch++) {
            service.ended(work(7, epoch), FAILED, 250, nowMs);
            nowMs += 60_000;
            answerWith(work(7, epoch + 1));
        }
        service.ended(work(7, 40), FAILED, 250, nowMs);
        rests(7, 41, 60_000);
    }

    /** Handed out again, the table is held and its round begins after so long. */
    private void rests(long id, long epoch, long restMs) {
        long before = nowMs;
        assertThat(answerWith(work(id, epoch))).isEmpty();
        HeartbeatRequest next = beat();
        assertThat(next.tiering()).contains(work(id, epoch));
        assertThat(next.requestTable()).as("others are worked on").isTrue();
        assertThat(service.waitsUntilMs(nowMs)).hasValue(before + restMs);
        nowMs = before + restMs - 1;
        assertThat(service.wake(nowMs)).isEmpty();
        nowMs = before + restMs;
        assertThat(service.wake(nowMs)).containsExactly(new ServiceAction.Start(work(id, epoch)));
        assertThat(service.wake(nowMs)).isEmpty();
    }

    @Test
    void othersAreWorkedOnWhileATableRests() {
        service.ended(assign(7, 1), FAILED, 250, nowMs);
        assertThat(answerWith(work(7, 2))).isEmpty();
        assertThat(answerWith(work(8, 1))).containsExactly(new ServiceAction.Start(work(8, 1)));
        nowMs = 10_000;
        assertThat(service.wake(nowMs)).as("no room").isEmpty();
        assertThat(service.waitsUntilMs(nowMs)).isEmpty();
        service.ended(work(8, 1), FINISHED, 250, nowMs);
        assertThat(service.wake(nowMs)).containsExactly(new ServiceAction.Start(work(7, 2)));
    }

    @Test
    void aRestingTableIsForgottenWhenItIsLostAndGivenBackAtTheEnd() {
        service.ended(assign(7, 1), FAILED, 250, nowMs);
        answerWith(work(7, 2));
        service.onAnswer(
                beat(),
                new HeartbeatAnswer(
                        1,
                        Optional.empty(),
                        Map.of(7L, ErrorReason.FENCED_TIERING_EPOCH.exception("old"))));
        nowMs = 500;
        assertThat(beat().tiering()).isEmpty();
        answerWith(work(7, 3));
        assertThat(service.stop()).isEmpty();
        assertThat(beat().failed()).containsExactly(work(7, 3));
        assertThat(beat().tiering()).isEmpty();
    }

    private List<ServiceAction> answerWith(TableInWork table) {
        return service.onAnswer(beat(), new HeartbeatAnswer(1, Optional.of(table), Map.of()));
    }

    @Test
    void cancelsARoundWhoseRenewalIsRefused() {
        TableInWork t = assign(7, 1);
        List<ServiceAction> actions =
                service.onAnswer(
                        beat(),
                        new HeartbeatAnswer(
                                1,
                                Optional.empty(),
                                Map.of(7L, ErrorReason.FENCED_TIERING_EPOCH.exception("old"))));
        assertThat(actions)
                .singleElement()
                .isInstanceOfSatisfying(
                        ServiceAction.Cancel.class,
                        c -> {
                            assertThat(c.table()).isEqualTo(t);
                            assertThat(c.reason().reason())
                                    .isEqualTo(ErrorReason.FENCED_TIERING_EPOCH);
                        });
        assertThat(service.holds(t)).isFalse();
        assertThat(beat().tiering()).isEmpty();
        assertThat(beat().requestTable()).as("the old round still winds down").isFalse();
        assertThat(service.running()).isEqualTo(1);
        service.ended(t, FAILED, 250, nowMs);
        assertThat(service.running()).isZero();
        assertThat(beat().failed()).as("no report about a lost table").isEmpty();
        assertThat(beat().requestTable()).isTrue();
    }

    @Test
    void errorOfAReportIsNoErrorOfTheNextRoundOfThatTable() {
        service.ended(assign(7, 1), FINISHED, 250, nowMs);
        List<ServiceAction> actions =
                service.onAnswer(
                        beat(),
                        new HeartbeatAnswer(
                                1,
                                Optional.of(work(7, 2)),
                                Map.of(7L, ErrorReason.FENCED_TIERING_EPOCH.exception("late"))));
        assertThat(actions).containsExactly(new ServiceAction.Start(work(7, 2)));
    }

    @Test
    void newCoordinatorCancelsAllAndIsTakenOver() {
        TableInWork t = assign(7, 1);
        List<ServiceAction> actions = service.onAnswer(beat(), empty(2));
        assertThat(actions)
                .singleElement()
                .isInstanceOfSatisfying(
                        ServiceAction.Cancel.class,
                        c ->
                                assertThat(c.reason().reason())
                                        .isEqualTo(ErrorReason.INVALID_COORDINATOR));
        service.ended(t, FAILED, 250, nowMs);
        HeartbeatRequest next = beat();
        assertThat(next.failed()).isEmpty();
        assertThat(next.requestTable()).isTrue();
        TableInWork again = new TableInWork(7, path(7), 1, 2);
        assertThat(service.onAnswer(next, new HeartbeatAnswer(2, Optional.of(again), Map.of())))
                .containsExactly(new ServiceAction.Start(again));
    }

    @Test
    void newCoordinatorGetsNoReportOfAnOldRound() {
        service.ended(assign(7, 1), FINISHED, 250, nowMs);
        service.onSilence(nowMs);
        service.onAnswer(
                new HeartbeatRequest(List.of(), List.of(), List.of(), List.of(), false), empty(2));
        assertThat(beat().finished()).isEmpty();
    }

    @Test
    void cancelsWhenTheCoordinatorMayHaveGivenTheTableAway() {
        TableInWork t = assign(7, 1);
        assertThat(service.onSilence(TieringService.SILENCE_MAX_MS - 1)).isEmpty();
        assertThat(service.holds(t)).isTrue();
        assertThat(service.onSilence(TieringService.SILENCE_MAX_MS)).hasSize(1);
        assertThat(service.holds(t)).isFalse();
    }

    @Test
    void stopGivesBackWhatIsInWork() {
        TableInWork t = assign(7, 1);
        assertThat(service.stop()).hasSize(1);
        assertThat(beat().failed()).containsExactly(t);
        assertThat(beat().requestTable()).isFalse();
        service.ended(t, FAILED, 250, nowMs);
        assertThat(beat().failed()).containsExactly(t);
    }

    @Test
    void givesBackATableThatWasNotWanted() {
        TableInWork t = assign(7, 1);
        service.decline(t, nowMs);
        assertThat(beat().failed()).containsExactly(t);
        assertThat(beat().requestTable()).isFalse();
    }

    @Test
    void needsRoomForOneTable() {
        assertThatThrownBy(() -> new TieringService(0, "app", 0))
                .hasMessageContaining("at least 1");
    }

    private HeartbeatRequest beat() {
        return service.heartbeat(List.of(), false, nowMs);
    }

    private void answer(int epoch) {
        service.onAnswer(beat(), empty(epoch));
    }

    private TableInWork assign(long id, long tieringEpoch) {
        answer(1);
        TableInWork t = work(id, tieringEpoch);
        assertThat(service.onAnswer(beat(), new HeartbeatAnswer(1, Optional.of(t), Map.of())))
                .containsExactly(new ServiceAction.Start(t));
        return t;
    }

    private static HeartbeatAnswer empty(int epoch) {
        return new HeartbeatAnswer(epoch, Optional.empty(), Map.of());
    }

    private static TableInWork work(long id, long tieringEpoch) {
        return new TableInWork(id, path(id), tieringEpoch, 1);
    }

    private static TablePath path(long id) {
        return TablePath.of("db", "t" + id);
    }

    @Test
    void silenceIsCountedFromTheRequestNotFromItsAnswer() {
        TableInWork t = assign(7, 1);
        HeartbeatRequest slow = beat();
        nowMs += 29_000;
        service.onAnswer(slow, empty(1));
        nowMs += TieringService.SILENCE_MAX_MS - 29_000;
        assertThat(service.onSilence(nowMs)).hasSize(1);
        assertThat(service.holds(t)).isFalse();
    }
}
