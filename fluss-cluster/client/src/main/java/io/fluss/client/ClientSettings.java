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
package io.fluss.client;

import io.fluss.client.append.WriterSettings;
import io.fluss.client.cluster.ServerAddress;
import io.fluss.client.current.CurrentSettings;
import io.fluss.client.lookup.LookupSettings;
import io.fluss.client.scan.ScannerSettings;
import io.fluss.settings.Settings;
import io.fluss.transport.TransportSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Options of a connection; names and, where they make sense here, defaults are those of the
 * published client.
 *
 * @param requestTimeout for one request, and for all attempts of a read together
 */
record ClientSettings(
        List<ServerAddress> bootstrap,
        Duration requestTimeout,
        Duration connectTimeout,
        TransportSettings transport,
        WriterSettings writer,
        ScannerSettings scanner,
        LookupSettings lookup,
        CurrentSettings current) {
    private static final String BOOTSTRAP = "bootstrap.servers";
    private static final int INFLIGHT_PER_CONNECTION_MAX = 1_000;
    private static final int FRAME_BYTES_MAX = 512 << 20;

    /**
     * Reads the options.
     *
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG naming option, value and remedy
     */
    static ClientSettings from(Map<String, String> options) {
        Settings s = Settings.of(options);
        return new ClientSettings(
                ServerAddress.parse(BOOTSTRAP, s.required(BOOTSTRAP)),
                s.duration("client.request-timeout", Duration.ofSeconds(30)),
                s.duration("client.connect-timeout", Duration.ofSeconds(30)),
                new TransportSettings(
                        s.integer("netty.client.num-network-threads", 1),
                        FRAME_BYTES_MAX,
                        s.duration("netty.connection.max-idle-time", Duration.ofMinutes(10)),
                        INFLIGHT_PER_CONNECTION_MAX),
                WriterSettings.from(s),
                ScannerSettings.from(s),
                LookupSettings.from(s),
                CurrentSettings.from(s));
    }
}
