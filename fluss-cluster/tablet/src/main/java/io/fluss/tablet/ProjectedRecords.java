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

import io.fluss.bytes.ByteParts;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.log.LogBatch;
import io.fluss.log.LogSlice;
import io.fluss.log.MappedRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cuts chosen columns out of stored batches. Of large batches the answer has slices of the mapped
 * file, put together by layouts that are kept, so that nothing of them is read again. Small batches
 * are read many at once into pooled memory, and the answer has slices of that. There is never one
 * read per column buffer. Used by one thread.
 */
final class ProjectedRecords {
    private static final int PEEK = 16 << 10;

    /** A smaller batch is read together with its neighbours. */
    private static final int LARGE_BATCH = 32 << 10;

    /** Bytes that are read for one bucket; what is mapped does not count. */
    private static final int READ_MAX = 8 << 20;

    private final AnswerMemory memory;
    private final ProjectionLayouts layouts;
    private final BatchProjection projection;
    private final List<ByteParts.Part> parts = new ArrayList<>();
    private long size;
    private long read;

    // The bytes [windowStart, windowStart + window.limit()) of the range that is read.
    private ByteBuffer window = ByteBuffer.allocate(0);
    private int windowStart;

    private ProjectedRecords(
            AnswerMemory memory, ProjectionLayouts layouts, BatchProjection projection) {
        this.memory = memory;
        this.layouts = layouts;
        this.projection = projection;
    }

    /**
     * The projected batches; closing them closes the slice. Fewer than asked for if too much would
     * have to be read, but at least one if its size allows it.
     *
     * @param memory open for as long as the result is used
     * @param maxBytes bound on the projected bytes
     * @param firstBatchBytesMax the first batch comes even if it is larger, up to this
     */
    static ByteParts of(
            LogSlice slice,
            BatchProjection projection,
            int maxBytes,
            int firstBatchBytesMax,
            ProjectionLayouts layouts,
            AnswerMemory memory) {
        ProjectedRecords r = new ProjectedRecords(memory, layouts, projection);
        boolean done = false;
        try {
            r.run(slice, maxBytes, firstBatchBytesMax);
            done = true;
            return ByteParts.of(r.parts, slice::close);
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception("cannot read the log: " + e, e);
        } finally {
            if (!done) {
                slice.close();
            }
        }
    }

    private void run(LogSlice slice, int maxBytes, int firstBatchBytesMax) throws IOException {
        for (LogSlice.Range range : slice.ranges()) {
            Optional<MappedRange> mapped = memory.map(range);
            window = ByteBuffer.allocate(0);
            windowStart = 0;
            for (int at = 0; at < range.size(); ) {
                if (read > READ_MAX) {
                    return;
                }
                BatchProjection.Layout layout = layout(range, at);
                int room = size == 0 ? Math.max(maxBytes, firstBatchBytesMax) : maxBytes;
                if (size + layout.size() > room) {
                    return;
                }
                add(range, mapped, at, layout);
                size += layout.size();
                at += layout.storedSize();
            }
        }
    }

    private BatchProjection.Layout layout(LogSlice.Range range, int at) throws IOException {
        LogSlice.Place place = range.placeOf(at);
        Optional<BatchProjection.Layout> known = layouts.get(projection, place);
        if (known.isPresent()) {
            return known.get();
        }
        int have = Math.min(LogBatch.HEADER_SIZE, range.size() - at);
        ByteBuffer start = bytes(range, at, have);
        for (int need; (need = BatchProjection.metadataSize(start)) > have; have = need) {
            start = bytes(range, at, Math.min(need, range.size() - at));
        }
        BatchProjection.Layout layout = projection.layout(start);
        if (layout.storedSize() >= LARGE_BATCH) {
            layouts.put(projection, place, layout);
        }
        return layout;
    }

    private void add(
            LogSlice.Range range,
            Optional<MappedRange> mapped,
            int at,
            BatchProjection.Layout layout)
            throws IOException {
        parts.add(new ByteParts.Memory(layout.prefix()));
        boolean isLarge = layout.storedSize() >= LARGE_BATCH;
        Optional<ByteBuffer> batch = Optional.empty();
        if (!isLarge) {
            batch = Optional.of(bytes(range, at, layout.storedSize()));
        } else if (mapped.isEmpty() && layout.storedSize() <= DirectBuffers.SIZE) {
            batch = Optional.of(memory.read(range, at, layout.storedSize()));
        }
        for (int i = 0; i < layout.rangeCount(); i++) {
            int from = layout.rangeStart(i);
            int length = layout.rangeLength(i);
            if (batch.isPresent()) {
                parts.add(new ByteParts.Memory(batch.get().slice(from, length)));
            } else if (mapped.isPresent()) {
                mapped.get().addTo(parts, at + from, length);
            } else {
                parts.add(range.part(at + from, length));
            }
        }
    }

    /** Bytes of a range, little-endian; of small batches many are read at once. */
    private ByteBuffer bytes(LogSlice.Range range, int at, int length) throws IOException {
        if (at < windowStart || at + length > windowStart + window.limit()) {
            load(range, at, length);
        }
        return window.slice(at - windowStart, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void load(LogSlice.Range range, int at, int length) throws IOException {
        int left = range.size() - at;
        ByteBuffer peek = ByteBuffer.allocate(Math.min(left, Math.max(length, PEEK)));
        peek.order(ByteOrder.LITTLE_ENDIAN);
        range.read(peek, at);
        peek.flip();
        int batchSize = peek.getInt(LogBatch.LENGTH_OFFSET) + LogBatch.LENGTH_OVERHEAD;
        if (batchSize < LARGE_BATCH && left > peek.limit()) {
            window = memory.read(range, at, Math.min(left, DirectBuffers.SIZE));
        } else {
            window = peek;
        }
        windowStart = at;
        read += window.limit();
    }
}
