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

import io.fluss.formats.log.LogBatch;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One segment as it was at one moment: file, size, and index entries. Immutable: the arrays may
 * have room behind the counts, which the owner of the log fills later; what lies below the counts
 * never changes.
 *
 * @param offsetIndex (last offset of the batch - base offset) in the upper half, position in the
 *     lower half, ascending
 * @param timeIndex pairs of commit time and (base offset of the first batch with it - base offset)
 * @param timeCount number of pairs
 * @param maxTimestampMs -1 for an empty segment
 */
@SuppressWarnings(
        "ArrayRecordComponent") // never compared, and the arrays are never changed below the counts
record SegmentView(
        long baseOffset,
        long endOffset,
        SegmentFile file,
        int size,
        long[] offsetIndex,
        int offsetCount,
        long[] timeIndex,
        int timeCount,
        long maxTimestampMs) {

    /** A batch by its header. */
    record BatchAt(int position, long baseOffset, int size, int lastOffsetDelta, long timestampMs) {
        long nextOffset() {
            return baseOffset + lastOffsetDelta + 1;
        }

        int end() {
            return position + size;
        }
    }

    /**
     * Position of the batch that holds the offset, and the segment's size for its end offset.
     *
     * @param offset from base to end offset
     */
    int positionOf(long offset) throws IOException {
        if (offset >= endOffset) {
            return size;
        }
        int position = indexedPosition(offset - baseOffset);
        while (position < size) {
            BatchAt b = batchAt(position);
            if (b.nextOffset() > offset) {
                return position;
            }
            position = b.end();
        }
        return size;
    }

    /** The end of the last whole batch in {@code [from, limit)}; {@code from} if none fits. */
    int lastBatchEnd(int from, int limit) throws IOException {
        if (limit >= size) {
            return size;
        }
        int end = from;
        int low = lowerBoundByPosition(limit);
        if (low >= 0) {
            end = Math.max(end, (int) offsetIndex[low]);
        }
        while (end < limit) {
            BatchAt b = batchAt(end);
            if (b.end() > limit) {
                break;
            }
            end = b.end();
        }
        return end;
    }

    /** Base offset of the first batch whose commit time is at or after the given one. */
    long offsetAtTime(long timestampMs) throws IOException {
        int low = 0;
        int high = timeCount;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (timeIndex[2 * mid] < timestampMs) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        int position = low == 0 ? 0 : positionOf(baseOffset + timeIndex[2 * (low - 1) + 1]);
        while (position < size) {
            BatchAt b = batchAt(position);
            if (b.timestampMs() >= timestampMs) {
                return b.baseOffset();
            }
            position = b.end();
        }
        return endOffset;
    }

    /** Reads the header of the batch that starts at a position. */
    BatchAt batchAt(int position) throws IOException {
        ByteBuffer header =
                ByteBuffer.allocate(LogBatch.HEADER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        file.read(header, position);
        if (header.hasRemaining()) {
            throw new EOFException(
                    file.path() + ": no batch header at byte " + position + " of " + size);
        }
        int batchSize = header.getInt(LogBatch.LENGTH_OFFSET) + LogBatch.LENGTH_OVERHEAD;
        if (batchSize < LogBatch.HEADER_SIZE || batchSize > size - position) {
            throw new IOException(
                    file.path() + ": batch at byte " + position + " has the size " + batchSize);
        }
        return new BatchAt(
                position,
                header.getLong(0),
                batchSize,
                header.getInt(LogBatch.LAST_OFFSET_DELTA_OFFSET),
                header.getLong(LogBatch.TIMESTAMP_OFFSET));
    }

    private int indexedPosition(long relativeOffset) {
        int low = 0;
        int high = offsetCount;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (offsetIndex[mid] >>> 32 <= relativeOffset) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low == 0 ? 0 : (int) offsetIndex[low - 1];
    }

    /** The last entry whose position is at most the given one, or -1. */
    private int lowerBoundByPosition(int position) {
        int low = 0;
        int high = offsetCount;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if ((int) offsetIndex[mid] <= position) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low - 1;
    }
}
