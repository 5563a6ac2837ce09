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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.arrow.VectorFill;
import io.fluss.formats.row.RowValues;
import io.fluss.loop.Loop;
import io.fluss.table.TablePath;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.util.VectorSchemaRootAppender;
import org.jspecify.annotations.Nullable;

/**
 * Collects rows per destination until a batch is full or its time is over, and hands batches over
 * to the sender in order. Hand-over between appending threads and the client's loop: everything is
 * guarded by one lock, except the encoding of batches, which is the expensive part.
 *
 * <p>Invariant: {@code usedBytes} is the sum of what open, handed over and unacknowledged batches
 * reserve. It exceeds the bound only by a single batch that is larger than the bound itself.
 */
final class RowAccumulator implements AutoCloseable {
    private final TablePath table;
    private final WriterSettings.Batching settings;
    private final DataType.RowType type;
    private final BufferAllocator allocator;
    private final BatchCodec codec;
    private final Loop loop;
    private final Runnable wakeSender;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition memoryFreed = lock.newCondition();
    private final Map<Destination, OpenBatch> open = new LinkedHashMap<>();
    private final Deque<PendingBatch> sealed = new ArrayDeque<>();
    private final Set<PendingBatch> unfinished = new LinkedHashSet<>();
    private long usedBytes;
    private long nextOrder;
    private boolean closed;
    private @Nullable FlussException firstLoss;
    private @Nullable FlussException lastProblem;

    RowAccumulator(
            TablePath table,
            WriterSettings.Batching settings,
            DataType.RowType type,
            BufferAllocator allocator,
            BatchCodec codec,
            Loop loop,
            Runnable wakeSender) {
        this.table = table;
        this.settings = settings;
        this.type = type;
        this.allocator = allocator;
        this.codec = codec;
        this.loop = loop;
        this.wakeSender = wakeSender;
    }

    /** Bytes that some rows occupy, as vectors or as a batch, whatever is more. */
    long sizeOf(VectorSchemaRoot rows) {
        return codec.sizeOf(rows);
    }

    /**
     * Takes rows of about one batch or less; blocks while the memory is used up.
     *
     * @param canMove whether rows that do not fit into the open batch of the destination may go
     *     elsewhere: then they are not taken, but that batch is closed
     */
    Added add(Destination destination, VectorSchemaRoot rows, boolean canMove) {
        long size = sizeOf(rows);
        List<PendingBatch> toEncode = new ArrayList<>();
        Optional<PendingBatch> batch;
        boolean full;
        int index = 0;
        lock.lock();
        try {
            reserve(size);
            boolean alone = size >= settings.batchBytes() / 2;
            if (alone || overflows(destination, size)) {
                seal(destination).ifPresent(toEncode::add);
            }
            if (!alone && canMove && !toEncode.isEmpty()) {
                usedBytes -= size;
                batch = Optional.empty();
            } else if (alone) {
                // Encoded from the caller's vectors, without a copy.
                PendingBatch own = new PendingBatch(destination, nextOrder++, rows, false, size);
                // Claimed here: the vectors are the caller's only until this call returns.
                own.claim();
                batch = Optional.of(handOver(own));
            } else {
                OpenBatch current = openFor(destination);
                index = current.add(rows);
                batch = Optional.of(grown(destination, current, size, toEncode));
            }
            full = alone || !toEncode.isEmpty();
        } finally {
            lock.unlock();
        }
        toEncode.forEach(this::encodeIfFirst);
        if (size >= settings.batchBytes() / 2) {
            batch.ifPresent(this::encode);
        }
        if (full) {
            wakeSender.run();
        }
        int first = index;
        return new Added(batch.map(b -> new Place(b, first)), full);
    }

    /** As {@link #add(Destination, VectorSchemaRoot, boolean)} for a single row. */
    Added add(Destination destination, RowValues row, long size, boolean canMove) {
        List<PendingBatch> toEncode = new ArrayList<>();
        Optional<Place> place;
        lock.lock();
        try {
            reserve(size);
            if (overflows(destination, size)) {
                seal(destination).ifPresent(toEncode::add);
            }
            if (canMove && !toEncode.isEmpty()) {
                usedBytes -= size;
                place = Optional.empty();
            } else {
                place = Optional.of(addRow(destination, row, size, toEncode));
            }
        } finally {
            lock.unlock();
        }
        toEncode.forEach(this::encodeIfFirst);
        if (!toEncode.isEmpty()) {
            wakeSender.run();
        }
        return new Added(place, !toEncode.isEmpty());
    }

    private Place addRow(
            Destination destination, RowValues row, long size, List<PendingBatch> toEncode) {
        boolean isAdded = false;
        try {
            OpenBatch current = openFor(destination);
            int index = current.add(row);
            isAdded = true;
            return new Place(grown(destination, current, size, toEncode), index);
        } finally {
            if (!isAdded) {
                usedBytes -= size;
            }
        }
    }

    /** Where rows are in a batch that is not stored yet. */
    record Place(PendingBatch batch, int index) {}

    /**
     * What became of some rows.
     *
     * @param place of the first one; empty if they were not taken
     * @param isBatchFull whether a batch of the destination was closed
     */
    record Added(Optional<Place> place, boolean isBatchFull) {}

    private boolean overflows(Destination destination, long size) {
        OpenBatch current = open.get(destination);
        return current != null && current.batch.reservedBytes + size > settings.batchBytes();
    }

    private OpenBatch openFor(Destination destination) {
        OpenBatch known = open.get(destination);
        return known == null ? start(destination) : known;
    }

    private PendingBatch grown(
            Destination destination, OpenBatch current, long size, List<PendingBatch> toEncode) {
        current.batch.reservedBytes += size;
        if (current.batch.reservedBytes >= settings.batchBytes()
                || settings.batchTimeout().isZero()) {
            seal(destination).ifPresent(toEncode::add);
        }
        return current.batch;
    }

    private OpenBatch start(Destination destination) {
        VectorSchemaRoot rows = VectorSchemaRoot.create(ArrowSchemas.of(type), allocator);
        rows.allocateNew();
        PendingBatch batch = new PendingBatch(destination, nextOrder++, rows, true, 0);
        try {
            Loop.Timer timer =
                    loop.schedule(settings.batchTimeout(), () -> sealExpired(destination, batch));
            OpenBatch started = new OpenBatch(batch, rows, timer);
            open.put(destination, started);
            unfinished.add(batch);
            return started;
        } catch (RejectedExecutionException e) {
            rows.close();
            throw closedError();
        }
    }

    private void sealExpired(Destination destination, PendingBatch batch) {
        lock.lock();
        try {
            OpenBatch current = open.get(destination);
            if (current == null || current.batch.order() != batch.order()) {
                return;
            }
            var unused = seal(destination);
        } finally {
            lock.unlock();
        }
        wakeSender.run();
    }

    private Optional<PendingBatch> seal(Destination destination) {
        OpenBatch current = open.remove(destination);
        if (current == null) {
            return Optional.empty();
        }
        current.timer.cancel();
        current.complete();
        return Optional.of(handOver(current.batch));
    }

    private PendingBatch handOver(PendingBatch batch) {
        sealed.add(batch);
        unfinished.add(batch);
        return batch;
    }

    private void sealAll() {
        for (Destination d : List.copyOf(open.keySet())) {
            var unused = seal(d);
        }
    }

    private void reserve(long size) {
        long left = settings.bufferWait().toNanos();
        while (!closed && usedBytes > 0 && usedBytes + size > settings.bufferBytesMax()) {
            // Nothing would free memory if all of it were in open batches.
            sealAll();
            wakeSender.run();
            if (left <= 0) {
                throw noRoom(size);
            }
            try {
                left = memoryFreed.awaitNanos(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw ErrorReason.NETWORK.exception(
                        "interrupted while waiting for memory to buffer "
                                + size
                                + " bytes; client.writer.buffer.memory-size is "
                                + settings.bufferBytesMax(),
                        e);
            }
        }
        if (closed) {
            throw ErrorReason.NETWORK.exception("the writer of " + table + " is closed");
        }
        usedBytes += size;
    }

    private FlussException noRoom(long size) {
        String why =
                lastProblem == null
                        ? "the cluster takes rows too slowly"
                        : "the last problem was: " + lastProblem.getMessage();
        return ErrorReason.REQUEST_TIME_OUT.exception(
                table
                        + ": no room for "
                        + size
                        + " bytes within client.writer.buffer.wait-timeout ("
                        + settings.bufferWait().toMillis()
                        + " ms): "
                        + usedBytes
                        + " of "
                        + settings.bufferBytesMax()
                        + " bytes of client.writer.buffer.memory-size hold rows that are not"
                        + " acknowledged yet; "
                        + why);
    }

    private FlussException closedError() {
        return ErrorReason.NETWORK.exception(
                "the writer of " + table + " was closed before the rows were acknowledged");
    }

    /** What keeps batches from being stored at the moment, for error messages. */
    void noteProblem(FlussException problem) {
        lock.lock();
        try {
            lastProblem = problem;
        } finally {
            lock.unlock();
        }
    }

    /** The first failure that lost rows. */
    Optional<FlussException> firstLoss() {
        lock.lock();
        try {
            return Optional.ofNullable(firstLoss);
        } finally {
            lock.unlock();
        }
    }

    /** Encodes on the calling thread unless somebody else does or did. */
    void encodeIfFirst(PendingBatch batch) {
        if (batch.claim()) {
            encode(batch);
        }
    }

    private void encode(PendingBatch batch) {
        batch.encode(codec);
        long size = batch.bytes().map(ByteBuffer::remaining).orElse(0);
        lock.lock();
        try {
            usedBytes += size - batch.reservedBytes;
            batch.reservedBytes = size;
            memoryFreed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The batches that were handed over since the last call, in order. */
    List<PendingBatch> takeSealed() {
        lock.lock();
        try {
            List<PendingBatch> all = List.copyOf(sealed);
            sealed.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** The batch is stored: gives back its memory, then tells those who wait for it. */
    void finish(PendingBatch batch, AppendResult stored) {
        if (release(batch, null)) {
            batch.done().complete(stored);
        }
    }

    /** The batch is given up: gives back its memory, then tells those who wait for it. */
    void finish(PendingBatch batch, FlussException problem) {
        if (release(batch, problem)) {
            batch.done().completeExceptionally(problem);
        }
    }

    private boolean release(PendingBatch batch, @Nullable FlussException loss) {
        lock.lock();
        try {
            if (!unfinished.remove(batch)) {
                return false;
            }
            usedBytes -= batch.reservedBytes;
            batch.reservedBytes = 0;
            if (firstLoss == null) {
                firstLoss = loss;
            }
            if (loss == null) {
                lastProblem = null;
            }
            memoryFreed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Seals everything; done when all that was added is acknowledged, failed if some was not. */
    CompletableFuture<Void> flush() {
        CompletableFuture<?>[] all;
        lock.lock();
        try {
            sealAll();
            all = unfinished.stream().map(PendingBatch::done).toArray(CompletableFuture[]::new);
        } finally {
            lock.unlock();
        }
        wakeSender.run();
        return CompletableFuture.allOf(all);
    }

    long usedBytes() {
        lock.lock();
        try {
            return usedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Fails what is not acknowledged and refuses more. */
    @Override
    public void close() {
        List<PendingBatch> left;
        lock.lock();
        try {
            closed = true;
            sealAll();
            left = List.copyOf(unfinished);
            memoryFreed.signalAll();
        } finally {
            lock.unlock();
        }
        for (PendingBatch batch : left) {
            batch.discard();
            finish(batch, closedError());
        }
    }

    /** Rows that still grow. Guarded by the lock. */
    private final class OpenBatch {
        final PendingBatch batch;
        final Loop.Timer timer;
        private final VectorSchemaRoot rows;
        private @Nullable VectorFill fill;
        private int rowCount;

        OpenBatch(PendingBatch batch, VectorSchemaRoot rows, Loop.Timer timer) {
            this.batch = batch;
            this.rows = rows;
            this.timer = timer;
        }

        /** Adds rows; returns the index of the first. */
        int add(VectorSchemaRoot more) {
            complete();
            fill = null;
            VectorSchemaRootAppender.append(false, rows, more);
            int first = rowCount;
            rowCount += more.getRowCount();
            return first;
        }

        /** Adds a row; returns its index. */
        int add(RowValues row) {
            VectorFill to = fill;
            if (to == null) {
                to = VectorFill.onto(rows, type);
                fill = to;
            }
            to.add(row);
            return rowCount++;
        }

        void complete() {
            if (fill != null) {
                fill.finish();
            }
        }
    }
}
