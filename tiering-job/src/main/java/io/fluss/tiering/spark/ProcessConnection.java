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
}
