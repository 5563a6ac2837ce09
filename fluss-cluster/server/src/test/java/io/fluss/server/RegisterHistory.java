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
package io.fluss.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What writers and readers did to one key, and whether it could have happened one operation after
 * the other: each took effect at one moment between its call and its answer, and each read gave
 * what the last write had left. Operations of one lane follow each other.
 */
final class RegisterHistory {
    /** Of a write without an answer: it may take effect at any time. */
    static final long NEVER = Long.MAX_VALUE;

    private final Map<Integer, List<Operation>> lanes = new HashMap<>();

    /**
     * One operation.
     *
     * @param value written or read; empty for a delete, or for a read that found nothing
     */
    record Operation(boolean isWrite, Optional<String> value, long start, long end) {}

    void add(int lane, Operation operation) {
        lanes.computeIfAbsent(lane, l -> new ArrayList<>()).add(operation);
    }

    int size() {
        return lanes.values().stream().mapToInt(List::size).sum();
    }

    /** Where each lane stands, and what the register holds. */
    private record State(List<Integer> next, Optional<String> value) {}

    /** Whether an order of all answered operations exists. */
    boolean isLinearizable() {
        List<List<Operation>> all = List.copyOf(lanes.values());
        Integer[] zero = new Integer[all.size()];
        Arrays.fill(zero, 0);
        List<State> open = new ArrayList<>(List.of(new State(List.of(zero), Optional.empty())));
        Set<State> seen = new HashSet<>(open);
        while (!open.isEmpty()) {
            State s = open.remove(open.size() - 1);
            if (isEnd(all, s)) {
                return true;
            }
            for (State next : after(all, s)) {
                if (seen.add(next)) {
                    open.add(next);
                }
            }
        }
        return false;
    }

    private static boolean isEnd(List<List<Operation>> all, State s) {
        for (int lane = 0; lane < all.size(); lane++) {
            for (Operation o : rest(all, s, lane)) {
                if (o.end() != NEVER) {
                    return false;
                }
            }
        }
        return true;
    }

    private static List<Operation> rest(List<List<Operation>> all, State s, int lane) {
        return all.get(lane).subList(s.next().get(lane), all.get(lane).size());
    }

    /** An operation may be next if none that is left was answered before it was called. */
    private static List<State> after(List<List<Operation>> all, State s) {
        long firstEnd = NEVER;
        for (int lane = 0; lane < all.size(); lane++) {
            List<Operation> rest = rest(all, s, lane);
            firstEnd = rest.isEmpty() ? firstEnd : Math.min(firstEnd, rest.get(0).end());
        }
        List<State> states = new ArrayList<>();
        for (int lane = 0; lane < all.size(); lane++) {
            List<Operation> rest = rest(all, s, lane);
            if (rest.isEmpty() || rest.get(0).start() > firstEnd) {
                continue;
            }
            Operation o = rest.get(0);
            if (o.isWrite()) {
                states.add(stepped(s, lane, o.value()));
            } else if (o.value().equals(s.value())) {
                return List.of(stepped(s, lane, s.value())); // a read that fits changes nothing
            }
        }
        return states;
    }

    private static State stepped(State s, int lane, Optional<String> value) {
        List<Integer> next = new ArrayList<>(s.next());
        next.set(lane, next.get(lane) + 1);
        return new State(List.copyOf(next), value);
    }
}
