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
package io.fluss.tablet;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the fetches that wait for data, up to a bound. Thread-safe. */
final class WaitingFetches {
    private final int max;
    private final AtomicInteger count = new AtomicInteger();

    WaitingFetches(int max) {
        this.max = max;
    }

    /** Takes a place; false if all are taken. */
    boolean enter() {
        if (count.incrementAndGet() <= max) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }

    void leave() {
        count.decrementAndGet();
    }

    int size() {
        return count.get();
    }
}
