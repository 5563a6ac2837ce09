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
package io.fluss.spark.connection;

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;

/**
 * The open connections of this JVM, one for each distinct set of client settings, shared by the
 * driver and all tasks. Thread-safe.
 *
 * <p>Invariant: a connection is closed only when nobody holds a lease on it. One that is not leased
 * stays open for {@link #IDLE}, so that the next query or micro-batch finds it; idle ones are
 * closed when any lease is taken or given back.
 */
public final class SharedConnections {
    static final Duration IDLE = Duration.ofMinutes(5);

    private static final SharedConnections JVM =
            new SharedConnections(Connection::open, SystemClock.INSTANCE);

    private final Function<Map<String, String>, Connection> opener;
    private final Clock clock;
    private final Map<Map<String, String>, Entry> entries = new HashMap<>();

    SharedConnections(Function<Map<String, String>, Connection> opener, Clock clock) {
        this.opener = opener;
        this.clock = clock;
    }

    /** A lease on the connection of these client settings; opens it if there is none. */
    public static Lease lease(Map<String, String> settings) {
        return JVM.take(settings);
    }

    /** Closes what nobody uses, without waiting for its time. */
    public static void closeIdle() {
        JVM.closeIdle(Duration.ZERO);
    }

    synchronized Lease take(Map<String, String> settings) {
        closeIdle(IDLE);
        Map<String, String> key = Map.copyOf(settings);
        Entry e = entries.get(key);
        if (e == null) {
            e = new Entry(opener.apply(key));
            entries.put(key, e);
        }
        e.leases++;
        return new Lease(this, e);
    }

    synchronized void giveBack(Entry entry) {
        entry.leases--;
        entry.idleSinceNanos = clock.nanoTime();
        closeIdle(IDLE);
    }

    synchronized void closeIdle(Duration longerThan) {
        long now = clock.nanoTime();
        for (Iterator<Entry> i = entries.values().iterator(); i.hasNext(); ) {
            Entry e = i.next();
            if (e.leases == 0 && now - e.idleSinceNanos >= longerThan.toNanos()) {
                i.remove();
                e.connection.close();
            }
        }
    }

    /** A connection and who uses it; guarded by the owner's monitor. */
    private static final class Entry {
        private final Connection connection;
        private int leases;
        private long idleSinceNanos;

        Entry(Connection connection) {
            this.connection = connection;
        }
    }

    /** The right to use a connection until closed. Used by one thread at a time. */
    public static final class Lease implements AutoCloseable {
        private final SharedConnections owner;
        private final Entry entry;
        private boolean isClosed;

        private Lease(SharedConnections owner, Entry entry) {
            this.owner = owner;
            this.entry = entry;
        }

        public Connection connection() {
            return entry.connection;
        }

        public Admin admin() {
            return entry.connection.admin();
        }

        /** Gives the lease back; the connection stays open for others. */
        @Override
        public void close() {
            if (!isClosed) {
                isClosed = true;
                owner.giveBack(entry);
            }
        }
    }
}
