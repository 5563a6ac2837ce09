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

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Fetches that wait for one bucket. Thread-safe hand-over: who registers looks at the bucket's
 * snapshot again afterwards, who changes the bucket publishes the snapshot first and wakes then, so
 * that no change is missed. Bound: the host counts the waiting fetches.
 */
final class FetchWaiters {
    private final Set<FetchCall> waiting = ConcurrentHashMap.newKeySet();

    void add(FetchCall call) {
        waiting.add(call);
    }

    void remove(FetchCall call) {
        waiting.remove(call);
    }

    /** There is more to read. */
    void wake() {
        for (FetchCall c : waiting) {
            c.tryFinish();
        }
    }

    /** The bucket is not served here any more: whoever waits is answered. */
    void end() {
        for (FetchCall c : waiting) {
            c.finish();
        }
    }

    int size() {
        return waiting.size();
    }
}
