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
import io.fluss.errors.FlussException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;

/**
 * A log as it was at one moment. Immutable, for any thread: reads of it need no loop. The files
 * under it may be closed meanwhile (the replica was stopped); a read then fails with
 * NOT_LEADER_OR_FOLLOWER.
 */
public final class LogView {
    private final String name;
    private final List<SegmentView> sealed;
    private final SegmentView active;

    LogView(String name, List<SegmentView> sealed, SegmentView active) {
        this.name = name;
        this.sealed = sealed;
        this.active = active;
    }

    /** The first offset that the log still holds. */
    public long startOffset() {
        return sealed.isEmpty() ? active.baseOffset() : sealed.get(0).baseOffset();
    }

    /** The offset behind the last record. */
    public long endOffset() {
        return active.endOffset();
    }

    public long sizeBytes() {
        long sum = active.size();
        for (SegmentView s : sealed) {
            sum += s.size();
        }
        return sum;
    }

    /** Largest commit time in the log; -1 for an empty one. */
    public long maxTimestampMs() {
        for (int i = sealed.size(); i >= 0; i--) {
            if (segment(i).maxTimestampMs() >= 0) {
                return segment(i).maxTimestampMs();
            }
        }
        return -1;
    }

    /**
     * As {@link #read(long, int, int, long)}, with a first batch of any size or none that is larger
     * than {@code maxBytes}.
     */
    public LogSlice read(long fromOffset, int maxBytes, boolean minOneBatch, long upToOffset) {
        return read(fromOffset, maxBytes, minOneBatch ? Integer.MAX_VALUE : 0, upToOffset);
    }

    /**
     * Whole batches from the one that holds {@code fromOffset} on.
     *
     * @param fromOffset between start and end offset
     * @param maxBytes bound on the answer
     * @param firstBatchBytesMax gives the first batch even if it alone is larger than {@code
     *     maxBytes}, up to this size
     * @param upToOffset only batches below it: the high watermark, or the log end for followers
     * @return the bytes, whose files stay open until it is closed
     * @throws io.fluss.errors.FlussException with LOG_OFFSET_OUT_OF_RANGE, or with LOG_STORAGE if
     *     the files cannot be read
     */
    public LogSlice read(long fromOffset, int maxBytes, int firstBatchBytesMax, long upToOffset) {
        if (fromOffset < startOffset() || fromOffset > endOffset()) {
            throw ErrorReason.LOG_OFFSET_OUT_OF_RANGE.exception(
                    name
                            + ": offset "
                            + fromOffset
                            + " is not in the log, which holds "
                            + startOffset()
                            + " to "
                            + endOffset());
        }
        long end = Math.min(upToOffset, endOffset());
        List<LogSlice.Range> ranges = new ArrayList<>(1);
        boolean done = false;
        try {
            int left = Math.max(0, maxBytes);
            int forcedMax = firstBatchBytesMax;
            for (int i = indexOf(fromOffset); i <= sealed.size() && fromOffset < end; i++) {
                SegmentView s = segment(i);
                int from = s.positionOf(Math.max(fromOffset, s.baseOffset()));
                int stop = end >= s.endOffset() ? s.size() : s.positionOf(end);
                if (from >= stop) {
                    continue;
                }
                int limit = (int) Math.min(stop, (long) from + left);
                int to = limit >= stop ? stop : s.lastBatchEnd(from, limit);
                if (to == from) {
                    if (forcedMax <= left) {
                        break;
                    }
                    to = s.batchAt(from).end();
                    if (to - from > forcedMax) {
                        break;
                    }
                }
                s.check(from, to);
                if (!s.file().retain()) {
                    throw gone(s);
                }
                ranges.add(new LogSlice.Range(s.file(), from, to - from));
                left = Math.max(0, left - (to - from));
                forcedMax = 0;
                if (to < stop) {
                    break;
                }
            }
            done = true;
            return new LogSlice(ranges);
        } catch (IOException e) {
            throw unreadable(e);
        } finally {
            if (!done) {
                ranges.forEach(r -> r.file().release());
            }
        }
    }

    /**
     * Offset of the first batch whose commit time is at or after the given one; the end offset if
     * there is none.
     */
    public long offsetAtTime(long timestampMs) {
        try {
            for (int i = 0; i <= sealed.size(); i++) {
                SegmentView s = segment(i);
                if (s.maxTimestampMs() >= timestampMs && s.size() > 0) {
                    return s.offsetAtTime(timestampMs);
                }
            }
            return endOffset();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** The segments that take no more batches, in order. */
    public List<SealedSegment> sealedSegments() {
        List<SealedSegment> out = new ArrayList<>(sealed.size());
        for (int i = 0; i < sealed.size(); i++) {
            out.add(new SealedSegment(sealed.get(i), sealed.subList(0, i)));
        }
        return out;
    }

    private FlussException unreadable(IOException e) {
        if (e instanceof ClosedChannelException) {
            return gone(sealed.isEmpty() ? active : sealed.get(0));
        }
        if (e instanceof DamagedSegmentException) {
            // Only what touches these bytes is refused; the rest of the log is served.
            return ErrorReason.CORRUPT_RECORD.exception(
                    name
                            + ": "
                            + e.getMessage()
                            + "; nothing of it is served, restore the file from a copy or drop"
                            + " the table",
                    e);
        }
        return ErrorReason.LOG_STORAGE.exception(name + ": cannot read the log: " + e, e);
    }

    /** Why a file of this view was closed: retention has taken it, or the replica has stopped. */
    private FlussException gone(SegmentView s) {
        return s.file().isExpired()
                ? ErrorReason.LOG_OFFSET_OUT_OF_RANGE.exception(
                        name + ": the log does not hold offset " + s.baseOffset() + " any more")
                : ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(name + ": the replica was stopped");
    }

    List<SegmentView> views() {
        List<SegmentView> all = new ArrayList<>(sealed);
        all.add(active);
        return all;
    }

    boolean isSealed(SegmentView s) {
        return s.baseOffset() != active.baseOffset();
    }

    private SegmentView segment(int i) {
        return i < sealed.size() ? sealed.get(i) : active;
    }

    /** The last segment whose base offset is at most the offset. */
    private int indexOf(long offset) {
        int low = 0;
        int high = sealed.size();
        while (low < high) {
            int mid = (low + high + 1) >>> 1;
            if (segment(mid).baseOffset() <= offset) {
                low = mid;
            } else {
                high = mid - 1;
            }
        }
        return low;
    }
}
