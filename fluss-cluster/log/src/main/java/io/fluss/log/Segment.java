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

import io.fluss.errors.FlussException;
import io.fluss.formats.log.LogBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * One segment that can grow: file and index entries. Owned by the loop of its log. The index lives
 * in memory (8 bytes for 4 KiB of log) and is written to its files when the segment is sealed or
 * the log is closed, after the log file was forced to the disk; index files that exist therefore
 * vouch for the bytes they index.
 */
final class Segment {
    static final String LOG = ".log";
    private static final String INDEX = ".index";
    private static final String TIME_INDEX = ".timeindex";
    private static final int INDEX_ENTRY = 8;
    private static final int TIME_ENTRY = 12;

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

    private Segment(long baseOffset, SegmentFile file, int indexIntervalBytes) {
        this.baseOffset = baseOffset;
        this.endOffset = baseOffset;
        this.maxTimestampOffset = baseOffset;
        this.file = file;
        this.indexIntervalBytes = indexIntervalBytes;
    }

    static Segment open(Path dir, long baseOffset, int indexIntervalBytes) throws IOException {
        Path path = dir.resolve(fileName(baseOffset, LOG));
        FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        return new Segment(baseOffset, new SegmentFile(path, channel), indexIntervalBytes);
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
        return offsetCount * INDEX_ENTRY;
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
                maxTimestampMs);
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

    /** Makes a view's bytes durable, then writes its index files. For any thread. */
    static void persist(SegmentView view) throws IOException {
        // Whoever copies a segment may come before the background task: they share file names.
        synchronized (view.file()) {
            view.file().channel().force(true);
            replace(sibling(view.file(), view.baseOffset(), TIME_INDEX), timeIndexBytes(view));
            replace(sibling(view.file(), view.baseOffset(), INDEX), offsetIndexBytes(view));
        }
    }

    /** Whether index files vouch for the bytes. */
    static boolean isPersisted(SegmentView view) {
        return Files.exists(sibling(view.file(), view.baseOffset(), INDEX));
    }

    static byte[] offsetIndexBytes(SegmentView view) {
        ByteBuffer offsets = ByteBuffer.allocate(view.offsetCount() * INDEX_ENTRY);
        for (int i = 0; i < view.offsetCount(); i++) {
            offsets.putLong(view.offsetIndex()[i]);
        }
        return offsets.array();
    }

    static byte[] timeIndexBytes(SegmentView view) {
        ByteBuffer times = ByteBuffer.allocate(view.timeCount() * TIME_ENTRY);
        for (int i = 0; i < view.timeCount(); i++) {
            times.putLong(view.timeIndex()[2 * i]);
            times.putInt((int) view.timeIndex()[2 * i + 1]);
        }
        return times.array();
    }

    /** Removes the files of a segment that is not part of the log any more. */
    static void deleteFiles(SegmentView view) throws IOException {
        Files.deleteIfExists(view.file().path());
        Files.deleteIfExists(sibling(view.file(), view.baseOffset(), INDEX));
        Files.deleteIfExists(sibling(view.file(), view.baseOffset(), TIME_INDEX));
    }

    private static void replace(Path path, byte[] content) throws IOException {
        Path next = path.resolveSibling(path.getFileName() + ".tmp");
        Files.write(next, content);
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path sibling(SegmentFile file, long baseOffset, String suffix) {
        return file.path().resolveSibling(fileName(baseOffset, suffix));
    }

    void deleteIndexFiles() throws IOException {
        Files.deleteIfExists(sibling(file, baseOffset, INDEX));
        Files.deleteIfExists(sibling(file, baseOffset, TIME_INDEX));
    }

    /**
     * Reads what the file holds: bytes that index files vouch for are taken as they are, all others
     * are checked batch by batch. What is not a good, contiguous batch is cut off.
     *
     * @return why bytes were cut off, or empty if the file was good to its end
     */
    Optional<String> recover() throws IOException {
        long fileSize = file.channel().size();
        if (fileSize > Integer.MAX_VALUE) {
            throw new IOException(file.path() + " is larger than a segment can be: " + fileSize);
        }
        boolean indexed = loadIndex((int) fileSize);
        if (fileSize == 0) {
            return Optional.empty();
        }
        ByteBuffer map = file.channel().map(FileChannel.MapMode.READ_ONLY, 0, fileSize);
        Optional<String> fault = scan(map);
        if (fault.isPresent() && indexed) {
            // The entries may be those of another state of the file: believe the bytes only.
            reset();
            fault = scan(map);
        }
        if (fault.isPresent()) {
            truncateToSize();
        }
        return fault;
    }

    private void reset() {
        offsetCount = 0;
        timeCount = 0;
        size = 0;
        endOffset = baseOffset;
        maxTimestampMs = -1;
        maxTimestampOffset = baseOffset;
        bytesSinceEntry = 0;
    }

    /** Goes on with the batch of the last index entry, or begins with the first one. */
    private Optional<String> scan(ByteBuffer map) {
        long expected = baseOffset;
        if (offsetCount > 0) {
            long entry = offsetIndex[--offsetCount];
            size = (int) entry;
            bytesSinceEntry = indexIntervalBytes + 1;
            try {
                LogBatch b = LogBatch.at(map, size);
                if (b.nextOffset() - 1 - baseOffset != entry >>> 32) {
                    return Optional.of("the index does not fit");
                }
                expected = b.baseOffset();
            } catch (FlussException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
        while (size < map.limit()) {
            try {
                LogBatch b = LogBatch.at(map, size);
                b.checkCrc();
                if (b.baseOffset() != expected) {
                    return Optional.of(
                            "at byte "
                                    + size
                                    + " offset "
                                    + b.baseOffset()
                                    + " follows "
                                    + expected);
                }
                added(b.size(), b.baseOffset(), b.lastOffsetDelta(), b.commitTimestampMs());
                expected = endOffset;
            } catch (FlussException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
        return Optional.empty();
    }

    /** Whether there are index files that can belong to the log file. */
    private boolean loadIndex(int fileSize) throws IOException {
        Path offsets = sibling(file, baseOffset, INDEX);
        Path times = sibling(file, baseOffset, TIME_INDEX);
        if (!Files.exists(offsets) || !Files.exists(times)) {
            return false;
        }
        ByteBuffer o = ByteBuffer.wrap(Files.readAllBytes(offsets));
        ByteBuffer t = ByteBuffer.wrap(Files.readAllBytes(times));
        if (o.limit() % INDEX_ENTRY != 0 || t.limit() % TIME_ENTRY != 0 || !o.hasRemaining()) {
            return false;
        }
        long[] entries = new long[o.limit() / INDEX_ENTRY];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = o.getLong();
            boolean ascends =
                    i == 0
                            || (entries[i] >>> 32 > entries[i - 1] >>> 32
                                    && (int) entries[i] > (int) entries[i - 1]);
            if (!ascends || (int) entries[i] < 0 || (int) entries[i] >= fileSize) {
                return false;
            }
        }
        long[] pairs = new long[2 * (t.limit() / TIME_ENTRY)];
        for (int i = 0; i < pairs.length; i += 2) {
            pairs[i] = t.getLong();
            pairs[i + 1] = t.getInt();
            if (i > 0 && pairs[i] <= pairs[i - 2]) {
                return false;
            }
        }
        offsetIndex = entries;
        offsetCount = entries.length;
        timeIndex = pairs.length == 0 ? new long[32] : pairs;
        timeCount = pairs.length / 2;
        if (timeCount > 0) {
            maxTimestampMs = pairs[pairs.length - 2];
            maxTimestampOffset = baseOffset + pairs[pairs.length - 1];
        }
        return true;
    }
}
