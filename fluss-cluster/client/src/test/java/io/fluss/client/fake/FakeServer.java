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
package io.fluss.client.fake;

import com.google.protobuf.MessageLite;
import io.fluss.errors.ErrorReason;
import io.fluss.protocol.ApiKey;
import io.fluss.transport.RpcConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The only connection to a server; answers by rules, or keeps requests until a test answers. */
public final class FakeServer implements RpcConnection {
    private final Map<ApiKey, Function<MessageLite, CompletableFuture<MessageLite>>> rules =
            new EnumMap<>(ApiKey.class);
    private final Deque<Incoming> waiting = new ArrayDeque<>();
    private final List<ApiKey> received = new ArrayList<>();
    private int leased;
    private boolean open = true;

    /** A request without a rule. */
    public record Incoming(ApiKey api, MessageLite request, CompletableFuture<MessageLite> answer) {
        public void fail(ErrorReason reason) {
            answer.completeExceptionally(reason.exception("by the test"));
        }
    }

    /** Answers an API at once. */
    public FakeServer on(ApiKey api, Function<MessageLite, MessageLite> rule) {
        rules.put(api, q -> CompletableFuture.completedFuture(rule.apply(q)));
        return this;
    }

    /** Answers the next request of an API at once; later ones wait. */
    public FakeServer once(ApiKey api, Function<MessageLite, MessageLite> rule) {
        rules.put(
                api,
                q -> {
                    rules.remove(api);
                    return CompletableFuture.completedFuture(rule.apply(q));
                });
        return this;
    }

    /** Refuses an API at once. */
    public FakeServer refuse(ApiKey api, ErrorReason reason) {
        rules.put(api, q -> CompletableFuture.failedFuture(reason.exception("by the test")));
        return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <R extends MessageLite> CompletableFuture<R> send(
            ApiKey api, MessageLite request, Duration timeout) {
        received.add(api);
        var rule = rules.get(api);
        if (rule != null) {
            return (CompletableFuture<R>) rule.apply(request);
        }
        Incoming incoming = new Incoming(api, request, new CompletableFuture<>());
        waiting.add(incoming);
        return (CompletableFuture<R>) (CompletableFuture<?>) incoming.answer();
    }

    @Override
    public <R extends MessageLite> CompletableFuture<Leased<R>> sendLeased(
            ApiKey api, MessageLite request, Duration timeout) {
        return this.<R>send(api, request, timeout)
                .thenApply(
                        message -> {
                            leased++;
                            return new Lease<>(message);
                        });
    }

    /** The oldest request that waits. */
    public Incoming take() {
        Incoming next = waiting.poll();
        if (next == null) {
            throw new AssertionError("no request waits; received were " + received);
        }
        return next;
    }

    public int waitingCount() {
        return waiting.size();
    }

    public long receivedCount(ApiKey api) {
        return received.stream().filter(a -> a == api).count();
    }

    /** Leases that were handed out and not closed. */
    public int leasedCount() {
        return leased;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    private final class Lease<R> implements Leased<R> {
        private final R message;

        Lease(R message) {
            this.message = message;
        }

        @Override
        public R message() {
            return message;
        }

        @Override
        public void close() {
            leased--;
        }
    }
}
