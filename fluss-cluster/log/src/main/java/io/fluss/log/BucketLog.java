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
import io.fluss.loop.Loop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one bucket in a directory of its own. Owned by one loop: every method but {@link
 * #view} runs there. Readers on other threads use {@link #view}, which each append publishes anew.
 *
 * <p>Bytes are left to the page cache; a segment is forced to the disk when it is rolled, in the
 * background, and when the log is closed. After a crash the log ends where the checksums say, not
 * at a recorded point. An I/O error refuses all further appends until the log is opened again.
 *
 * <p>Files: {@code {base offset}.log}, {@code .index}, {@code .timeindex}, {@code
 * {offset}.writer_snapshot}, and {@code clean} after an orderly close.
 */
public final class BucketLog {
    private static final Logger LOG = LoggerFactory.getLogger(BucketLog.class);
    private static final String CLEAN = "clean";
    private static final String SET_ASIDE = ".unreadable";
    private static final int SNAPSHOTS_KEPT = 2;

    private final String name;
    private final Path dir;
    private final LogSettings settings;
    private final Loop loop;
    private final Executor background;
    private final WriterStates writers = new WriterStates();
    private List<SegmentView> sealed;
    private Segment active;
    private long maxTimestampMs = -1;
    private @Nullable FlussException failure;
    private boolean closed;
    private volatile LogView view;

    /**
     * What an append came to.
     *
     * @param baseOffset offset of the first record of the first batch
     * @param endOffset offset behind the last record
     * @param isDuplicate the batch was there already; the offsets are those it got then
     */
    public record Appended(long baseOffset, long endOffset, boolean isDuplicate) {}

    private BucketLog(
            String name,
            Path dir,
            LogSettings settings,
            Loop loop,
            Executor background,
            List<Segment> segments) {
        this.name = name;
        this.dir = dir;
        this.settings = settings;
        this.loop = loop;
        this.background = background;
        this.active = segments.get(segments.size() - 1);
        List<SegmentView> full = new ArrayList<>();
        for (Segment s : segments) {
            maxTimestampMs = Math.max(maxTimestampMs, s.maxTimestampMs());
            if (s != active) {
                s.seal();
                full.add(s.view());
            }
        }
        this.sealed = List.copyOf(full);
        this.view = new LogView(name, sealed, active.view());
    }

    /**
     * Opens or creates the log, recovering what a crash has left.
     *
     * @param name for messages
     * @param background runs the forcing of rolled segments
     * @throws FlussException with LOG_STORAGE, naming the directory
     */
    public static BucketLog open(
            String name,
            Path dir,
            LogSettings settings,
            Loop loop,
            Executor background,
            long nowMs) {
        loop.assertOwner();
        List<Segment> segments = new ArrayList<>();
        boolean done = false;
        try {
            Files.createDirectories(dir);
            boolean clean = Files.exists(dir.resolve(CLEAN));
            openSegments(name, dir, settings, clean, segments);
            BucketLog log = new BucketLog(name, dir, settings, loop, background, segments);
            log.restoreWriters();
            log.writers.expire(nowMs, settings.writerExpiry().toMillis());
            // From here on the files change: what said that they are clean goes first.
            Files.deleteIfExists(dir.resolve(CLEAN));
            log.active.deleteIndexFiles();
            done = true;
            return log;
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception(
                    name + ": cannot open the log in " + dir + ": " + e, e);
        } finally {
            if (!done) {
                segments.forEach(s -> s.file().release());
            }
        }
    }

    private static void openSegments(
            String name, Path dir, LogSettings settings, boolean clean, List<Segment> segments)
            throws IOException {
        List<Path> files = list(dir, Segment.LOG);
        String cut = "";
        for (int i = 0; i < files.size(); i++) {
            Path path = files.get(i);
            long base = offsetOf(path);
            long expected = segments.isEmpty() ? base : last(segments).endOffset();
            if (!cut.isEmpty() || base != expected) {
                cut = cut.isEmpty() ? "offset " + expected + " is missing before it" : cut;
                LOG.warn("{}: {} is set aside and not served: {}", name, path, cut);
                Files.move(
                        path,
                        path.resolveSibling(path.getFileName() + SET_ASIDE),
                        StandardCopyOption.REPLACE_EXISTING);
                continue;
            }
            Segment s = Segment.open(dir, base, settings.indexIntervalBytes());
            segments.add(s);
            if (i == files.size() - 1 && !clean) {
                s.deleteIndexFiles();
            }
            long before = s.file().channel().size();
            Optional<String> fault = s.recover();
            if (fault.isPresent()) {
                LOG.warn(
                        "{}: {} cut from {} to {} bytes, the log ends at offset {}: {}",
                        name,
                        path,
                        before,
                        s.size(),
                        s.endOffset(),
                        fault.get());
                s.deleteIndexFiles();
                cut = "it follows a segment whose tail was cut off";
            }
        }
        if (segments.isEmpty()) {
            segments.add(Segment.open(dir, 0, settings.indexIntervalBytes()));
        }
    }

    private static Segment last(List<Segment> segments) {
        return segments.get(segments.size() - 1);
    }

    private static long offsetOf(Path file) {
        String n = String.valueOf(file.getFileName());
        return Long.parseLong(n.substring(0, n.indexOf('.')));
    }

    /** Files of 20 digits and the suffix, by offset. */
    private static List<Path> list(Path dir, String suffix) throws IOException {
        try (Stream<Path> all = Files.list(dir)) {
            return all.filter(p -> String.valueOf(p.getFileName()).matches("\\d{20}\\" + suffix))
                    .sorted(Comparator.comparingLong(BucketLog::offsetOf))
                    .toList();
        }
    }

    private void restoreWriters() throws IOException {
        List<Path> snapshots = new ArrayList<>(list(dir, WriterSnapshotFile.SUFFIX));
        long from = sealed.isEmpty() ? active.baseOffset() : sealed.get(0).baseOffset();
        for (int i = snapshots.size() - 1; i >= 0; i--) {
            Path file = snapshots.get(i);
            long offset = offsetOf(file);
            if (offset <= active.endOffset()) {
                try {
                    writers.restore(WriterSnapshotFile.read(file), offset);
                    from = Math.max(from, offset);
                    break;
                } catch (IOException e) {
                    LOG.warn("{}: writer snapshot not used: {}", name, e.toString());
                }
            }
            Files.deleteIfExists(file);
        }
        List<SegmentView> all = new ArrayList<>(sealed);
        all.add(active.view());
        for (SegmentView s : all) {
            if (s.endOffset() > from && s.size() > 0) {
                replay(s, s.positionOf(Math.max(from, s.baseOffset())));
            }
        }
    }

    private void replay(SegmentView s, int position) throws IOException {
        ByteBuffer map = s.file().channel().map(FileChannel.MapMode.READ_ONLY, 0, s.size());
        replay(map, position, s.size(), writers);
    }

    /** Lets writer states take in the batches between two positions. */
    static void replay(ByteBuffer batches, int from, int to, WriterStates writers) {
        for (int at = from; at < to; ) {
            LogBatch b = LogBatch.at(batches, at);
            writers.appended(b, b.baseOffset(), b.commitTimestampMs());
            at += b.size();
        }
    }

    /** The log as it is now; for any thread. */
    public LogView view() {
        return view;
    }

    /** Number of idempotent writers that are remembered. */
    public int writerCount() {
        loop.assertOwner();
        return writers.size();
    }

    /**
     * Appends batches whose checksums were checked: offsets and commit time are put into the
     * headers, everything else is written as it was sent. All or nothing.
     *
     * @throws FlussException with OUT_OF_ORDER_SEQUENCE, RECORD_TOO_LARGE or LOG_STORAGE
     */
    public Appended append(List<LogBatch> batches, long nowMs) {
        loop.assertOwner();
        if (failure != null) {
            throw failure;
        }
        if (closed) {
            throw ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(name + ": the log is closed");
        }
        AppendDecision decision = AppendDecision.of(name, batches, writers, active.endOffset());
        if (decision instanceof AppendDecision.Repeat r) {
            return new Appended(r.first().baseOffset(), r.last().endOffset(), true);
        }
        return write(((AppendDecision.Write) decision).batches(), nowMs);
    }

    private Appended write(List<AppendDecision.Placed> batches, long nowMs) {
        long timestampMs = Math.max(maxTimestampMs, nowMs);
        ByteBuffer[] pieces = new ByteBuffer[2 * batches.size()];
        long total = 0;
        long end = active.endOffset();
        for (int i = 0; i < batches.size(); i++) {
            AppendDecision.Placed p = batches.get(i);
            int size = p.batch().size();
            pieces[2 * i] = p.batch().stampedPrefix(p.baseOffset(), timestampMs);
            pieces[2 * i + 1] =
                    p.batch().bytes().slice(LogBatch.CRC_OFFSET, size - LogBatch.CRC_OFFSET);
            total += size;
            end = p.baseOffset() + p.lastOffsetDelta() + 1;
        }
        if (total > Integer.MAX_VALUE - 1) {
            throw ErrorReason.RECORD_TOO_LARGE.exception(
                    name + ": " + total + " bytes in one append; send smaller batches");
        }
        long base = active.endOffset();
        try {
            if (mustRoll(total, end)) {
                roll();
            }
            active.write(pieces, total);
        } catch (IOException | RuntimeException e) {
            throw failed(e);
        }
        for (AppendDecision.Placed p : batches) {
            LogBatch b = p.batch();
            active.added(b.size(), p.baseOffset(), b.lastOffsetDelta(), timestampMs);
            writers.appended(b, p.baseOffset(), timestampMs);
        }
        maxTimestampMs = timestampMs;
        publish();
        return new Appended(base, end, false);
    }

    private boolean mustRoll(long bytes, long endOffset) {
        return active.size() > 0
                && (active.size() + bytes > settings.segmentSizeMaxBytes()
                        || active.indexSizeBytes() + Long.BYTES > settings.indexSizeMaxBytes()
                        || endOffset - active.baseOffset() > Integer.MAX_VALUE);
    }

    private void roll() throws IOException {
        Segment next = Segment.open(dir, active.endOffset(), settings.indexIntervalBytes());
        active.seal();
        SegmentView full = active.view();
        List<SegmentView> more = new ArrayList<>(sealed);
        more.add(full);
        sealed = List.copyOf(more);
        active = next;
        publish();
        writeSnapshot();
        if (full.file().retain()) {
            try {
                background.execute(() -> persist(full));
            } catch (RejectedExecutionException e) {
                // Not known to be clean then: it is read again after a restart.
                full.file().release();
                LOG.warn(
                        "{}: segment {} was not forced: {}", name, full.baseOffset(), e.toString());
            }
        }
    }

    private void persist(SegmentView full) {
        try {
            Segment.persist(full);
            forceDirectory();
        } catch (IOException e) {
            FlussException error = storageError("cannot force " + full.file().path(), e);
            LOG.error("{}", error.getMessage(), e);
            loop.execute(() -> failure = failure == null ? error : failure);
        } finally {
            full.file().release();
        }
    }

    private void forceDirectory() throws IOException {
        try (FileChannel d = FileChannel.open(dir, StandardOpenOption.READ)) {
            d.force(true);
        }
    }

    private void writeSnapshot() throws IOException {
        long offset = active.endOffset();
        WriterSnapshotFile.write(
                dir.resolve(Segment.fileName(offset, WriterSnapshotFile.SUFFIX)),
                writers.entries());
        deleteOldSnapshots();
    }

    /** The end of each segment has a snapshot as long as the segment is there. */
    private void deleteOldSnapshots() throws IOException {
        List<Path> snapshots = list(dir, WriterSnapshotFile.SUFFIX);
        long start = view.startOffset();
        for (Path old : snapshots.subList(0, Math.max(0, snapshots.size() - SNAPSHOTS_KEPT))) {
            if (offsetOf(old) <= start) {
                Files.deleteIfExists(old);
            }
        }
    }

    /**
     * Removes the segments that end at or before an offset, oldest first; never the active one.
     * Readers that hold slices go on undisturbed.
     *
     * @return number of segments removed
     */
    public int removeUpTo(long offset) {
        loop.assertOwner();
        int count = 0;
        while (count < sealed.size() && sealed.get(count).endOffset() <= offset) {
            count++;
        }
        if (count == 0 || closed) {
            return 0;
        }
        List<SegmentView> gone = sealed.subList(0, count);
        sealed = List.copyOf(sealed.subList(count, sealed.size()));
        publish();
        try {
            // In order: what a failure or a crash leaves behind must still be a log without a gap.
            for (SegmentView s : gone) {
                Segment.deleteFiles(s);
            }
            deleteOldSnapshots();
        } catch (IOException e) {
            LOG.warn("{}: not all files below offset {} were removed", name, offset, e);
        }
        gone.forEach(s -> s.file().release());
        return count;
    }

    private void publish() {
        view = new LogView(name, sealed, active.view());
    }

    /** Nothing of a failed write stays: neither in the file nor for readers. */
    private FlussException failed(Exception cause) {
        FlussException error = storageError("cannot append to " + active.file().path(), cause);
        failure = error;
        LOG.error("{}", error.getMessage(), cause);
        try {
            active.truncateToSize();
        } catch (IOException e) {
            // The checksums find the torn tail when the log is opened again.
            error.addSuppressed(e);
        }
        return error;
    }

    private FlussException storageError(String what, Exception cause) {
        return ErrorReason.LOG_STORAGE.exception(
                name + ": " + what + ": " + cause + "; the log takes no appends until reopened",
                cause);
    }

    /** Forgets idempotent writers that were silent for too long. */
    public void expireWriters(long nowMs) {
        loop.assertOwner();
        writers.expire(nowMs, settings.writerExpiry().toMillis());
    }

    /**
     * Closes in order: forces the bytes, writes indexes and writer state, and marks the directory
     * clean. A log that has failed is closed without the mark.
     */
    public void close() {
        loop.assertOwner();
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (failure == null) {
                active.seal();
                Segment.persist(active.view());
                writeSnapshot();
                Path mark = dir.resolve(CLEAN);
                Files.write(
                        mark, Long.toString(active.endOffset()).getBytes(StandardCharsets.UTF_8));
                forceDirectory();
            }
        } catch (IOException e) {
            LOG.warn("{}: not closed cleanly, the next start reads it again", name, e);
        } finally {
            releaseFiles();
        }
    }

    /** Closes without a mark, as a crash would; the next open recovers. */
    void abandon() {
        loop.assertOwner();
        if (!closed) {
            closed = true;
            releaseFiles();
        }
    }

    /** Closes and removes the directory. Readers that hold slices go on undisturbed. */
    public void delete() {
        loop.assertOwner();
        abandon();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path p : files.toList()) {
                Files.deleteIfExists(p);
            }
            Files.deleteIfExists(dir);
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception(name + ": cannot delete " + dir + ": " + e, e);
        }
    }

    private void releaseFiles() {
        sealed.forEach(s -> s.file().release());
        active.file().release();
    }
}
