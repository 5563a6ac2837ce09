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
package io.fluss.replication;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Writers that wait for the high watermark to reach the end of what they appended. Pure; owned by
 * the loop of the bucket, which also keeps the time.
 *
 * @param <T> who waits
 */
public final class PendingAcks<T> {
    private final Deque<Waiting<T>> waiting = new ArrayDeque<>();

    private record Waiting<T>(long endOffset, T who) {}

    /** Appends come in the order of their offsets; a repeated batch may come with a lower one. */
    public void add(long endOffset, T who) {
        waiting.addLast(new Waiting<>(endOffset, who));
    }

    /** Takes out those who need not wait any more. */
    public List<T> reached(long highWatermark) {
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<T> out = new ArrayList<>();
        waiting.removeIf(
                w -> {
                    boolean done = w.endOffset() <= highWatermark;
                    if (done) {
                        out.add(w.who());
                    }
                    return done;
                });
        return out;
    }

    /** Takes out one; false if it waits no more. */
    public boolean remove(T who) {
        return waiting.removeIf(w -> w.who().equals(who));
    }

    /** Takes out all. */
    public List<T> drain() {
        List<T> out = waiting.stream().map(Waiting::who).toList();
        waiting.clear();
        return out;
    }

    public int size() {
        return waiting.size();
    }
}
