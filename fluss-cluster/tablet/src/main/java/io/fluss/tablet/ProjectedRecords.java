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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts chosen columns out of stored batches. Small batches are read together into one pooled buffer
 * and sent as slices of it. Of a large batch only the metadata and the chosen columns are read:
 * large buffers leave by zero-copy transfer, small neighbours are read at once. There is never one
 * read per column buffer. Used by one thread.
 */
final class ProjectedRecords {
    private static final int PEEK = 16 << 10;
    private static final int LARGE_BUFFER = 64 << 10;
    private static final int GAP_MAX = 16 << 10;

    private final LogSlice slice;
    private final DirectBuffers buffers;
    private final List<ByteParts.Part> parts = new ArrayList<>();
    private final List<ByteBuffer> taken = new ArrayList<>();
    private long size;

    // The bytes [windowStart, windowStart + window.limit()) of the range that is read.
    private ByteBuffer window = ByteBuffer.allocate(0);
    private int windowStart;

    private ProjectedRecords(LogSlice slice, DirectBuffers buffers) {
        this.slice = slice;
        this.buffers = buffers;
    }

    /**
     * The projected batches; closing them closes the slice.
     *
     * @param maxBytes bound on the projected bytes
     * @param firstBatchBytesMax the first batch comes even if it is larger, up to this
     */
    static ByteParts of(
            LogSlice slice,
            BatchProjection projection,
            int maxBytes,
            int firstBatchBytesMax,
            DirectBuffers buffers) {
        ProjectedRecords r = new ProjectedRecords(slice, buffers);
        boolean done = false;
        try {
            r.run(projection, maxBytes, firstBatchBytesMax);
            done = true;
            return ByteParts.of(r.parts, r::release);
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception("cannot read the log: " + e, e);
        } finally {
            if (!done) {
                r.release();
            }
        }
    }

    private void release() {
        taken.forEach(buffers::giveBack);
        slice.close();
    }

    private void run(BatchProjection projection, int maxBytes, int firstBatchBytesMax)
            throws IOException {
        for (LogSlice.Range range : slice.ranges()) {
            window = ByteBuffer.allocate(0);
            windowStart = 0;
            for (int at = 0; at < range.size(); ) {
                ByteBuffer head = bytes(range, at, Math.min(LogBatch.HEADER_SIZE, range.size()));
                int batchSize = head.getInt(LogBatch.LENGTH_OFFSET) + LogBatch.LENGTH_OVERHEAD;
                BatchProjection.Layout layout = projection.layout(metadata(range, at, batchSize));
                int room = size == 0 ? Math.max(maxBytes, firstBatchBytesMax) : maxBytes;
                if (size + layout.size() > room) {
                    return;
                }
                add(range, at, batchSize, layout);
                size += layout.size();
                at += batchSize;
            }
        }
    }

    /** The start of a batch, as much as its layout needs. */
    private ByteBuffer metadata(LogSlice.Range range, int at, int batchSize) throws IOException {
        int have = LogBatch.HEADER_SIZE;
        while (true) {
            ByteBuffer start = bytes(range, at, have);
            int need = BatchProjection.metadataSize(start);
            if (need <= have) {
                return start;
            }
            have = Math.min(need, batchSize);
        }
    }

    private void add(LogSlice.Range range, int at, int batchSize, BatchProjection.Layout layout)
            throws IOException {
        if (at >= windowStart && at + batchSize <= windowStart + window.limit()) {
            parts.addAll(layout.cut(bytes(range, at, batchSize)).parts());
            return;
        }
        parts.add(new ByteParts.Memory(layout.prefix()));
        long[] r = layout.ranges();
        for (int i = 0; i < r.length; ) {
            if (r[i + 1] >= LARGE_BUFFER) {
                parts.add(range.part(at + (int) r[i], (int) r[i + 1]));
                i += 2;
                continue;
            }
            int first = i;
            long end = r[i] + r[i + 1];
            for (i += 2; i < r.length; i += 2) {
                long next = r[i] + r[i + 1];
                boolean near = r[i] >= end && r[i] - end <= GAP_MAX;
                if (!near || r[i + 1] >= LARGE_BUFFER || next - r[first] > DirectBuffers.SIZE) {
                    break;
                }
                end = next;
            }
            ByteBuffer together = take((int) (end - r[first]));
            range.read(together, at + (int) r[first]);
            for (int k = first; k < i; k += 2) {
                parts.add(
                        new ByteParts.Memory(
                                together.slice((int) (r[k] - r[first]), (int) r[k + 1])));
            }
        }
    }

    /** Bytes of a range in memory, little-endian; reads ahead where batches are small. */
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
        boolean readAhead = batchSize <= DirectBuffers.SIZE && left > peek.limit();
        if (readAhead && length <= DirectBuffers.SIZE) {
            ByteBuffer ahead = take(Math.min(left, DirectBuffers.SIZE));
            range.read(ahead, at);
            window = ahead.flip();
        } else {
            window = peek;
        }
        windowStart = at;
    }

    /** A pooled buffer for so many bytes, given back when the answer was sent. */
    private ByteBuffer take(int length) {
        ByteBuffer b = buffers.take();
        taken.add(b);
        return b.limit(length).slice();
    }
}
