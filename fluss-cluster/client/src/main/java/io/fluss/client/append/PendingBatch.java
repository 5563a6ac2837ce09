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
package io.fluss.client.append;

import io.fluss.errors.FlussException;
import io.fluss.formats.log.LogBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Rows that will be one batch, from the moment they are complete until they are acknowledged.
 * Encoded once, by whoever claims it first; stamped and counted by the client's loop only. The
 * bytes of a stamped batch never change, so that sending it again is recognised as a duplicate.
 */
final class PendingBatch {
    private final Destination destination;
    private final long order;
    private final CompletableFuture<Stored> done = new CompletableFuture<>();
    private final CompletableFuture<Void> told = new CompletableFuture<>();
    private final AtomicBoolean claimed = new AtomicBoolean();
    private @Nullable BatchRows rows;
    private volatile @Nullable ByteBuffer bytes;
    private volatile @Nullable FlussException problem;

    /** Guarded by the accumulator's lock. */
    long reservedBytes;

    private long writerId = LogBatch.NO_WRITER;
    private int sequence = LogBatch.NO_SEQUENCE;
    private int attempts;
    private long deadlineNanos;
    private @Nullable FlussException lastError;

    /**
     * A batch that is not encoded yet.
     *
     * @param order of the batches of a writer
     * @param rows closed once they are encoded
     */
    PendingBatch(Destination destination, long order, BatchRows rows, long reservedBytes) {
        this.destination = destination;
        this.order = order;
        this.rows = rows;
        this.reservedBytes = reservedBytes;
    }

    Destination destination() {
        return destination;
    }

    long order() {
        return order;
    }

    /**
     * What the server says of the batch; for appends the place of the first row. Completed on the
     * client's loop, or by whoever closes.
     */
    CompletableFuture<Stored> done() {
        return done;
    }

    /**
     * Like {@link #done}, but completed when all that depends on that has been: who waits for this
     * finds the results of all rows there.
     */
    CompletableFuture<Void> told() {
        return told;
    }

    void finish(Stored stored) {
        done.complete(stored);
        told.complete(null);
    }

    void finish(FlussException failure) {
        done.completeExceptionally(failure);
        told.completeExceptionally(failure);
    }

    /** True for exactly one caller, who then encodes. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Encodes the rows; a failure is kept for the sender. */
    void encode() {
        BatchRows taken = rows;
        rows = null;
        try {
            if (taken == null) {
                throw new IllegalStateException("encoded twice");
            }
            try (taken) {
                bytes = taken.encode().order(ByteOrder.LITTLE_ENDIAN);
            }
        } catch (RuntimeException e) {
            problem = FlussException.from(e);
        }
    }

    /** Frees the rows of a batch that will not be sent. */
    void discard() {
        if (claim()) {
            BatchRows taken = rows;
            rows = null;
            if (taken != null) {
                taken.close();
            }
        }
    }

    Optional<ByteBuffer> bytes() {
        return Optional.ofNullable(bytes);
    }

    Optional<FlussException> problem() {
        return Optional.ofNullable(problem);
    }

    boolean isStamped() {
        return sequence != LogBatch.NO_SEQUENCE;
    }

    /** Gives the batch its place among those of the writer; the checksum covers it. */
    void stamp(WriteApi api, long id, int number) {
        ByteBuffer b = bytes;
        if (b == null) {
            throw new IllegalStateException("stamped before it is encoded");
        }
        writerId = id;
        sequence = number;
        api.stamp(b, id, number);
    }

    /** The next stamp is a new one: the server knows nothing of the old. */
    void unstamp() {
        writerId = LogBatch.NO_WRITER;
        sequence = LogBatch.NO_SEQUENCE;
    }

    long writerId() {
        return writerId;
    }

    int sequence() {
        return sequence;
    }

    int attempts() {
        return attempts;
    }

    void countAttempt() {
        attempts++;
    }

    /** When the batch is given up. */
    void expireAt(long nanos) {
        deadlineNanos = nanos;
    }

    boolean isExpired(long nowNanos) {
        return nowNanos - deadlineNanos >= 0;
    }

    void failedWith(FlussException error) {
        lastError = error;
    }

    Optional<FlussException> lastError() {
        return Optional.ofNullable(lastError);
    }
}
