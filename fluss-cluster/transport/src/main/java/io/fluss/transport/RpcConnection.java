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

import com.google.protobuf.MessageLite;
import io.fluss.protocol.ApiKey;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One ready connection. Thread-safe; requests are sent in call order, answers may come in any
 * order.
 */
public interface RpcConnection extends AutoCloseable {

    /**
     * Sends a request. The answer owns its memory. Fails with the server's error, with
     * UNSUPPORTED_VERSION if the server does not list the API, with NETWORK if the connection ends,
     * with STORAGE_BACKPRESSURE if too many requests wait on this connection, and with
     * REQUEST_TIME_OUT after the timeout. The future is completed on a Netty thread, which must not
     * be blocked.
     */
    <R extends MessageLite> CompletableFuture<R> send(
            ApiKey api, MessageLite request, Duration timeout);

    /**
     * As {@link #send}, for answers with bulk data: {@code bytes} and {@code string} fields of the
     * answer share the memory of the received frame and must not be read after the lease is closed.
     * A lease that nobody takes (the future was completed otherwise) is closed here.
     */
    <R extends MessageLite> CompletableFuture<Leased<R>> sendLeased(
            ApiKey api, MessageLite request, Duration timeout);

    boolean isOpen();

    @Override
    void close();

    /** An answer and the frame memory under it; close exactly once. */
    interface Leased<R> extends AutoCloseable {
        R message();

        @Override
        void close();
    }
}
