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
package io.fluss.quickstart;

import java.util.ArrayDeque;
import java.util.Deque;

/** How old the oldest row is that the lake does not hold yet. Used by one thread. */
final class LagClock {
    private record Arrival(long rowsUpTo, long timeMs) {}

    private final Deque<Arrival> waiting = new ArrayDeque<>();

    /** All rows up to this number had arrived at that time. */
    void arrived(long rowsUpTo, long timeMs) {
        waiting.addLast(new Arrival(rowsUpTo, timeMs));
    }

    /**
     * Milliseconds since the first row beyond {@code lakeRows} arrived; 0 if the lake has them all.
     */
    long lagMs(long lakeRows, long nowMs) {
        Arrival first = waiting.peekFirst();
        while (first != null && first.rowsUpTo() <= lakeRows) {
            waiting.removeFirst();
            first = waiting.peekFirst();
        }
        return first == null ? 0 : nowMs - first.timeMs();
    }
}
