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

import io.fluss.client.Admin;
import io.fluss.client.cluster.Cluster;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.RowConverter;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.loop.Loop;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Appends to a log table. Thread-safe. The calling thread checks, copies or encodes rows; the
 * client's loop sends them. Futures complete on that loop: what hangs on them must not block.
 */
public final class LogAppendWriter implements AppendWriter {
    private final WriterSettings settings;
    private final BufferAllocator allocator;
    private final RowCheck check;
    private final RowConverter converter;
    private final RowRouter router;
    private final BatchCodec codec;
    private final RowAccumulator<VectorRows> accumulator;

    private LogAppendWriter(
            TableInfo table,
            WriterSettings settings,
            RowRouter router,
            BufferAllocator allocator,
            BatchCodec codec,
            RowAccumulator<VectorRows> accumulator) {
        this.settings = settings;
        this.allocator = allocator;
        this.check = RowCheck.ofLog(table);
        this.converter = RowConverter.of(table);
        this.router = router;
        this.codec = codec;
        this.accumulator = accumulator;
    }

    /**
     * A writer of its own for a table; the loop is shared.
     *
     * @throws FlussException with INVALID_TABLE if it is not a log table
     */
    public static LogAppendWriter open(
            TableInfo table, WriterSettings settings, Cluster cluster, Admin admin, Loop loop) {
        return open(table, settings, cluster, admin, loop, SystemClock.INSTANCE);
    }

    static LogAppendWriter open(
            TableInfo table,
            WriterSettings settings,
            Cluster cluster,
            Admin admin,
            Loop loop,
            Clock clock) {
        checkKind(table);
        RowRouter router =
                new RowRouter(table, settings.assigner(), cluster, new java.util.Random());
        BufferAllocator allocator = new RootAllocator();
        BatchCodec codec = BatchCodec.of(table);
        BatchSender<RowAccumulator<VectorRows>> sender =
                new BatchSender<>(
                        table,
                        settings,
                        cluster,
                        admin,
                        loop,
                        clock,
                        new LogWrites(
                                table.tableId(),
                                settings.acks(),
                                (int) cluster.requestTimeout().toMillis()),
                        wake ->
                                new RowAccumulator<>(
                                        table.path(),
                                        settings.batching(),
                                        () ->
                                                new VectorRows(
                                                        table.schema().rowType(), allocator, codec),
                                        loop,
                                        wake));
        return new LogAppendWriter(table, settings, router, allocator, codec, sender.accumulator());
    }

    private static void checkKind(TableInfo table) {
        if (table.hasPrimaryKey()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table.path() + " has a primary key: rows are upserted, not appended");
        }
    }

    @Override
    public CompletableFuture<Void> append(VectorSchemaRoot rows) {
        check.check(rows);
        if (rows.getRowCount() == 0) {
            return CompletableFuture.completedFuture(null);
        }
        List<CompletableFuture<Void>> parts = new ArrayList<>();
        if (router.isSticky()) {
            addInChunks(router.sticky(), rows, parts);
        } else {
            router.route(rows).forEach((to, positions) -> addSome(to, rows, positions, parts));
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new));
    }

    @Override
    public CompletableFuture<AppendResult> append(GenericRow row) {
        RowConverter.Converted converted = converter.convert(row);
        Destination destination = router.destination(converted.values());
        RowAccumulator.Added added = add(destination, converted, router.canMove());
        if (added.place().isEmpty()) {
            added = add(router.afterFullBatch(destination), converted, false);
        }
        RowAccumulator.Place place = added.place().orElseThrow();
        return place.batch().done().thenApply(first -> offsetOf(first, place.index()));
    }

    private RowAccumulator.Added add(
            Destination destination, RowConverter.Converted row, boolean canMove) {
        return accumulator.add(
                destination, row.sizeBytes(), canMove, rows -> rows.add(row.values()));
    }

    private static AppendResult offsetOf(Stored first, int index) {
        return new AppendResult(
                first.bucket(),
                first.offset() == AppendResult.UNKNOWN_OFFSET
                        ? AppendResult.UNKNOWN_OFFSET
                        : first.offset() + index);
    }

    private void addSome(
            Destination destination,
            VectorSchemaRoot rows,
            int[] positions,
            List<CompletableFuture<Void>> parts) {
        if (positions.length == rows.getRowCount()) {
            addInChunks(destination, rows, parts);
            return;
        }
        try (VectorSchemaRoot some = picked(rows, positions)) {
            addInChunks(destination, some, parts);
        }
    }

    private VectorSchemaRoot picked(VectorSchemaRoot rows, int[] positions) {
        VectorSchemaRoot some = VectorSchemaRoot.create(rows.getSchema(), allocator);
        for (int c = 0; c < rows.getFieldVectors().size(); c++) {
            var from = rows.getVector(c);
            var to = some.getVector(c);
            to.setInitialCapacity(positions.length);
            to.allocateNew();
            for (int i = 0; i < positions.length; i++) {
                to.copyFromSafe(positions[i], i, from);
            }
            to.setValueCount(positions.length);
        }
        some.setRowCount(positions.length);
        return some;
    }

    private void addInChunks(
            Destination first, VectorSchemaRoot rows, List<CompletableFuture<Void>> parts) {
        int count = rows.getRowCount();
        long size = codec.sizeOf(rows);
        int chunk = (int) Math.max(1, Math.min(count, count * (long) batchBytes() / size));
        Destination destination = first;
        for (int start = 0; start < count; start += chunk) {
            int length = Math.min(chunk, count - start);
            if (length == count) {
                destination = add(destination, rows, parts);
            } else {
                try (VectorSchemaRoot slice = rows.slice(start, length)) {
                    destination = add(destination, slice, parts);
                }
            }
        }
    }

    /** Adds the rows of one batch or less; returns where to go on. */
    private Destination add(
            Destination wanted, VectorSchemaRoot rows, List<CompletableFuture<Void>> parts) {
        Destination destination = wanted;
        long size = codec.sizeOf(rows);
        RowAccumulator.Added added;
        if (accumulator.isLarge(size)) {
            // Encoded from the caller's vectors, without a copy.
            added = accumulator.addAlone(destination, new Borrowed(rows, codec), size);
        } else {
            added = accumulator.add(destination, size, router.canMove(), to -> to.add(rows));
            if (added.place().isEmpty()) {
                destination = router.afterFullBatch(destination);
                added = accumulator.add(destination, size, false, to -> to.add(rows));
            }
        }
        parts.add(added.place().orElseThrow().batch().done().thenApply(stored -> null));
        return added.isBatchFull() ? router.afterFullBatch(destination) : destination;
    }

    /** Vectors of the caller. */
    private record Borrowed(VectorSchemaRoot rows, BatchCodec codec) implements BatchRows {
        @Override
        public ByteBuffer encode() {
            return codec.encode(rows);
        }

        @Override
        public void close() {}
    }

    private int batchBytes() {
        return settings.batching().batchBytes();
    }

    @Override
    public CompletableFuture<Void> flush() {
        return accumulator.flush();
    }

    @Override
    public void close() {
        // Bounded all the same: every batch is acknowledged or fails at its delivery timeout.
        close(Duration.ofNanos(Long.MAX_VALUE));
    }

    @Override
    public void close(Duration timeout) {
        try {
            accumulator.drain(timeout);
        } finally {
            allocator.close();
        }
    }
}
