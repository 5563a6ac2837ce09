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

import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * Limits of connections; keys and defaults are those of the server behaviour document, section
 * 18.1.
 *
 * @param networkThreads Netty threads of a server or client
 * @param requestSizeMaxBytes largest request frame, length field included
 * @param connectionIdleMax a connection without reads and writes for this long is closed
 * @param inflightPerConnectionMax requests of one connection that may wait for answers; beyond it
 *     reading stops
 */
public record TransportSettings(
        int networkThreads,
        int requestSizeMaxBytes,
        Duration connectionIdleMax,
        int inflightPerConnectionMax) {

    public static TransportSettings from(Settings settings) {
        return new TransportSettings(
                settings.integer("netty.server.num-network-threads", 3),
                Math.toIntExact(settings.bytes("netty.server.max-request-size", 100L << 20)),
                settings.duration("netty.connection.max-idle-time", Duration.ofMinutes(10)),
                settings.integer("netty.server.max-queued-requests", 500));
    }
}
