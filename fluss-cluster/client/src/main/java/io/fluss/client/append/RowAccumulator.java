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

import io.fluss.client.cluster.Blocking;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.loop.Loop;
import io.fluss.table.TablePath;
import java.nio.ByteBuffer;
import java.time.Duration;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Collects rows per destination until a batch is full or its time is over, and hands batches over
 * to the sender in order. Hand-over between appending threads and the client's loop: everything is
 * guarded by one lock, except the encoding of batches, which is the expensive part.
 *
 * <p>Invariant: {@code usedBytes} is the sum of what open, handed over and unacknowledged batches
 * reserve. It exceeds the bound only by a single batch that is larger than the bound itself.
 */
final class RowAccumulator<R extends BatchRows> implements AutoCloseable {
    private final TablePath table;
    private final WriterSettings.Batching settings;
    private final Supplier<R> newRows;
    private final Loop loop;
    private final Runnable wakeSender;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition memoryFreed = lock.newCondition();
    private final Map<Destination, OpenBatch<R>> open = new LinkedHashMap<>();
    private final Deque<PendingBatch> sealed = new ArrayDeque<>();
    private final Set<PendingBatch> unfinished = new LinkedHashSet<>();

    /** Settled, but those who wait for them are still being told. */
    private final Set<PendingBatch> telling = new LinkedHashSet<>();

    private long usedBytes;
    private long nextOrder;
    private boolean closed;
    private @Nullable FlussException firstLoss;
    private @Nullable FlussException lastProblem;

    RowAccumulator(
            TablePath table,
            WriterSettings.Batching settings,
            Supplier<R> newRows,
            Loop loop,
            Runnable wakeSender) {
        this.table = table;
        this.settings = settings;
        this.newRows = newRows;
        this.loop = loop;
        this.wakeSender = wakeSender;
    }

    /**
     * Takes rows of about one batch or less into the open batch of a destination; blocks while the
     * memory is used up.
     *
     * @param size bytes that the rows occupy, as they are or as a batch, whatever is more
     * @param canMove whether rows that do not fit into the open batch of the destination may go
     *     elsewhere: then they are not taken, but that batch is closed
     * @param adding adds the rows and gives the index of the first; called under the lock
     */
    Added add(Destination destination, long size, boolean canMove, ToIntFunction<R> adding) {
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
                place = Optional.of(addRows(destination, size, adding, toEncode));
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

    private Place addRows(
            Destination destination,
            long size,
            ToIntFunction<R> adding,
            List<PendingBatch> toEncode) {
        boolean isAdded = false;
        try {
            OpenBatch<R> current = openFor(destination);
            int index = adding.applyAsInt(current.rows);
            isAdded = true;
            return new Place(grown(destination, current, size, toEncode), index);
        } finally {
            if (!isAdded) {
                usedBytes -= size;
            }
        }
    }

    /**
     * Takes rows that are a batch of their own; blocks while the memory is used up.
     *
     * @param rows encoded before the call returns
     */
    Added addAlone(Destination destination, BatchRows rows, long size) {
        Optional<PendingBatch> before;
        PendingBatch own;
        lock.lock();
        try {
            reserve(size);
            before = seal(destination);
            own = new PendingBatch(destination, nextOrder++, rows, size);
            // Claimed here: what is in the rows is the caller's only until this call returns.
            own.claim();
            handOver(own);
        } finally {
            lock.unlock();
        }
        before.ifPresent(this::encodeIfFirst);
        encode(own);
        wakeSender.run();
        return new Added(Optional.of(new Place(own, 0)), true);
    }

    /** Whether rows of that size are better off as a batch of their own. */
    boolean isLarge(long size) {
        return size >= settings.batchBytes() / 2;
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
        OpenBatch<R> current = open.get(destination);
        return current != null && current.batch.reservedBytes + size > settings.batchBytes();
    }

    private OpenBatch<R> openFor(Destination destination) {
        OpenBatch<R> known = open.get(destination);
        return known == null ? start(destination) : known;
    }

    private PendingBatch grown(
            Destination destination, OpenBatch<R> current, long size, List<PendingBatch> toEncode) {
        current.batch.reservedBytes += size;
        if (current.batch.reservedBytes >= settings.batchBytes()
                || settings.batchTimeout().isZero()) {
            seal(destination).ifPresent(toEncode::add);
        }
        return current.batch;
    }

    private OpenBatch<R> start(Destination destination) {
        R rows = newRows.get();
        PendingBatch batch = new PendingBatch(destination, nextOrder++, rows, 0);
        try {
            Loop.Timer timer =
                    loop.schedule(settings.batchTimeout(), () -> sealExpired(destination, batch));
            OpenBatch<R> started = new OpenBatch<>(batch, rows, timer);
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
            OpenBatch<R> current = open.get(destination);
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
        OpenBatch<R> current = open.remove(destination);
        if (current == null) {
            return Optional.empty();
        }
        current.timer.cancel();
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
        batch.encode();
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
    void finish(PendingBatch batch, Stored stored) {
        if (release(batch, null)) {
            batch.finish(stored);
            told(batch);
        }
    }

    /** The batch is given up: gives back its memory, then tells those who wait for it. */
    void finish(PendingBatch batch, FlussException problem) {
        if (release(batch, problem)) {
            batch.finish(problem);
            told(batch);
        }
    }

    private void told(PendingBatch batch) {
        lock.lock();
        try {
            telling.remove(batch);
        } finally {
            lock.unlock();
        }
    }

    private boolean release(PendingBatch batch, @Nullable FlussException loss) {
        lock.lock();
        try {
            if (!unfinished.remove(batch)) {
                return false;
            }
            telling.add(batch);
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

    /**
     * Seals everything; done when all that was added is acknowledged and the results of its rows
     * are there, failed if some was not.
     */
    CompletableFuture<Void> flush() {
        CompletableFuture<?>[] all;
        lock.lock();
        try {
            sealAll();
            all =
                    Stream.concat(telling.stream(), unfinished.stream())
                            .map(PendingBatch::told)
                            .toArray(CompletableFuture[]::new);
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

    /**
     * Flushes, waits at most so long, then closes.
     *
     * @throws FlussException if something was lost, or may be
     */
    void drain(Duration timeout) {
        try {
            CompletableFuture<Void> settled = flush().handle((done, failure) -> null);
            Blocking.await(
                    settled.completeOnTimeout(null, timeout.toNanos(), TimeUnit.NANOSECONDS),
                    "the last rows of " + table);
        } finally {
            close();
        }
        firstLoss()
                .ifPresent(
                        loss -> {
                            throw loss.reason()
                                    .exception(
                                            table + ": rows were lost: " + loss.getMessage(), loss);
                        });
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
    private record OpenBatch<R>(PendingBatch batch, R rows, Loop.Timer timer) {}
}
