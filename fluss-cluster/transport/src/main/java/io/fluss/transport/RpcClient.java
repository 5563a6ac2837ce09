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

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Opens connections to servers; owns their Netty threads. Thread-safe. */
public final class RpcClient implements AutoCloseable {
    public RpcClient(TransportSettings settings, String softwareName, String softwareVersion) {
        throw new UnsupportedOperationException("to be written");
    }

    /**
     * Connects and does the handshake. Fails with NETWORK naming host and port.
     *
     * @param expected refuses a server of another type, if the server tells its type
     */
    public CompletableFuture<RpcConnection> connect(
            String host, int port, Optional<ServerType> expected) {
        throw new UnsupportedOperationException("to be written");
    }

    /** Closes all connections; requests in flight fail. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("to be written");
    }
}
