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

import io.fluss.errors.ErrorReason;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which lake table is tiered next (lakehouse document, sections 5.1 and 5.2). Owned by the
 * coordinator's loop; time is passed in. Nothing is seen of it between heartbeats, so {@link #tick}
 * before each one is enough and there are no timers.
 *
 * <pre>
 * NEW ─registered→ SCHEDULED ─freshness over→ PENDING ─handed out→ TIERING ─finished→ TIERED
 * TIERED ─normal→ SCHEDULED, ─forced→ PENDING       TIERING ─failed or silent→ FAILED ─→ PENDING
 * </pre>
 */
public final class TieringSchedule {
    static final long SILENCE_MAX_MS = 120_000;

    /** Rounds of a table that are remembered. */
    static final int ROUNDS_MAX = 16;

    private final long silenceMaxMs;
    private final Map<Long, Round> rounds = new HashMap<>();
    private final ArrayDeque<Long> queue = new ArrayDeque<>();
    private long nowMs;

    TieringSchedule() {
        this(SILENCE_MAX_MS);
    }

    /**
     * @param silenceMaxMs a table whose service was silent for so long is handed out again
     */
    public TieringSchedule(long silenceMaxMs) {
        this.silenceMaxMs = silenceMaxMs;
    }

    /** State of a table. */
    enum State {
        NEW,
        SCHEDULED,
        PENDING,
        TIERING,
        TIERED,
        FAILED;

        private static final Map<State, Set<State>> NEXT = new EnumMap<>(State.class);

        static {
            NEXT.put(NEW, EnumSet.of(SCHEDULED));
            NEXT.put(SCHEDULED, EnumSet.of(PENDING));
            NEXT.put(PENDING, EnumSet.of(TIERING));
            NEXT.put(TIERING, EnumSet.of(TIERED, FAILED));
            NEXT.put(TIERED, EnumSet.of(SCHEDULED, PENDING));
            NEXT.put(FAILED, EnumSet.of(PENDING));
        }

        boolean canBecome(State next) {
            return NEXT.getOrDefault(this, Set.of()).contains(next);
        }
    }

    /** A table to tier and the epoch that its reports must carry. */
    public record Assigned(long tableId, long tieringEpoch) {}

    /**
     * How it stands with a table.
     *
     * @param state SCHEDULED, PENDING or TIERING
     * @param sinceMs when it came into the state
     * @param dueMs when its freshness will have passed
     * @param ahead tables that are handed out before it, while it is PENDING
     * @param failuresInRow of the last rounds
     * @param rounds newest first
     */
    public record Status(
            String state,
            long sinceMs,
            long freshnessMs,
            long dueMs,
            int ahead,
            int failuresInRow,
            List<TieringRound> rounds) {}

    /** Takes part from now on; the first round is due after one freshness interval. */
    public void register(long tableId, long freshnessMs, long nowMs) {
        Round r = new Round();
        r.freshnessMs = freshnessMs;
        r.lastRoundMs = nowMs;
        this.nowMs = nowMs;
        rounds.put(tableId, r);
        become(tableId, r, State.SCHEDULED);
    }

    /** Takes no part any more; reports about it are answered with "unknown table". */
    public void unregister(long tableId) {
        rounds.remove(tableId);
        queue.remove(tableId);
    }

    public boolean isRegistered(long tableId) {
        return rounds.containsKey(tableId);
    }

    public void setFreshness(long tableId, long freshnessMs) {
        Round r = rounds.get(tableId);
        if (r != null) {
            r.freshnessMs = freshnessMs;
        }
    }

    /** Moves what is due, in the order in which it became due, and fails what went silent. */
    public void tick(long nowMs) {
        this.nowMs = nowMs;
        rounds.forEach(
                (id, r) -> {
                    if (r.state == State.TIERING && nowMs - r.heartbeatMs >= silenceMaxMs) {
                        r.note(silent(r));
                        become(id, r, State.FAILED);
                        become(id, r, State.PENDING);
                    }
                });
        List<Map.Entry<Long, Round>> due =
                rounds.entrySet().stream()
                        .filter(e -> e.getValue().state == State.SCHEDULED)
                        .filter(e -> e.getValue().dueMs() <= nowMs)
                        .sorted(
                                Comparator.comparingLong(
                                                (Map.Entry<Long, Round> e) -> e.getValue().dueMs())
                                        .thenComparing(Map.Entry::getKey))
                        .toList();
        due.forEach(e -> become(e.getKey(), e.getValue(), State.PENDING));
    }

    private TieringRound silent(Round r) {
        return TieringRound.untold(
                nowMs,
                nowMs - r.sinceMs,
                Optional.of(
                        "the tiering service was not heard of for "
                                + (nowMs - r.heartbeatMs) / 1000
                                + " s; the table is given to another one"));
    }

    /** Makes those of the tables that wait for their freshness due now, in the given order. */
    public void expedite(Collection<Long> tableIds) {
        for (Long id : tableIds) {
            Round r = rounds.get(id);
            if (r != null && r.state == State.SCHEDULED) {
                become(id, r, State.PENDING);
            }
        }
    }

    /** Hands out the table that waits longest; empty if none waits. */
    public Optional<Assigned> assign(long nowMs) {
        return assign(queue.peek(), nowMs);
    }

    /** Hands out the one of the wanted tables that waits longest; empty if none of them waits. */
    public Optional<Assigned> assign(Set<Long> wanted, long nowMs) {
        return assign(queue.stream().filter(wanted::contains).findFirst().orElse(null), nowMs);
    }

    private Optional<Assigned> assign(@Nullable Long id, long nowMs) {
        if (id == null) {
            return Optional.empty();
        }
        queue.remove(id);
        Round r = rounds.get(id);
        if (r == null) {
            throw new IllegalStateException("table " + id + " waits but is not registered");
        }
        become(id, r, State.TIERING);
        r.sinceMs = nowMs;
        r.heartbeatMs = nowMs;
        return Optional.of(new Assigned(id, r.epoch));
    }

    /** The service still works on the table. */
    public void renew(long tableId, long tieringEpoch, long nowMs) {
        inTiering(tableId, tieringEpoch).heartbeatMs = nowMs;
    }

    /** The round ended; if forced, the next one is due at once. */
    public void finish(long tableId, long tieringEpoch, boolean isForced, long nowMs) {
        Round r = inTiering(tableId, tieringEpoch);
        finish(tableId, tieringEpoch, isForced, nowMs, untold(r, nowMs, Optional.empty()));
    }

    /** As {@link #finish(long, long, boolean, long)}, with what the service tells of the round. */
    public void finish(
            long tableId, long tieringEpoch, boolean isForced, long nowMs, TieringRound round) {
        Round r = inTiering(tableId, tieringEpoch);
        this.nowMs = nowMs;
        r.note(round);
        become(tableId, r, State.TIERED);
        r.lastRoundMs = nowMs;
        become(tableId, r, isForced ? State.PENDING : State.SCHEDULED);
    }

    /** The round failed; the next one is due at once. */
    public void fail(long tableId, long tieringEpoch) {
        Round r = inTiering(tableId, tieringEpoch);
        fail(
                tableId,
                tieringEpoch,
                untold(r, nowMs, Optional.of("the tiering service gave the table back")));
    }

    /** As {@link #fail(long, long)}, with what the service tells of the round. */
    public void fail(long tableId, long tieringEpoch, TieringRound round) {
        Round r = inTiering(tableId, tieringEpoch);
        r.note(round);
        become(tableId, r, State.FAILED);
        become(tableId, r, State.PENDING);
    }

    private static TieringRound untold(Round r, long nowMs, Optional<String> error) {
        return TieringRound.untold(nowMs, nowMs - r.sinceMs, error);
    }

    /** How it stands with a table; empty if it takes no part. */
    public Optional<Status> status(long tableId) {
        Round r = rounds.get(tableId);
        if (r == null) {
            return Optional.empty();
        }
        int ahead = r.state == State.PENDING ? List.copyOf(queue).indexOf(tableId) : 0;
        return Optional.of(
                new Status(
                        r.state.name(),
                        r.sinceMs,
                        r.freshnessMs,
                        r.dueMs(),
                        ahead,
                        r.failuresInRow,
                        List.copyOf(r.past)));
    }

    State state(long tableId) {
        Round r = rounds.get(tableId);
        return r == null ? State.NEW : r.state;
    }

    private Round inTiering(long tableId, long tieringEpoch) {
        Round r = rounds.get(tableId);
        if (r == null) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    "table " + tableId + " is not tiered: it was dropped or its lake was disabled");
        }
        if (r.epoch != tieringEpoch) {
            throw ErrorReason.FENCED_TIERING_EPOCH.exception(
                    "table "
                            + tableId
                            + ": tiering epoch is "
                            + r.epoch
                            + ", the report carries "
                            + tieringEpoch);
        }
        if (r.state != State.TIERING) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    "table " + tableId + " is " + r.state + ", not being tiered");
        }
        return r;
    }

    private void become(long tableId, Round r, State next) {
        if (!r.state.canBecome(next)) {
            throw new IllegalStateException(
                    "table " + tableId + " cannot go from " + r.state + " to " + next);
        }
        r.state = next;
        r.sinceMs = nowMs;
        if (next == State.PENDING) {
            r.epoch++;
            queue.add(tableId);
        }
    }

    private static final class Round {
        private State state = State.NEW;
        private long freshnessMs;
        private long lastRoundMs;
        private long heartbeatMs;
        private long epoch;
        private long sinceMs;
        private int failuresInRow;
        private final ArrayDeque<TieringRound> past = new ArrayDeque<>();

        long dueMs() {
            return lastRoundMs + freshnessMs;
        }

        void note(TieringRound round) {
            failuresInRow = round.error().isPresent() ? failuresInRow + 1 : 0;
            past.addFirst(round);
            if (past.size() > ROUNDS_MAX) {
                past.removeLast();
            }
        }
    }
}
