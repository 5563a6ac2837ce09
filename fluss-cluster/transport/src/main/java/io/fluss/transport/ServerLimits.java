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

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * What clients of one listener may take from a server, so that none of them can exhaust it.
 *
 * @param connectionsMax connections at a time; another one is closed at once
 * @param connectionsPerAddressMax as above, from one address
 * @param greetingMax a connection that has not asked for the API versions by then is closed; until
 *     it has, it may send few and small requests only
 * @param frameMax the longest that a frame may take to arrive, besides a second per megabyte
 * @param requestMemoryMaxBytes frames being received or worked on; beyond it reading stops. A
 *     quarter of it is for frames up to {@link RequestMemory#SMALL_MAX_BYTES}
 */
public record ServerLimits(
        int connectionsMax,
        int connectionsPerAddressMax,
        Duration greetingMax,
        Duration frameMax,
        long requestMemoryMaxBytes) {
    static final int GREETING_FRAME_MAX_BYTES = 64 << 10;
    static final int GREETING_REQUESTS_MAX = 16;

    public static ServerLimits from(Settings s) {
        return new ServerLimits(
                atLeastOne(s, "netty.server.max-connections", 10_000),
                atLeastOne(s, "netty.server.max-connections-per-ip", Integer.MAX_VALUE),
                s.duration("netty.server.handshake-timeout", Duration.ofSeconds(30)),
                s.duration("netty.server.frame-timeout", Duration.ofSeconds(30)),
                s.bytes("netty.server.max-request-memory", 256L << 20));
    }

    private static int atLeastOne(Settings s, String key, int defaultValue) {
        int v = s.integer(key, defaultValue);
        if (v < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + v + ", but must be at least 1");
        }
        return v;
    }
}
