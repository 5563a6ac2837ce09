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
package io.fluss.client.lookup;

import com.google.protobuf.ByteString;
import io.fluss.client.append.Destination;
import io.fluss.errors.FlussException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keys of one bucket that are asked and answered together. Owned by the client's loop once it is
 * handed over.
 */
final class KeyGroup {
    private final Destination destination;
    private final List<ByteString> keys;
    private final long deadlineNanos;
    private final CompletableFuture<List<List<ByteBuffer>>> values = new CompletableFuture<>();
    private int attempts;
    private @Nullable FlussException lastError;

    KeyGroup(Destination destination, List<ByteString> keys, long deadlineNanos) {
        this.destination = destination;
        this.keys = keys;
        this.deadlineNanos = deadlineNanos;
    }

    Destination destination() {
        return destination;
    }

    List<ByteString> keys() {
        return keys;
    }

    /** What is found, by key. */
    CompletableFuture<List<List<ByteBuffer>>> values() {
        return values;
    }

    boolean isExpired(long nowNanos) {
        return nowNanos - deadlineNanos >= 0;
    }

    int attempts() {
        return attempts;
    }

    void countAttempt() {
        attempts++;
    }

    void failedWith(FlussException error) {
        lastError = error;
    }

    Optional<FlussException> lastError() {
        return Optional.ofNullable(lastError);
    }
}
