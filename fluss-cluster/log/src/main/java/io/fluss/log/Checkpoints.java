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

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one log durable: forces segments, and writes indexes, writer state and recovery file. For
 * any thread, one at a time: the background, the thread that forces for waiting writers, and the
 * loop of the log when it closes.
 */
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final int SNAPSHOTS_KEPT = 2;

    /** Directories above that of a bucket: partition, table, database. */
    private static final int PARENTS = 3;

    private final String name;
    private final Path dir;

    /** Guards all fields below, and the files but those of batches. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<Long, RecoveryFile.KnownSegment> sealed = new HashMap<>();
    private final List<SegmentView> toDelete = new ArrayList<>();
    private long forcedOffset;
    private long namedBaseOffset = -1;
    private boolean isEnded;

    /**
     * What a checkpoint came to.
     *
     * @param endOffset all below it is on the disk, if there is no error
     * @param isLost forcing has failed: nobody knows what is on the disk
     */
    record Result(long endOffset, Optional<IOException> error, boolean isLost) {}

    Checkpoints(String name, Path dir, LogRecovery.Opened opened) {
        this.name = name;
        this.dir = dir;
        this.forcedOffset = opened.recoveryPoint();
        opened.unread().forEach(k -> sealed.put(k.baseOffset(), k));
    }

    /** Forces all of the log. */
    void force(LogView view) throws IOException {
        lock.lock();
        try {
            forceSegments(view);
        } finally {
            lock.unlock();
        }
    }

    /** Forces all of the log and records it as the recovery point. */
    Result write(LogView view, Map<Long, List<WriterStates.Entry>> writers) {
        lock.lock();
        try {
            forceSegments(view);
        } catch (ClosedChannelException e) {
            lock.unlock();
            return new Result(view.endOffset(), Optional.of(e), false);
        } catch (IOException e) {
            lock.unlock();
            return new Result(view.endOffset(), Optional.of(e), true);
        }
        try {
            writeSnapshot(view, writers);
            record(view);
            return new Result(view.endOffset(), Optional.empty(), false);
        } catch (IOException e) {
            LOG.warn(
                    "{}: checkpoint at offset {} failed, it is tried again: {}",
                    name,
                    view.endOffset(),
                    e.toString());
            return new Result(view.endOffset(), Optional.of(e), false);
        } finally {
            lock.unlock();
        }
    }

    private void forceSegments(LogView view) throws IOException {
        if (isEnded) {
            throw new ClosedChannelException();
        }
        long lastBase = -1;
        for (SegmentView s : view.views()) {
            lastBase = s.baseOffset();
            if (s.size() == 0 || s.endOffset() <= forcedOffset) {
                continue;
            }
            if (s.file().retain()) {
                try {
                    s.file().channel().force(false);
                } finally {
                    s.file().release();
                }
            } else if (!s.file().isExpired()) {
                throw new ClosedChannelException();
            }
        }
        if (lastBase > namedBaseOffset) {
            forceNames();
            namedBaseOffset = lastBase;
        }
        forcedOffset = Math.max(forcedOffset, view.endOffset());
    }

    /** The names of new segment files; once also those of the directories above them. */
    private void forceNames() throws IOException {
        @Nullable Path d = dir;
        int levels = namedBaseOffset < 0 ? PARENTS : 0;
        for (int i = 0; i <= levels && d != null; i++) {
            DurableFiles.forceDirectory(d);
            d = d.getParent();
        }
    }

    private void record(LogView view) throws IOException {
        List<RecoveryFile.KnownSegment> known = new ArrayList<>();
        Set<Long> bases = new HashSet<>();
        for (SegmentView s : view.views()) {
            bases.add(s.baseOffset());
            RecoveryFile.KnownSegment k = sealed.get(s.baseOffset());
            if (k == null) {
                IndexFiles.write(s);
                k = RecoveryFile.KnownSegment.of(s, view.isSealed(s));
                if (k.isSealed()) {
                    sealed.put(s.baseOffset(), k);
                }
            }
            known.add(k);
        }
        sealed.keySet().retainAll(bases);
        new RecoveryFile(known).write(dir);
        DurableFiles.forceDirectory(dir);
    }

    /** Writes what is known about the writers at the end of the view. */
    void snapshot(LogView view, Map<Long, List<WriterStates.Entry>> writers) {
        lock.lock();
        try {
            if (!isEnded) {
                writeSnapshot(view, writers);
            }
        } catch (IOException e) {
            LOG.warn(
                    "{}: no writer snapshot at offset {}: {}",
                    name,
                    view.endOffset(),
                    e.toString());
        } finally {
            lock.unlock();
        }
    }

    private void writeSnapshot(LogView view, Map<Long, List<WriterStates.Entry>> writers)
            throws IOException {
        WriterSnapshotFile.write(
                dir.resolve(Segment.fileName(view.endOffset(), WriterSnapshotFile.SUFFIX)),
                writers);
        Set<Long> bases = new HashSet<>();
        view.views().forEach(s -> bases.add(s.baseOffset()));
        List<Path> all = LogRecovery.list(dir, WriterSnapshotFile.SUFFIX);
        for (Path old : all.subList(0, Math.max(0, all.size() - SNAPSHOTS_KEPT))) {
            if (!bases.contains(LogRecovery.offsetOf(old))) {
                Files.deleteIfExists(old);
            }
        }
    }

    /**
     * Deletes the files of segments that the log does not hold any more. The recovery file must not
     * name them then, or their absence would be taken for a loss; the indexes go first, so that a
     * full disk has room for it.
     */
    void delete(LogView view, List<SegmentView> gone) {
        lock.lock();
        try {
            toDelete.addAll(gone);
            if (isEnded) {
                return;
            }
            for (SegmentView s : toDelete) {
                IndexFiles.delete(s.file().path(), s.baseOffset());
            }
            forceSegments(view);
            record(view);
            for (SegmentView s : toDelete) {
                Files.deleteIfExists(s.file().path());
            }
            LOG.info(
                    "{}: removed {} segments, the log starts at offset {}",
                    name,
                    toDelete.size(),
                    view.startOffset());
            toDelete.clear();
        } catch (IOException e) {
            LOG.warn("{}: old segments are removed later: {}", name, e.toString());
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is written from here on. */
    void end() {
        lock.lock();
        try {
            isEnded = true;
        } finally {
            lock.unlock();
        }
    }
}
