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
package io.fluss.tablet;

import com.google.protobuf.MessageLite;
import io.fluss.bytes.ByteParts;
import io.fluss.errors.FlussException;
import io.fluss.transport.Reply;
import java.util.concurrent.CompletableFuture;

/** Keeps what a handler replies. */
final class Answer implements Reply {
    final CompletableFuture<MessageLite> message = new CompletableFuture<>();

    @Override
    public void success(MessageLite m) {
        message.complete(m);
    }

    @Override
    public void success(ByteParts parts) {
        throw new AssertionError("no parts expected");
    }

    @Override
    public void failure(FlussException error) {
        message.completeExceptionally(error);
    }

    MessageLite join() {
        return message.join();
    }
}
