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
package io.fluss.client.scan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Hands events of other threads over to the thread that polls. Bounded by what the scanner has
 * under way: one fetch per server, one refresh, one wake-up.
 */
final class Mailbox {
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private boolean closed;

    /** Something that happened elsewhere; exactly one of the two methods is called. */
    interface Event {
        /** On the polling thread. */
        void happen();

        /** The scanner is closed; on any thread. */
        void drop();
    }

    void put(Event event) {
        synchronized (this) {
            if (!closed) {
                events.add(event);
                return;
            }
        }
        event.drop();
    }

    /** Lets all waiting events happen; waits for the first one if there is none. */
    boolean deliver(Duration wait) throws InterruptedException {
        Event first = events.poll(Math.max(0, wait.toNanos()), TimeUnit.NANOSECONDS);
        if (first == null) {
            return false;
        }
        List<Event> all = new ArrayList<>();
        all.add(first);
        events.drainTo(all);
        all.forEach(Event::happen);
        return true;
    }

    void close() {
        List<Event> left = new ArrayList<>();
        synchronized (this) {
            closed = true;
            events.drainTo(left);
        }
        left.forEach(Event::drop);
    }
}
