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
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Rows that will be one log batch, from the moment they are complete until they are acknowledged.
 * Encoded once, by whoever claims it first; stamped and counted by the client's loop only. The
 * bytes of a stamped batch never change, so that sending it again is recognised as a duplicate.
 */
final class PendingBatch {
    private final Destination destination;
    private final long order;
    private final boolean isOwner;
    private final CompletableFuture<AppendResult> done = new CompletableFuture<>();
    private final AtomicBoolean claimed = new AtomicBoolean();
    private @Nullable VectorSchemaRoot rows;
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
     * @param rows read while encoding, and closed then if they are {@code isOwner}'s
     */
    PendingBatch(
            Destination destination,
            long order,
            VectorSchemaRoot rows,
            boolean isOwner,
            long reservedBytes) {
        this.isOwner = isOwner;
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

    /** The place of the first row. Completed on the client's loop, or by whoever closes. */
    CompletableFuture<AppendResult> done() {
        return done;
    }

    /** True for exactly one caller, who then encodes. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Encodes the rows; a failure is kept for the sender. */
    void encode(BatchCodec codec) {
        VectorSchemaRoot taken = rows;
        rows = null;
        try {
            if (taken == null) {
                throw new IllegalStateException("encoded twice");
            }
            bytes = codec.encode(taken).order(ByteOrder.LITTLE_ENDIAN);
        } catch (RuntimeException e) {
            problem = FlussException.from(e);
        } finally {
            if (isOwner && taken != null) {
                taken.close();
            }
        }
    }

    /** Frees the rows of a batch that will not be sent. */
    void discard() {
        if (claim()) {
            VectorSchemaRoot taken = rows;
            rows = null;
            if (isOwner && taken != null) {
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
    void stamp(long id, int number) {
        ByteBuffer b = bytes;
        if (b == null) {
            throw new IllegalStateException("stamped before it is encoded");
        }
        writerId = id;
        sequence = number;
        b.putLong(LogBatch.WRITER_ID_OFFSET, id);
        b.putInt(LogBatch.SEQUENCE_OFFSET, number);
        b.putInt(LogBatch.CRC_OFFSET, (int) LogBatch.at(b, 0).computedCrc());
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
