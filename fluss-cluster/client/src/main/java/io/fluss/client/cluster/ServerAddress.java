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
package io.fluss.client.cluster;

import io.fluss.errors.ErrorReason;
import io.fluss.transport.ServerType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a server listens.
 *
 * @param type absent for an address that was configured: any kind of server may answer there
 */
public record ServerAddress(String host, int port, Optional<ServerType> type) {

    /**
     * Reads {@code host:port,host:port}.
     *
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG naming the option and the part
     */
    public static List<ServerAddress> parse(String option, String text) {
        List<ServerAddress> all = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String address = part.trim();
            if (!address.isEmpty()) {
                all.add(parseOne(option, address));
            }
        }
        if (all.isEmpty()) {
            throw invalid(option, text);
        }
        return List.copyOf(all);
    }

    private static ServerAddress parseOne(String option, String address) {
        int colon = address.lastIndexOf(':');
        if (colon <= 0) {
            throw invalid(option, address);
        }
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            if (port < 1 || port > 65_535) {
                throw invalid(option, address);
            }
            return new ServerAddress(address.substring(0, colon), port, Optional.empty());
        } catch (NumberFormatException e) {
            throw invalid(option, address);
        }
    }

    private static RuntimeException invalid(String option, String value) {
        return ErrorReason.INVALID_CONFIG.exception(
                "option '"
                        + option
                        + "' has the value '"
                        + value
                        + "', but must be a list like host1:9123,host2:9123");
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
