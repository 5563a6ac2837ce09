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
package io.fluss.server;

import com.google.protobuf.MessageLite;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.transport.ApiHandler;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Answers requests by functions, once the cluster is ready; before that the answer is a retriable
 * error, so that nobody takes a table for missing while the metadata is being read. Thread-safe.
 */
final class Gate {
    private volatile boolean isOpen;

    void open() {
        isOpen = true;
    }

    /** A request that is answered at once. */
    <Q extends MessageLite> ApiHandler<Q> now(Function<Q, ? extends MessageLite> answer) {
        return (request, context, reply) -> {
            check();
            reply.success(answer.apply(request));
        };
    }

    /** A request that is answered later. */
    <Q extends MessageLite> ApiHandler<Q> later(
            Function<Q, ? extends CompletableFuture<? extends MessageLite>> answer) {
        return (request, context, reply) -> {
            check();
            // The reply is the only consumer of the result.
            var unused =
                    answer.apply(request)
                            .whenComplete(
                                    (message, failure) -> {
                                        if (failure == null) {
                                            reply.success(message);
                                        } else {
                                            reply.failure(FlussException.from(failure));
                                        }
                                    });
        };
    }

    /** A request that this cluster refuses. */
    <Q extends MessageLite> ApiHandler<Q> refused(ErrorReason reason, String message) {
        return (request, context, reply) -> reply.failure(reason.exception(message));
    }

    void check() {
        if (!isOpen) {
            throw ErrorReason.NETWORK.exception("the cluster is starting; try again");
        }
    }
}
