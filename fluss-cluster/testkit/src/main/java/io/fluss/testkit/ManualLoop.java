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
package io.fluss.testkit;

import io.fluss.loop.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * A loop that runs when a test says so, on the test's thread. Delayed tasks run when {@link
 * #advance} has turned the clock to their time.
 */
public final class ManualLoop implements Loop {
    private final ManualClock clock;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Delayed> delayed = new ArrayList<>();
    private boolean running;

    private record Delayed(long dueNanos, Runnable task) {}

    public ManualLoop(ManualClock clock) {
        this.clock = clock;
    }

    @Override
    public void execute(Runnable task) {
        tasks.addLast(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        Delayed d = new Delayed(clock.nanoTime() + delay.toNanos(), task);
        delayed.add(d);
        return () -> delayed.remove(d);
    }

    @Override
    public boolean isOwner() {
        return running;
    }

    /** Runs what waits, and what that sends, until nothing is left. */
    public void runAll() {
        for (Runnable t = tasks.pollFirst(); t != null; t = tasks.pollFirst()) {
            Runnable task = t;
            call(
                    () -> {
                        task.run();
                        return true;
                    });
        }
    }

    /** Runs the supplier at once as this loop's owner. */
    public <T> T call(Supplier<T> task) {
        boolean before = running;
        running = true;
        try {
            return task.get();
        } finally {
            running = before;
        }
    }

    /** Turns the clock and runs what is due by then. */
    public void advance(Duration by) {
        clock.advance(by);
        List<Delayed> due =
                delayed.stream()
                        .filter(d -> d.dueNanos <= clock.nanoTime())
                        .sorted(Comparator.comparingLong(Delayed::dueNanos))
                        .toList();
        for (Delayed d : due) {
            if (delayed.remove(d)) {
                execute(d.task);
            }
        }
        runAll();
    }

    /** Number of tasks that wait for their time. */
    public int delayedCount() {
        return delayed.size();
    }
}
