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
package io.fluss.log;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.filter.BatchFilter;
import io.fluss.formats.log.LogBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A read that leaves out the batches that a filter rules out. Of those only header and statistics
 * are looked at. Bounded: it ends after {@link #SEGMENTS_MAX} pieces in a row without a wanted
 * batch, a piece being a segment or a large part of one, and after {@link #BATCHES_MAX} batches; a
 * reader goes on at {@link #endOffset}. Used by one thread.
 */
public final class FilteredRead {
    private static final int SEGMENTS_MAX = 16;
    private static final int BATCHES_MAX = 10_000;
    private static final int WINDOW_BYTES = 64 << 20;
    private static final int PEEK_BYTES = 4 << 10;

    /** Larger statistics are not worth reading. */
    private static final int STATISTICS_BYTES_MAX = 64 << 10;

    private final BatchFilter filter;
    private final long fromOffset;
    private final long maxBytes;
    private final int firstBatchBytesMax;
    private final List<LogSlice.Range> wanted = new ArrayList<>();
    private final ByteBuffer peek =
            ByteBuffer.allocate(PEEK_BYTES + STATISTICS_BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);

    private long size;
    private long endOffset;
    private int ruledOut;
    private int inspected;
    private int emptyPieces;
    private boolean isFull;
    private @Nullable LogSlice slice;

    // What the buffer holds: bytes [peekStart, peekStart + peek.limit()) of a range.
    private LogSlice.@Nullable Range peeked;
    private int peekStart;

    private FilteredRead(
            BatchFilter filter, long fromOffset, int maxBytes, int firstBatchBytesMax) {
        this.filter = filter;
        this.fromOffset = fromOffset;
        this.maxBytes = Math.max(0, maxBytes);
        this.firstBatchBytesMax = firstBatchBytesMax;
        this.endOffset = fromOffset;
    }

    /**
     * Reads like {@link LogView#read}.
     *
     * @param firstBatchBytesMax gives the first wanted batch even if it alone is larger than {@code
     *     maxBytes}, up to this size
     */
    public static FilteredRead of(
            LogView log,
            BatchFilter filter,
            long fromOffset,
            int maxBytes,
            int firstBatchBytesMax,
            long upToOffset) {
        FilteredRead read = new FilteredRead(filter, fromOffset, maxBytes, firstBatchBytesMax);
        boolean done = false;
        try {
            read.run(log, upToOffset);
            done = true;
            return read;
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception("cannot read the log: " + e, e);
        } finally {
            if (!done) {
                read.slice().close();
            }
        }
    }

    private void run(LogView log, long upToOffset) throws IOException {
        boolean more = true;
        while (more && !isFull && emptyPieces < SEGMENTS_MAX && inspected < BATCHES_MAX) {
            long before = endOffset;
            try (LogSlice window = log.read(endOffset, WINDOW_BYTES, true, upToOffset)) {
                for (LogSlice.Range range : window.ranges()) {
                    if (!isFull && emptyPieces < SEGMENTS_MAX && inspected < BATCHES_MAX) {
                        inspect(range);
                    }
                }
            }
            more = endOffset > before;
        }
    }

    private void inspect(LogSlice.Range range) throws IOException {
        long sizeBefore = size;
        int start = -1;
        int at = 0;
        while (at < range.size() && !isFull && inspected < BATCHES_MAX) {
            ByteBuffer head = bytes(range, at, LogBatch.HEADER_SIZE);
            int batchSize = head.getInt(LogBatch.LENGTH_OFFSET) + LogBatch.LENGTH_OVERHEAD;
            long next = head.getLong(0) + head.getInt(LogBatch.LAST_OFFSET_DELTA_OFFSET) + 1;
            boolean isWanted = isWanted(range, at, batchSize, head);
            if (isWanted && !hasRoom(batchSize)) {
                isFull = true;
                break;
            }
            if (isWanted) {
                start = start < 0 ? at : start;
                size += batchSize;
            } else {
                take(range, start, at);
                start = -1;
                ruledOut++;
            }
            inspected++;
            endOffset = next;
            at += batchSize;
        }
        take(range, start, at);
        emptyPieces = size == sizeBefore ? emptyPieces + 1 : 0;
    }

    private boolean hasRoom(int batchSize) {
        return size + batchSize <= maxBytes || (size == 0 && batchSize <= firstBatchBytesMax);
    }

    private boolean isWanted(LogSlice.Range range, int at, int batchSize, ByteBuffer head)
            throws IOException {
        int records = head.getInt(LogBatch.RECORD_COUNT_OFFSET);
        if (head.get(LogBatch.MAGIC_OFFSET) != LogBatch.MAGIC_STATISTICS || records <= 0) {
            return true;
        }
        int headerSize = LogBatch.STATISTICS_HEADER_SIZE;
        int statistics = bytes(range, at, headerSize).getInt(headerSize - Integer.BYTES);
        if (statistics <= 0
                || statistics > STATISTICS_BYTES_MAX
                || statistics > batchSize - headerSize) {
            return true;
        }
        ByteBuffer all = bytes(range, at, headerSize + statistics);
        return filter.mayMatch(all.slice(headerSize, statistics), records);
    }

    private void take(LogSlice.Range range, int start, int end) {
        if (start >= 0 && start < end) {
            wanted.add(range.retained(start, end - start));
        }
    }

    /** Bytes of a range; small batches are read together. */
    private ByteBuffer bytes(LogSlice.Range range, int at, int length) throws IOException {
        boolean isThere =
                range.equals(peeked) && at >= peekStart && at + length <= peekStart + peek.limit();
        if (!isThere) {
            peek.clear().limit(Math.min(range.size() - at, Math.max(length, PEEK_BYTES)));
            range.read(peek, at);
            peek.flip();
            peeked = range;
            peekStart = at;
        }
        return peek.slice(at - peekStart, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The wanted batches; the caller closes it. */
    public LogSlice slice() {
        if (slice == null) {
            slice = new LogSlice(wanted);
        }
        return slice;
    }

    /** Behind the last batch that was looked at and is in the slice or ruled out. */
    public long endOffset() {
        return endOffset;
    }

    /** Whether the read came further than where it began. */
    public boolean isProgress() {
        return endOffset > fromOffset;
    }

    /** Number of batches left out. */
    public int ruledOut() {
        return ruledOut;
    }
}
