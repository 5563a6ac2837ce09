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

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what the clients of one listener take, against its limits. Thread-safe. */
final class Admission {
    private static final long LOG_EVERY_NANOS = 1_000_000_000L;

    private final ServerLimits limits;
    private final RequestMemory memory;
    private final AtomicLong lastLogNanos = new AtomicLong(System.nanoTime() - LOG_EVERY_NANOS);

    // Guarded by this.
    private int connections;

    // Guarded by this.
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();

    Admission(ServerLimits limits) {
        this.limits = limits;
        this.memory = new RequestMemory(limits.requestMemoryMaxBytes());
    }

    ServerLimits limits() {
        return limits;
    }

    RequestMemory memory() {
        return memory;
    }

    /** Counts a connection, unless there are too many; false then. */
    synchronized boolean connect(SocketAddress from) {
        int same = byAddress.getOrDefault(address(from), 0);
        if (connections >= limits.connectionsMax() || same >= limits.connectionsPerAddressMax()) {
            return false;
        }
        connections++;
        byAddress.put(address(from), same + 1);
        return true;
    }

    /** A counted connection has ended. */
    synchronized void disconnect(SocketAddress from) {
        connections--;
        byAddress.computeIfPresent(address(from), (a, n) -> n == 1 ? null : n - 1);
    }

    private static InetAddress address(SocketAddress from) {
        return from instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress()
                : InetAddress.getLoopbackAddress();
    }

    /** At most once a second: what a hostile client does must not fill the log. */
    boolean mayLog() {
        long now = System.nanoTime();
        long last = lastLogNanos.get();
        return now - last >= LOG_EVERY_NANOS && lastLogNanos.compareAndSet(last, now);
    }
}
