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
import io.fluss.client.lake.TieringRound;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.tiering.round.RoundOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

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
 *
 * <p>A table that failed <em>rests</em>, longer after each failure, while others are worked on. The
 * coordinator hands a failed table out at once; it is taken and renewed, so that the coordinator
 * can go on with the others, but its round begins when the rest is over.
 */
public final class TieringService {
    /** The coordinator gives a silent service's table away after two minutes. */
    static final long SILENCE_MAX_MS = 110_000;

    private static final long REST_MIN_MS = 1_000;
    private static final long REST_MAX_MS = 60_000;
    private static final long DECLINED_WAIT_MS = 30_000;

    /** Of more failing tables than this the rests are forgotten. */
    private static final int RESTS_MAX = 10_000;

    private final int tablesMax;
    private final String name;
    private OptionalInt coordinatorEpoch = OptionalInt.empty();
    private final Map<Long, TableInWork> inWork = new LinkedHashMap<>();

    /** Handed out, but resting. */
    private final Map<Long, TableInWork> resting = new LinkedHashMap<>();

    private final Map<Long, Rest> rests = new HashMap<>();
    private final Set<TableInWork> lost = new HashSet<>();
    private final Map<TableInWork, Boolean> finished = new LinkedHashMap<>();
    private final Set<TableInWork> failed = new HashSet<>();

    /** What the rounds of finished and failed tables did, as far as they ran. */
    private final Map<TableInWork, TieringRound> rounds = new HashMap<>();

    /** When the last heartbeat was made. */
    private long askedMs;

    /** When the last heartbeat was made that was answered. */
    private long answeredMs;

    private long notBeforeMs;
    private boolean isStopping;

    /**
     * Why a table is not worked on now.
     *
     * @param failures in a row
     */
    private record Rest(int failures, long untilMs) {}

    /**
     * @param tablesMax tables in work at a time
     * @param name of this service, for people
     */
    public TieringService(int tablesMax, String name, long nowMs) {
        if (tablesMax < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "parallel tables is " + tablesMax + "; use at least 1");
        }
        this.tablesMax = tablesMax;
        this.name = name;
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
        List<TableInWork> held = new ArrayList<>(inWork.values());
        held.addAll(resting.values());
        return new HeartbeatRequest(
                List.copyOf(held),
                List.copyOf(finished.keySet()),
                List.copyOf(failed),
                finished.entrySet().stream()
                        .filter(Map.Entry::getValue)
                        .map(e -> e.getKey().tableId())
                        .toList(),
                requests,
                requests ? wanted : List.of(),
                requests && isNow,
                rounds);
    }

    /** The coordinator answered {@code sent}, the last heartbeat. */
    public List<ServiceAction> onAnswer(HeartbeatRequest sent, HeartbeatAnswer answer) {
        // The coordinator's clock runs from the request; the answer may have been long on its way.
        answeredMs = askedMs;
        sent.finished().forEach(finished::remove);
        sent.failed().forEach(failed::remove);
        rounds.keySet().retainAll(reported());
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
            rounds.clear();
        }
        coordinatorEpoch = OptionalInt.of(answer.coordinatorEpoch());
        for (TableInWork t : sent.tiering()) {
            RuntimeException error = answer.errors().get(t.tableId());
            if (error != null) {
                resting.remove(t.tableId(), t);
            }
            if (error != null && t.equals(inWork.get(t.tableId()))) {
                lose(t, FlussException.from(error), actions);
            }
        }
        answer.assigned().ifPresent(t -> take(t, actions));
        return actions;
    }

    private void take(TableInWork table, List<ServiceAction> actions) {
        long id = table.tableId();
        if (isStopping || inWork.containsKey(id) || resting.containsKey(id)) {
            failed.add(table);
        } else if (restsUntilMs(id) > askedMs) {
            resting.put(id, table);
        } else {
            start(table, actions);
        }
    }

    private void start(TableInWork table, List<ServiceAction> actions) {
        inWork.put(table.tableId(), table);
        actions.add(new ServiceAction.Start(table));
    }

    private long restsUntilMs(long tableId) {
        Rest rest = rests.get(tableId);
        return rest == null ? Long.MIN_VALUE : rest.untilMs();
    }

    /** Begins rounds of tables that have rested, as far as there is room. */
    public List<ServiceAction> wake(long nowMs) {
        List<ServiceAction> actions = new ArrayList<>();
        for (TableInWork t : List.copyOf(resting.values())) {
            if (hasRoom() && restsUntilMs(t.tableId()) <= nowMs) {
                resting.remove(t.tableId());
                start(t, actions);
            }
        }
        return actions;
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
    public void ended(TableInWork table, RoundOutcome outcome, long durationMs, long nowMs) {
        if (lost.remove(table)) {
            return;
        }
        if (!inWork.remove(table.tableId(), table)) {
            throw new IllegalStateException(table + " was not in work");
        }
        long restMs = 0;
        if (outcome.isFailed()) {
            failed.add(table);
            restMs = rest(table.tableId(), nowMs);
        } else {
            finished.put(table, outcome.isCut());
            rests.remove(table.tableId());
        }
        rounds.put(table, outcome.round(durationMs, restMs, name));
    }

    private Set<TableInWork> reported() {
        Set<TableInWork> all = new HashSet<>(finished.keySet());
        all.addAll(failed);
        return all;
    }

    /** A failed table is due at once; without a rest a hopeless one would spin. */
    private long rest(long tableId, long nowMs) {
        Rest before = rests.get(tableId);
        int failures = before == null ? 0 : before.failures();
        if (rests.size() >= RESTS_MAX && before == null) {
            rests.clear();
        }
        long wait = Math.min(REST_MAX_MS, REST_MIN_MS << Math.min(failures, 10));
        rests.put(tableId, new Rest(failures + 1, nowMs + wait));
        return wait;
    }

    /** Gives back a table that was handed out although it was not asked for. */
    public void decline(TableInWork table, long nowMs) {
        inWork.remove(table.tableId(), table);
        failed.add(table);
        notBeforeMs = nowMs + DECLINED_WAIT_MS;
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
        failed.addAll(resting.values());
        resting.clear();
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

    /** When to look again for something to begin; empty if nothing waits for a time. */
    public OptionalLong waitsUntilMs(long nowMs) {
        LongStream rested =
                hasRoom()
                        ? resting.keySet().stream().mapToLong(this::restsUntilMs)
                        : LongStream.empty();
        LongStream declined = notBeforeMs > nowMs ? LongStream.of(notBeforeMs) : LongStream.empty();
        return LongStream.concat(rested, declined).min();
    }

    private void loseAll(FlussException reason, List<ServiceAction> actions) {
        if (!isStopping) {
            resting.clear();
        }
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
