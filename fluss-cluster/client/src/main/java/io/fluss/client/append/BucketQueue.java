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

import io.fluss.formats.log.LogBatch;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The unacknowledged batches of one bucket and the numbers they are sent with. Owned by the
 * client's loop.
 *
 * <p>Normally up to {@code inflightMax} batches are under way. After a failure the queue
 * <em>recovers</em>: only the oldest batch is sent until one is acknowledged, because all behind it
 * would be out of order. When the server has lost track of the writer, the queue is <em>reset</em>:
 * once nothing is under way any more, it starts again at sequence 0 with a new writer id.
 */
final class BucketQueue {
    private final int inflightMax;
    private final TreeMap<Long, PendingBatch> waiting = new TreeMap<>();
    private final TreeMap<Long, PendingBatch> underway = new TreeMap<>();
    private int failures;
    private boolean isRecovering;
    private long notBeforeNanos;
    private boolean isPaused;
    private long writerId = LogBatch.NO_WRITER;
    private int nextSequence;

    BucketQueue(int inflightMax) {
        this.inflightMax = inflightMax;
    }

    void add(PendingBatch batch) {
        waiting.put(batch.order(), batch);
    }

    /** The batch to send now. */
    Optional<PendingBatch> next(long nowNanos) {
        if (waiting.isEmpty() || underway.size() >= inflightMax) {
            return Optional.empty();
        }
        if (isRecovering && !underway.isEmpty()) {
            return Optional.empty();
        }
        if (isPaused && nowNanos - notBeforeNanos < 0) {
            return Optional.empty();
        }
        isPaused = false;
        PendingBatch first = waiting.firstEntry().getValue();
        return isTooFarAhead(first) ? Optional.empty() : Optional.of(first);
    }

    /**
     * A server recognises only the last few batches as duplicates. Answers may overtake each other,
     * so the distance to the oldest unacknowledged batch counts, not the number under way.
     */
    private boolean isTooFarAhead(PendingBatch batch) {
        if (underway.isEmpty() || batch.isStamped() || needsWriterId()) {
            return false;
        }
        int oldest = underway.firstEntry().getValue().sequence();
        return ((nextSequence - oldest) & Integer.MAX_VALUE) >= inflightMax;
    }

    boolean isEmpty() {
        return waiting.isEmpty() && underway.isEmpty();
    }

    Collection<PendingBatch> waiting() {
        return List.copyOf(waiting.values());
    }

    /** Whether a writer id must be given before the next batch can be stamped. */
    boolean needsWriterId() {
        return writerId == LogBatch.NO_WRITER;
    }

    /** Whether batches of an earlier writer id are still under way. */
    boolean mustDrain() {
        return needsWriterId() && !underway.isEmpty();
    }

    void useWriterId(long id) {
        writerId = id;
        nextSequence = 0;
    }

    long writerId() {
        return writerId;
    }

    /** Stamps a batch with the next sequence. */
    void stamp(PendingBatch batch, WriteApi api) {
        batch.stamp(api, writerId, nextSequence);
        nextSequence = after(nextSequence);
    }

    void sent(PendingBatch batch) {
        waiting.remove(batch.order());
        batch.countAttempt();
        underway.put(batch.order(), batch);
    }

    /** Gives a batch up, which is not under way. */
    void drop(PendingBatch batch) {
        waiting.remove(batch.order());
    }

    void acknowledged(PendingBatch batch) {
        underway.remove(batch.order());
        failures = 0;
        // While others are under way, this one was sent before the failure: their answers may still
        // be about the gap, and must not be mistaken for answers to what is sent next.
        if (underway.isEmpty()) {
            isRecovering = false;
        }
    }

    /** Whether all batches before this one are acknowledged. */
    boolean isNextToAcknowledge(PendingBatch batch) {
        return underway.firstKey() == batch.order()
                && (waiting.isEmpty() || waiting.firstKey() > batch.order());
    }

    /** The batch failed for good. */
    void failed(PendingBatch batch) {
        underway.remove(batch.order());
    }

    /** The batch will be sent again, before all later ones. */
    void putBack(PendingBatch batch) {
        underway.remove(batch.order());
        isRecovering = true;
        waiting.put(batch.order(), batch);
        if (batch.isStamped() && batch.writerId() != writerId) {
            batch.unstamp();
        }
    }

    /** Starts again with a new writer id; what waits gets new stamps. */
    void reset() {
        writerId = LogBatch.NO_WRITER;
        waiting.values().forEach(PendingBatch::unstamp);
    }

    int countFailure() {
        return ++failures;
    }

    void pauseUntil(long nanos) {
        notBeforeNanos = nanos;
        isPaused = true;
    }

    private static int after(int sequence) {
        return sequence == Integer.MAX_VALUE ? 0 : sequence + 1;
    }
}
