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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * @param unchecked runs of batches that are checked before they are read for the first time
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
        long maxTimestampMs,
        UncheckedRuns unchecked) {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentView.class);

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
        int position = startOf(runOfOffset(offset - baseOffset));
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
        int end = Math.max(from, startOf(runOfPosition(limit)));
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

    /** Reads the header of the batch that starts at a position; checks the run around it. */
    BatchAt batchAt(int position) throws IOException {
        if (unchecked != UncheckedRuns.NONE) {
            check(runOfPosition(position));
        }
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

    /**
     * Checks the runs that a range touches, unless that was done before.
     *
     * @throws DamagedSegmentException if a batch in them is not what was written
     */
    void check(int from, int to) throws IOException {
        for (int run = runOfPosition(from); run <= offsetCount && startOf(run) < to; run++) {
            check(run);
        }
    }

    private void check(int run) throws IOException {
        if (unchecked.isChecked(run)) {
            return;
        }
        try {
            scan(run);
        } catch (DamagedSegmentException e) {
            if (unchecked.isFirstReport()) {
                LOG.error("{}", e.getMessage());
            }
            throw e;
        }
        unchecked.checked(run);
    }

    private void scan(int run) throws IOException {
        int position = startOf(run);
        int end = run < offsetCount ? startOf(run + 1) : size;
        BatchScan scan = new BatchScan(file, size, 0);
        BatchAt b =
                run == 0
                        ? scan.check(position, baseOffset)
                        : scan.checkLastOffset(
                                position, baseOffset + (offsetIndex[run - 1] >>> 32));
        while (b.end() < end) {
            b = scan.check(b.end(), b.nextOffset());
        }
        if (b.end() != end || b.timestampMs() > maxTimestampMs) {
            throw new DamagedSegmentException(
                    file.path(), b.position(), "the batch does not fit the index");
        }
    }

    private int startOf(int run) {
        return run == 0 ? 0 : (int) offsetIndex[run - 1];
    }

    /** The run to begin with when looking for an offset. */
    private int runOfOffset(long relativeOffset) {
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
        return low;
    }

    /** The run that holds a position. */
    private int runOfPosition(int position) {
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
        return low;
    }
}
