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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one bucket in a directory of its own. Owned by one loop: every method but {@link
 * #view} and {@link #force} runs there. Readers on other threads use {@link #view}, which each
 * append publishes anew.
 *
 * <p>Bytes are left to the page cache, unless {@link #force} is called. A checkpoint forces them in
 * the background and records the recovery point: at each roll, when it is asked for, and at the
 * close. Opening reads only what lies above it; what a crash has torn there is cut off. All other
 * damage refuses the opening, see {@link LogRecovery}.
 *
 * <p>An append that fails leaves nothing behind, and the next one is tried again. If forcing fails,
 * nobody knows what is on the disk: all further appends are refused until the log is opened again.
 *
 * <p>Files: {@code {base offset}.log}, {@code .index}, {@code .timeindex}, {@code
 * {offset}.writer_snapshot}, and {@code recovery.json}.
 */
public final class BucketLog {
    private static final Logger LOG = LoggerFactory.getLogger(BucketLog.class);
    private final String name;
    private final Path dir;
    private final LogSettings settings;
    private final Loop loop;
    private final Executor background;
    private final Segment.Opener opener;
    private final Checkpoints checkpoints;
    private final WriterStates writers = new WriterStates();
    private List<SegmentView> sealed;
    private Segment active;
    private long maxTimestampMs = -1;
    private long checkpointedOffset;
    private boolean checkpointRuns;
    private boolean tailIsDirty;
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
            Segment.Opener opener,
            LogRecovery.Opened opened,
            List<Segment> segments) {
        this.name = name;
        this.dir = dir;
        this.settings = settings;
        this.loop = loop;
        this.background = background;
        this.opener = opener;
        this.checkpoints = new Checkpoints(name, dir, opened);
        this.checkpointedOffset = opened.recoveryPoint();
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
     * @param background runs checkpoints and the deleting of files, one after the other
     * @throws FlussException with LOG_STORAGE, naming the directory, or the file, the position and
     *     the reason if it is damaged
     */
    public static BucketLog open(
            String name,
            Path dir,
            LogSettings settings,
            Loop loop,
            Executor background,
            long nowMs) {
        return open(name, dir, settings, loop, background, nowMs, Segment.Opener::plain);
    }

    static BucketLog open(
            String name,
            Path dir,
            LogSettings settings,
            Loop loop,
            Executor background,
            long nowMs,
            Segment.Opener opener) {
        loop.assertOwner();
        List<Segment> segments = new ArrayList<>();
        boolean done = false;
        try {
            Files.createDirectories(dir);
            LogRecovery recovery = new LogRecovery(name, dir, settings, opener);
            LogRecovery.Opened opened = recovery.openSegments(segments);
            BucketLog log =
                    new BucketLog(name, dir, settings, loop, background, opener, opened, segments);
            log.restoreWriters();
            log.writers.expire(nowMs, settings.writerExpiry().toMillis());
            done = true;
            return log;
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception(
                    name + ": cannot open the log in " + dir + ": " + e.getMessage(), e);
        } finally {
            if (!done) {
                segments.forEach(s -> s.file().release());
            }
        }
    }

    private void restoreWriters() throws IOException {
        List<Path> snapshots = new ArrayList<>(LogRecovery.list(dir, WriterSnapshotFile.SUFFIX));
        long from = sealed.isEmpty() ? active.baseOffset() : sealed.get(0).baseOffset();
        for (int i = snapshots.size() - 1; i >= 0; i--) {
            Path file = snapshots.get(i);
            long offset = LogRecovery.offsetOf(file);
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
        s.check(position, s.size());
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
        if (tailIsDirty) {
            cleanTail();
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
        } catch (IOException e) {
            throw refused(e, total);
        }
        for (AppendDecision.Placed p : batches) {
            LogBatch b = p.batch();
            active.added(b.size(), p.baseOffset(), b.lastOffsetDelta(), timestampMs);
            writers.appended(b, p.baseOffset(), timestampMs);
        }
        maxTimestampMs = timestampMs;
        publish();
        if (end - checkpointedOffset >= settings.flushIntervalRecords()) {
            checkpoint();
        }
        return new Appended(base, end, false);
    }

    private boolean mustRoll(long bytes, long endOffset) {
        return active.size() > 0
                && (active.size() + bytes > settings.segmentSizeMaxBytes()
                        || active.indexSizeBytes() + Long.BYTES > settings.indexSizeMaxBytes()
                        || endOffset - active.baseOffset() > Integer.MAX_VALUE);
    }

    private void roll() throws IOException {
        Segment next = Segment.open(dir, active.endOffset(), settings.indexIntervalBytes(), opener);
        active.seal();
        List<SegmentView> more = new ArrayList<>(sealed);
        more.add(active.view());
        sealed = List.copyOf(more);
        active = next;
        publish();
        LogView rolled = view;
        Map<Long, List<WriterStates.Entry>> states = writers.entries();
        inBackground("writer snapshot", () -> checkpoints.snapshot(rolled, states));
        checkpoint();
    }

    /**
     * Begins a new segment unless the last one is empty, so that retention can take the batches of
     * now as a whole.
     */
    public void rollNow() {
        loop.assertOwner();
        if (active.size() == 0 || failure != null || closed) {
            return;
        }
        try {
            roll();
        } catch (IOException e) {
            throw refused(e, 0);
        }
    }

    /**
     * Forces, in the background, what was appended since the last checkpoint, and records it as the
     * recovery point. Does nothing if there is nothing to do or a checkpoint is on its way.
     */
    public void checkpoint() {
        loop.assertOwner();
        if (checkpointRuns || closed || failure != null || view.endOffset() == checkpointedOffset) {
            return;
        }
        LogView now = view;
        Map<Long, List<WriterStates.Entry>> states = writers.entries();
        checkpointRuns = true;
        boolean sent = inBackground("checkpoint", () -> checkpoints.write(now, states), this::done);
        if (!sent) {
            checkpointRuns = false;
        }
    }

    /** What a checkpoint came to, back on the loop. */
    private void done(Checkpoints.Result result) {
        checkpointRuns = false;
        if (result.isLost()) {
            lost(result.error());
        } else if (result.error().isEmpty()) {
            checkpointedOffset = Math.max(checkpointedOffset, result.endOffset());
        }
    }

    private void lost(Optional<IOException> cause) {
        if (failure == null && !closed) {
            failure =
                    ErrorReason.LOG_STORAGE.exception(
                            name
                                    + ": "
                                    + dir
                                    + " could not be forced to the disk: "
                                    + cause.map(IOException::toString).orElse("")
                                    + "; the log takes no appends until the server is started"
                                    + " again, which keeps what the disk has");
            LOG.error("{}", failure.getMessage());
        }
    }

    /**
     * Forces everything that was appended before the call. For one thread at a time, not the loop.
     *
     * @return the offset below which all is on the disk
     * @throws IOException the log takes no appends any more then; see {@link #forceFailed}
     */
    public long force() throws IOException {
        LogView now = view;
        checkpoints.force(now);
        return now.endOffset();
    }

    /** Tells that {@link #force} has failed. */
    public void forceFailed(IOException cause) {
        loop.assertOwner();
        lost(Optional.of(cause));
    }

    /**
     * Removes the oldest segments for as long as they may go; the one that grows stays. The log
     * then starts behind them, also after a restart. Readers that have them open go on.
     *
     * @param mayGo asked from the oldest segment on, until it says no
     * @return the number of segments
     */
    public int deleteOldest(Predicate<SealedSegment> mayGo) {
        loop.assertOwner();
        int count = 0;
        while (count < sealed.size()
                && mayGo.test(new SealedSegment(sealed.get(count), sealed.subList(0, count)))) {
            count++;
        }
        if (count == 0 || closed || failure != null) {
            return 0;
        }
        List<SegmentView> gone = List.copyOf(sealed.subList(0, count));
        sealed = List.copyOf(sealed.subList(count, sealed.size()));
        publish();
        gone.forEach(s -> s.file().expire());
        gone.forEach(s -> s.file().retire());
        LogView now = view;
        inBackground("removal of old segments", () -> checkpoints.delete(now, gone));
        return count;
    }

    /**
     * As {@link #deleteOldest} for the segments that end at or before an offset.
     *
     * @return the number of segments
     */
    public int removeUpTo(long offset) {
        return deleteOldest(s -> s.endOffset() <= offset);
    }

    private void inBackground(String what, Runnable task) {
        try {
            background.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.warn("{}: {} was left out: {}", name, what, e.toString());
        }
    }

    private boolean inBackground(
            String what, Supplier<Checkpoints.Result> task, Consumer<Checkpoints.Result> then) {
        try {
            background.execute(
                    () -> {
                        Checkpoints.Result result = task.get();
                        loop.execute(() -> then.accept(result));
                    });
            return true;
        } catch (RejectedExecutionException e) {
            LOG.warn("{}: {} was left out: {}", name, what, e.toString());
            return false;
        }
    }

    private void publish() {
        view = new LogView(name, sealed, active.view());
    }

    /** Nothing of a failed write stays: neither in the file nor for readers. */
    private FlussException refused(IOException cause, long bytes) {
        tailIsDirty = true;
        FlussException error = StorageErrors.cannotWrite(name, dir, bytes, cause);
        try {
            cleanTail();
        } catch (FlussException e) {
            error.addSuppressed(e);
        }
        return error;
    }

    private void cleanTail() {
        try {
            active.truncateToSize();
            tailIsDirty = false;
        } catch (IOException e) {
            throw StorageErrors.cannotWrite(name, dir, 0, e);
        }
    }

    /** Forgets idempotent writers that were silent for too long. */
    public void expireWriters(long nowMs) {
        loop.assertOwner();
        writers.expire(nowMs, settings.writerExpiry().toMillis());
    }

    /**
     * Closes in order: forces the bytes, writes indexes and writer state, and records the end as
     * the recovery point, so that the next opening reads nothing. A log that has failed is closed
     * without it.
     */
    public void close() {
        loop.assertOwner();
        if (closed) {
            return;
        }
        closed = true;
        if (failure == null && !tailIsDirty) {
            active.seal();
            publish();
            Checkpoints.Result result = checkpoints.write(view, writers.entries());
            result.error()
                    .ifPresent(
                            e ->
                                    LOG.warn(
                                            "{}: not closed cleanly, the next start reads it",
                                            name,
                                            e));
        }
        checkpoints.end();
        releaseFiles();
    }

    /** Closes without a checkpoint, as a crash would; the next open recovers. */
    void abandon() {
        loop.assertOwner();
        if (!closed) {
            closed = true;
            checkpoints.end();
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
        sealed.forEach(s -> s.file().retire());
        active.file().retire();
    }
}
