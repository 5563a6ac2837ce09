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
package io.fluss.transport;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Memory of the request frames of one listener. Large and small frames have a share each, so that
 * large ones never keep small ones waiting; a frame above its whole share is taken when it is alone
 * in it. A frame is counted with its full size before its first byte is stored: one that was let in
 * never waits for another. Thread-safe.
 */
final class RequestMemory {
    static final int SMALL_MAX_BYTES = 64 << 10;

    private final long largeMax;
    private final long smallMax;

    // Guarded by this.
    private long large;

    // Guarded by this.
    private long small;

    // Guarded by this. Each at most once; bounded by the number of connections.
    private final Set<Runnable> waiting = new LinkedHashSet<>();

    RequestMemory(long maxBytes) {
        this.smallMax = maxBytes / 4;
        this.largeMax = maxBytes - smallMax;
    }

    /**
     * Takes memory for a frame.
     *
     * @param retry called once, on any thread, when it is worth asking again; must not block
     * @return false if there is none now
     */
    synchronized boolean take(int bytes, Runnable retry) {
        boolean isSmall = bytes <= SMALL_MAX_BYTES;
        long used = isSmall ? small : large;
        if (used > 0 && used + bytes > (isSmall ? smallMax : largeMax)) {
            waiting.add(retry);
            return false;
        }
        waiting.remove(retry);
        if (isSmall) {
            small += bytes;
        } else {
            large += bytes;
        }
        return true;
    }

    /** Gives back what was taken for a frame. */
    void give(int bytes) {
        List<Runnable> now = List.of();
        synchronized (this) {
            if (bytes <= SMALL_MAX_BYTES) {
                small -= bytes;
            } else {
                large -= bytes;
            }
            if (!waiting.isEmpty()) {
                now = new ArrayList<>(waiting);
                waiting.clear();
            }
        }
        now.forEach(Runnable::run);
    }

    /** Somebody who waits has gone. */
    synchronized void forget(Runnable retry) {
        waiting.remove(retry);
    }

    /** Bytes of all frames now. */
    synchronized long used() {
        return large + small;
    }
}
