package io.fluss.tiering.spark;

import io.fluss.client.Connection;
import java.util.HashMap;
import java.util.Map;

/**
 * Connections shared by the tasks of one executor process, one per cluster that the job talks to,
 * so one. They end with the process; the client reconnects by itself. Thread-safe.
 */
final class ProcessConnection {
    private static final Object LOCK = new Object();

    private static final Map<Map<String, String>, Connection> OPEN = new HashMap<>();

    private ProcessConnection() {}

    static Connection of(Map<String, String> settings) {
        synchronized (LOCK) {
            return OPEN.computeIfAbsent(Map.copyOf(settings), Connection::open);
        }
    }

    /** Closes all; for a driver in local mode that ends. */
    static void closeAll() {
        synchronized (LOCK) {
            OPEN.values().forEach(Connection::close);
            OPEN.clear();
        }
    }
}
