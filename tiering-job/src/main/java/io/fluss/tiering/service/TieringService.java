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

import io.fluss.client.lake.TieringAdmin.HeartbeatAnswer;
import io.fluss.client.lake.TieringAdmin.HeartbeatRequest;
import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.tiering.round.RoundOutcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a tiering service holds towards the coordinator. Owned by the service loop; time is passed
 * in.
 *
 * <p>A table goes: assigned → in work → reported finished or failed → forgotten once the report is
 * answered. A table in work is <em>lost</em> when the coordinator refuses its renewal, when the
 * coordinator is another one (its epoch changed), or when no heartbeat was answered for so long
 * that the table may be given to another service; the round is then cancelled, and no report is
 * made about it. A report whose answer is lost is sent again: the tiering epoch makes the second
 * one harmless.
 */
public final class TieringService {
    /** The coordinator gives a silent service's table away after two minutes. */
    static final long SILENCE_MAX_MS = 110_000;

    private static final long FAILURE_WAIT_MIN_MS = 1_000;
    private static final long FAILURE_WAIT_MAX_MS = 30_000;

    private final int tablesMax;
    private OptionalInt coordinatorEpoch = OptionalInt.empty();
    private final Map<Long, TableInWork> inWork = new LinkedHashMap<>();
    private final Set<TableInWork> lost = new HashSet<>();
    private final Map<TableInWork, Boolean> finished = new LinkedHashMap<>();
    private final Set<TableInWork> failed = new HashSet<>();

    /** When the last heartbeat was made. */
    private long askedMs;

    /** When the last heartbeat was made that was answered. */
    private long answeredMs;

    private long notBeforeMs;
    private int failuresInRow;
    private boolean isStopping;

    /**
     * @param tablesMax tables in work at a time
     */
    public TieringService(int tablesMax, long nowMs) {
        if (tablesMax < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "parallel tables is " + tablesMax + "; use at least 1");
        }
        this.tablesMax = tablesMax;
        this.askedMs = nowMs;
        this.answeredMs = nowMs;
        this.notBeforeMs = nowMs;
    }

    /**
     * The next heartbeat.
     *
     * @param wanted only these tables are wanted; empty for any
     * @param isNow the wanted tables need not wait for their freshness
     */
    public HeartbeatRequest heartbeat(List<Long> wanted, boolean isNow, long nowMs) {
        askedMs = nowMs;
        if (coordinatorEpoch.isEmpty()) {
            return new HeartbeatRequest(List.of(), List.of(), List.of(), List.of(), false);
        }
        boolean requests = hasRoom() && nowMs >= notBeforeMs;
        return new HeartbeatRequest(
                List.copyOf(inWork.values()),
                List.copyOf(finished.keySet()),
                List.copyOf(failed),
                finished.entrySet().stream()
                        .filter(Map.Entry::getValue)
                        .map(e -> e.getKey().tableId())
                        .toList(),
                requests,
                requests ? wanted : List.of(),
                requests && isNow);
    }

    /** The coordinator answered {@code sent}, the last heartbeat. */
    public List<ServiceAction> onAnswer(HeartbeatRequest sent, HeartbeatAnswer answer) {
        // The coordinator's clock runs from the request; the answer may have been long on its way.
        answeredMs = askedMs;
        sent.finished().forEach(finished::remove);
        sent.failed().forEach(failed::remove);
        List<ServiceAction> actions = new ArrayList<>();
        if (coordinatorEpoch.isPresent()
                && coordinatorEpoch.getAsInt() != answer.coordinatorEpoch()) {
            FlussException reason =
                    ErrorReason.INVALID_COORDINATOR.exception(
                            "coordinator epoch went from "
                                    + coordinatorEpoch.getAsInt()
                                    + " to "
                                    + answer.coordinatorEpoch());
            loseAll(reason, actions);
            finished.clear();
            failed.clear();
        }
        coordinatorEpoch = OptionalInt.of(answer.coordinatorEpoch());
        for (TableInWork t : sent.tiering()) {
            RuntimeException error = answer.errors().get(t.tableId());
            if (error != null && t.equals(inWork.get(t.tableId()))) {
                lose(t, FlussException.from(error), actions);
            }
        }
        answer.assigned().ifPresent(t -> take(t, actions));
        return actions;
    }

    private void take(TableInWork table, List<ServiceAction> actions) {
        if (isStopping || inWork.containsKey(table.tableId())) {
            failed.add(table);
            return;
        }
        inWork.put(table.tableId(), table);
        actions.add(new ServiceAction.Start(table));
    }

    /** No answer came. */
    public List<ServiceAction> onSilence(long nowMs) {
        List<ServiceAction> actions = new ArrayList<>();
        if (nowMs - answeredMs >= SILENCE_MAX_MS) {
            loseAll(
                    ErrorReason.FENCED_TIERING_EPOCH.exception(
                            "no heartbeat was answered for "
                                    + (nowMs - answeredMs)
                                    + " ms; another service may have the table"),
                    actions);
        }
        return actions;
    }

    /** Its round is over; the next heartbeat reports it unless the table was lost. */
    public void ended(TableInWork table, RoundOutcome outcome, long nowMs) {
        if (lost.remove(table)) {
            return;
        }
        if (!inWork.remove(table.tableId(), table)) {
            throw new IllegalStateException(table + " was not in work");
        }
        if (outcome.isFailed()) {
            failed.add(table);
            // A failed table is due at once; without a wait a hopeless one would spin.
            long wait = FAILURE_WAIT_MIN_MS << Math.min(failuresInRow, 5);
            failuresInRow++;
            notBeforeMs = nowMs + Math.min(wait, FAILURE_WAIT_MAX_MS);
        } else {
            finished.put(table, outcome.isCut());
            failuresInRow = 0;
        }
    }

    /** Gives back a table that was handed out although it was not asked for. */
    public void decline(TableInWork table, long nowMs) {
        inWork.remove(table.tableId(), table);
        failed.add(table);
        notBeforeMs = nowMs + FAILURE_WAIT_MAX_MS;
    }

    /** Takes no table any more and gives back those in work; one more heartbeat says so. */
    public List<ServiceAction> stop() {
        isStopping = true;
        List<ServiceAction> actions = new ArrayList<>();
        List<TableInWork> all = List.copyOf(inWork.values());
        loseAll(
                ErrorReason.OPERATION_NOT_ATTEMPTED.exception("the tiering service is stopping"),
                actions);
        failed.addAll(all);
        return actions;
    }

    /** Whether the coordinator's epoch is known. */
    public boolean isRegistered() {
        return coordinatorEpoch.isPresent();
    }

    /** Whether another table could be worked on. */
    boolean hasRoom() {
        // A cancelled round may still be winding down; its table could be the next assigned.
        return !isStopping && lost.isEmpty() && inWork.size() < tablesMax;
    }

    /** Whether this claim holds, as far as is known. */
    public boolean holds(TableInWork table) {
        return table.equals(inWork.get(table.tableId()));
    }

    /** Rounds that run, also cancelled ones. */
    public int running() {
        return inWork.size() + lost.size();
    }

    /** When {@link #heartbeat} will ask for a table again; empty if it would now. */
    public OptionalLong waitsUntilMs(long nowMs) {
        return notBeforeMs > nowMs ? OptionalLong.of(notBeforeMs) : OptionalLong.empty();
    }

    private void loseAll(FlussException reason, List<ServiceAction> actions) {
        for (TableInWork t : List.copyOf(inWork.values())) {
            lose(t, reason, actions);
        }
    }

    private void lose(TableInWork table, FlussException reason, List<ServiceAction> actions) {
        inWork.remove(table.tableId());
        lost.add(table);
        actions.add(new ServiceAction.Cancel(table, reason));
    }
}
