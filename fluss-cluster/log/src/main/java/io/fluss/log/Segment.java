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
import io.fluss.formats.log.LogBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * One segment that can grow: file and index entries. Owned by the loop of its log. The index lives
 * in memory (8 bytes for 4 KiB of log); a checkpoint of the log writes it to files.
 */
final class Segment {
    static final String LOG = ".log";

    private final long baseOffset;
    private final SegmentFile file;
    private final int indexIntervalBytes;
    private long endOffset;
    private int size;
    private long[] offsetIndex = new long[64];
    private int offsetCount;
    private long[] timeIndex = new long[32];
    private int timeCount;
    private long maxTimestampMs = -1;
    private long maxTimestampOffset;
    private int bytesSinceEntry;
    private UncheckedRuns unchecked = UncheckedRuns.NONE;
    private boolean isUnread;

    private Segment(long baseOffset, SegmentFile file, int indexIntervalBytes) {
        this.baseOffset = baseOffset;
        this.endOffset = baseOffset;
        this.maxTimestampOffset = baseOffset;
        this.file = file;
        this.indexIntervalBytes = indexIntervalBytes;
    }

    /** Opens segment files; tests put failures in. */
    @FunctionalInterface
    interface Opener {
        /** Opens for reading and writing, creating the file if it is missing. */
        FileChannel open(Path file) throws IOException;

        static FileChannel plain(Path file) throws IOException {
            return FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
        }
    }

    static Segment open(Path dir, long baseOffset, int indexIntervalBytes, Opener opener)
            throws IOException {
        Path path = dir.resolve(fileName(baseOffset, LOG));
        return new Segment(
                baseOffset, new SegmentFile(path, opener.open(path)), indexIntervalBytes);
    }

    /** 20 digits and a suffix. */
    static String fileName(long offset, String suffix) {
        return String.format(Locale.ROOT, "%020d%s", offset, suffix);
    }

    long baseOffset() {
        return baseOffset;
    }

    long endOffset() {
        return endOffset;
    }

    int size() {
        return size;
    }

    long maxTimestampMs() {
        return maxTimestampMs;
    }

    SegmentFile file() {
        return file;
    }

    int indexSizeBytes() {
        return offsetCount * IndexFiles.OFFSET_ENTRY;
    }

    /** Whether {@link #recover} took it over with its index as it was. */
    boolean isUnread() {
        return isUnread;
    }

    SegmentView view() {
        return new SegmentView(
                baseOffset,
                endOffset,
                file,
                size,
                offsetIndex,
                offsetCount,
                timeIndex,
                timeCount,
                maxTimestampMs,
                unchecked);
    }

    /** Writes at the end; the caller tells of the batches with {@link #added} when it is done. */
    void write(ByteBuffer[] pieces, long total) throws IOException {
        FileChannel channel = file.channel();
        channel.position(size);
        long written = 0;
        int first = 0;
        while (written < total) {
            written += channel.write(pieces, first, pieces.length - first);
            while (first < pieces.length && !pieces[first].hasRemaining()) {
                first++;
            }
        }
    }

    /** Takes a batch into account whose bytes lie at the end of the file. */
    void added(int batchSize, long batchBaseOffset, int lastOffsetDelta, long timestampMs) {
        if (timestampMs > maxTimestampMs) {
            maxTimestampMs = timestampMs;
            maxTimestampOffset = batchBaseOffset;
        }
        long lastOffset = batchBaseOffset + lastOffsetDelta;
        if (bytesSinceEntry > indexIntervalBytes) {
            if (offsetCount == offsetIndex.length) {
                offsetIndex = Arrays.copyOf(offsetIndex, offsetCount * 2);
            }
            offsetIndex[offsetCount++] = (lastOffset - baseOffset) << 32 | size;
            addTimeEntry();
            bytesSinceEntry = 0;
        }
        bytesSinceEntry += batchSize;
        size += batchSize;
        endOffset = lastOffset + 1;
    }

    private void addTimeEntry() {
        if (timeCount > 0 && timeIndex[2 * timeCount - 2] >= maxTimestampMs) {
            return;
        }
        if (2 * timeCount == timeIndex.length) {
            timeIndex = Arrays.copyOf(timeIndex, timeIndex.length * 2);
        }
        timeIndex[2 * timeCount] = maxTimestampMs;
        timeIndex[2 * timeCount + 1] = maxTimestampOffset - baseOffset;
        timeCount++;
    }

    /** No more batches come; the last time entry names the largest commit time. */
    void seal() {
        if (size > 0) {
            addTimeEntry();
        }
    }

    /** Cuts off what lies behind the batches that were taken into account. */
    void truncateToSize() throws IOException {
        file.channel().truncate(size);
    }

    /**
     * Bytes that do not belong to the log.
     *
     * @param position where they begin
     * @param isTorn a crash has cut off what was being written there; otherwise what was written is
     *     damaged
     */
    record Fault(int position, String reason, boolean isTorn) {}

    /**
     * Takes over what the file holds. What was forced before is taken as it is, if its index is
     * there, and checked when it is read first; all else is checked batch by batch.
     *
     * @param known what the recovery file says about this segment
     * @param isFollowed whether a segment with batches comes behind this one
     * @return the first bytes that are not good; the segment ends in front of them
     */
    Optional<Fault> recover(Optional<RecoveryFile.KnownSegment> known, boolean isFollowed)
            throws IOException {
        long fileSize = file.channel().size();
        if (fileSize > Integer.MAX_VALUE) {
            throw new IOException(file.path() + " is larger than a segment can be: " + fileSize);
        }
        int forced = known.map(RecoveryFile.KnownSegment::size).orElse(0);
        if (fileSize < forced) {
            String reason = "the file ends there, but " + forced + " bytes of it were forced";
            return Optional.of(new Fault((int) fileSize, reason, false));
        }
        if (known.isPresent() && loadIndex(known.get())) {
            if (isFollowed && known.get().isSealed() && fileSize == forced && timeCount > 0) {
                size = forced;
                endOffset = known.get().endOffset();
                unchecked = new UncheckedRuns(offsetCount + 1);
                isUnread = true;
                return Optional.empty();
            }
            unchecked = new UncheckedRuns(offsetCount);
        }
        return fileSize == 0 ? Optional.empty() : scan(fileSize, forced, isFollowed);
    }

    /** Goes on with the batch of the last index entry, or begins with the first one. */
    private Optional<Fault> scan(long fileSize, int forced, boolean isFollowed) throws IOException {
        ByteBuffer map = file.channel().map(FileChannel.MapMode.READ_ONLY, 0, fileSize);
        try {
            Optional<String> damage = scan(map);
            return damage.map(reason -> new Fault(size, reason, false));
        } catch (FlussException e) {
            String reason = String.valueOf(e.getMessage());
            boolean isTorn = size >= forced && TornTail.isTorn(map, size, endOffset, isFollowed);
            return Optional.of(new Fault(size, reason, isTorn));
        }
    }

    /**
     * Takes batches into account up to the end of the file.
     *
     * @return why the batch at {@link #size} is damaged although its checksum fits
     * @throws FlussException if no batch of this log is at {@link #size}
     */
    private Optional<String> scan(ByteBuffer map) {
        long lastOffset = -1;
        long timestampMs = 0;
        if (offsetCount > 0) {
            long entry = offsetIndex[--offsetCount];
            size = (int) entry;
            lastOffset = baseOffset + (entry >>> 32);
            endOffset = lastOffset;
            bytesSinceEntry = indexIntervalBytes + 1;
        }
        while (size < map.limit()) {
            LogBatch b = LogBatch.at(map, size);
            b.checkCrc();
            boolean fits =
                    lastOffset >= 0
                            ? b.nextOffset() - 1 == lastOffset
                            : b.baseOffset() == endOffset;
            if (!fits) {
                throw ErrorReason.CORRUPT_RECORD.exception(
                        "log batch at byte "
                                + size
                                + ": base offset "
                                + b.baseOffset()
                                + ", but "
                                + endOffset
                                + " belongs there");
            }
            if (b.commitTimestampMs() < timestampMs) {
                return Optional.of(
                        "commit time " + b.commitTimestampMs() + " comes after " + timestampMs);
            }
            timestampMs = b.commitTimestampMs();
            lastOffset = -1;
            added(b.size(), b.baseOffset(), b.lastOffsetDelta(), b.commitTimestampMs());
        }
        return Optional.empty();
    }

    /** Takes over the entries that the recovery file vouches for. */
    private boolean loadIndex(RecoveryFile.KnownSegment known) throws IOException {
        Optional<IndexFiles.Entries> entries = IndexFiles.read(file.path(), known);
        if (entries.isEmpty() || entries.get().offsets().length == 0) {
            return false;
        }
        long[] pairs = entries.get().times();
        offsetIndex = entries.get().offsets();
        offsetCount = offsetIndex.length;
        timeIndex = pairs.length == 0 ? new long[32] : pairs;
        timeCount = pairs.length / 2;
        if (timeCount > 0) {
            maxTimestampMs = pairs[pairs.length - 2];
            maxTimestampOffset = baseOffset + pairs[pairs.length - 1];
        }
        return true;
    }
}
