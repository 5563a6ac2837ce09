package io.fluss.client;

import io.fluss.client.append.WriterSettings;
import io.fluss.client.cluster.ServerAddress;
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
        ScannerSettings scanner) {
    private static final String BOOTSTRAP = "bootstrap.servers";
    private static final int INFLIGHT_PER_CONNECTION_MAX = 1_000;
    private static final int FRAME_BYTES_MAX = 512 << 20;

    /**
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
                ScannerSettings.from(s));
    }
}
