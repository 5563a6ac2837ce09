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

import java.net.InetSocketAddress;

/**
 * A listening socket that answers the protocol: framing, handshake, error frames, limits;
 * dispatches to handlers. Thread-safe.
 */
public final class RpcServer implements AutoCloseable {
    private RpcServer() {}

    /**
     * Binds and starts to answer.
     *
     * @param bind port 0 takes a free port
     * @throws io.fluss.errors.FlussException with NETWORK if the address cannot be bound, naming it
     */
    public static RpcServer start(
            String listener,
            InetSocketAddress bind,
            ServerType type,
            ApiHandlers handlers,
            TransportSettings settings) {
        throw new UnsupportedOperationException("to be written");
    }

    /** The port that is bound. */
    public int port() {
        throw new UnsupportedOperationException("to be written");
    }

    /** Stops taking connections, closes those that are open, and releases the threads. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("to be written");
    }
}
