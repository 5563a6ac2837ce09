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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.remote.KvSnapshot;
import io.fluss.kv.BucketRows;
import io.fluss.kv.KvSettings;
import io.fluss.kv.KvStorage;
import io.fluss.kv.KvTable;
import io.fluss.kv.LogReplay;
import io.fluss.kv.Schemas;
import io.fluss.log.LogSlice;
import io.fluss.log.LogView;
import io.fluss.loop.WorkerThreads;
import io.fluss.remote.RemoteBatches;
import io.fluss.remote.snapshot.BucketSnapshots;
import io.fluss.table.TableInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens and closes the rows of buckets with a primary key, in a directory beside the log. After an
 * orderly end they go on where they were; after a crash they are what the newest snapshot holds, or
 * nothing without one. Then comes what the log holds behind that. Bringing rows back takes its time
 * and has threads of its own; a bound number of buckets have their turn at once. Other calls for a
 * bucket come from its loop.
 */
final class KeyedBuckets implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyedBuckets.class);
    private static final int READ_BYTES = 4 << 20;
    private static final int READS_WAITING_MAX = 10_000;
    private static final Duration RECOVERY_END_MAX = Duration.ofSeconds(60);

    private final KvSettings settings;
    private @Nullable Shared shared;

    /** Reads of the store that must not hold up connections; without threads until it is used. */
    private final ExecutorService reads;

    /** Brings rows back; without threads until it is used. */
    private final Executor recoveries;

    /** Waits for what runs there. */
    private final BooleanSupplier endRecoveries;

    private volatile boolean isEnding;
    private boolean isRecoveryLeft;

    /** What all buckets share; made for the first one, since many servers have none. */
    private record Shared(
            KvStorage storage,
            ExecutorService drainers,
            ExecutorService folders,
            BufferAllocator allocator) {
        static Shared of(KvSettings settings) {
            // A bucket has one task at a time.
            ExecutorService drainers =
                    WorkerThreads.of("kv-flush", settings.drainThreads(), Integer.MAX_VALUE);
            // A bucket that comes back has a few tasks at a time.
            ExecutorService folders =
                    WorkerThreads.of("kv-replay", settings.recoveryThreads(), Integer.MAX_VALUE);
            return new Shared(
                    new KvStorage(settings, drainers), drainers, folders, new RootAllocator());
        }
    }

    private KeyedBuckets(KvSettings settings, Executor recoveries, BooleanSupplier endRecoveries) {
        this.settings = settings;
        this.recoveries = recoveries;
        this.endRecoveries = endRecoveries;
        this.reads = WorkerThreads.of("kv-read", settings.readThreads(), READS_WAITING_MAX);
    }

    static KeyedBuckets of(KvSettings settings) {
        // One task per bucket at most.
        ExecutorService recoveries =
                WorkerThreads.of("kv-recovery", settings.recoveryThreads(), Integer.MAX_VALUE);
        return new KeyedBuckets(settings, recoveries, () -> end(recoveries));
    }

    /** Rows are brought back by an executor of the caller, for tests. */
    static KeyedBuckets on(KvSettings settings, Executor recoveries) {
        return new KeyedBuckets(settings, recoveries, () -> true);
    }

    private static boolean end(ExecutorService recoveries) {
        recoveries.shutdown();
        try {
            return recoveries.awaitTermination(RECOVERY_END_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What is being brought back is given up at its next step, and nothing more is begun. */
    void endRecoveries() {
        isEnding = true;
        if (!endRecoveries.getAsBoolean()) {
            isRecoveryLeft = true;
            LOG.warn("rows are still being brought back; they begin anew at the next start");
        }
    }

    /** Runs reads of the store; refuses them when too many wait. */
    Executor reads() {
        return reads;
    }

    private synchronized Shared shared() {
        if (shared == null) {
            shared = Shared.of(settings);
        }
        return shared;
    }

    /**
     * Where the rows of a bucket come from.
     *
     * @param directory of the rows, see {@link #directory}
     * @param log local one
     * @param snapshots of the bucket, if there can be any
     * @param earlier the remote log, asked for only if the local one starts too late
     * @param isStopped whether nobody waits for the rows any more; for any thread
     */
    record Sources(
            String name,
            Path directory,
            LogView log,
            Optional<BucketSnapshots> snapshots,
            Supplier<Optional<RemoteBatches>> earlier,
            BooleanSupplier isStopped) {}

    /**
     * The rows of a bucket, which hold its whole log.
     *
     * @return fails with KV_STORAGE if they cannot be rebuilt, with NOT_LEADER_OR_FOLLOWER if they
     *     are not wanted any more; completes on any thread
     */
    CompletableFuture<BucketRows> open(Sources from, TableInfo table, Schemas schemas) {
        try {
            return CompletableFuture.supplyAsync(() -> openNow(from, table, schemas), recoveries);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(stopped(from));
        }
    }

    private static FlussException stopped(Sources from) {
        return ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(
                from.name() + ": its rows are not brought back, this server stops to lead it");
    }

    private void checkWanted(Sources from) {
        if (isEnding || from.isStopped().getAsBoolean()) {
            throw stopped(from);
        }
    }

    private BucketRows openNow(Sources from, TableInfo table, Schemas schemas) {
        checkWanted(from);
        BucketRows.RowsAt start = start(from);
        BucketRows rows =
                BucketRows.open(
                        shared().storage(),
                        from.directory(),
                        KvTable.of(table),
                        schemas,
                        start,
                        shared().allocator());
        boolean complete = false;
        try {
            long at = start.endOffset();
            if (at < from.log().startOffset()) {
                at = replayEarlier(from, rows, at);
            }
            replay(from, rows, at);
            complete = true;
            return rows;
        } catch (IOException e) {
            throw ErrorReason.KV_STORAGE.exception(
                    from.name() + ": its rows cannot be rebuilt from the log: " + e, e);
        } finally {
            if (!complete) {
                rows.close();
            }
        }
    }

    /** Rows of an orderly end or of a snapshot are in the directory then. */
    private static BucketRows.RowsAt start(Sources from) {
        long logEnd = from.log().endOffset();
        DirectoryTree.delete(scratch(from.directory()));
        Optional<Mark> kept = takeMark(from.directory()).filter(m -> m.at().endOffset() <= logEnd);
        if (kept.isPresent()) {
            kept.get()
                    .snapshotId()
                    .ifPresent(id -> from.snapshots().ifPresent(s -> s.keptBase(id)));
            return kept.get().at();
        }
        DirectoryTree.delete(from.directory());
        Optional<KvSnapshot> restored =
                from.snapshots().flatMap(s -> s.restore(from.directory(), logEnd));
        restored.ifPresent(
                s ->
                        LOG.info(
                                "{}: rows of snapshot {} at offset {}, {} bytes",
                                from.name(),
                                s.id(),
                                s.logOffset(),
                                s.sizeBytes()));
        return restored.map(s -> new BucketRows.RowsAt(s.logOffset(), s.rowCount().orElse(0)))
                .orElse(BucketRows.RowsAt.NOTHING);
    }

    private long replayEarlier(Sources from, BucketRows rows, long at) {
        RemoteBatches earlier =
                from.earlier()
                        .get()
                        .filter(e -> e.holds(at))
                        .orElseThrow(
                                () ->
                                        ErrorReason.KV_STORAGE.exception(
                                                from.name()
                                                        + ": its rows cannot be rebuilt, the log"
                                                        + " starts at offset "
                                                        + from.log().startOffset()
                                                        + ", but is needed from "
                                                        + at));
        long end;
        try (LogReplay replay = rows.replay(shared().folders())) {
            end =
                    earlier.read(
                            at,
                            batch -> {
                                checkWanted(from);
                                replay.add(batch);
                            });
            replay.finish();
        }
        LOG.info("{}: rows rebuilt from the remote log, offsets {} to {}", from.name(), at, end);
        if (end < from.log().startOffset()) {
            throw ErrorReason.KV_STORAGE.exception(
                    from.name()
                            + ": its rows cannot be rebuilt, the remote log ends at offset "
                            + end
                            + ", but the local one starts at "
                            + from.log().startOffset());
        }
        return end;
    }

    private void replay(Sources from, BucketRows rows, long start) throws IOException {
        LogView log = from.log();
        long at = start;
        try (LogReplay replay = rows.replay(shared().folders())) {
            while (at < log.endOffset()) {
                checkWanted(from);
                try (LogSlice slice = log.read(at, READ_BYTES, true, log.endOffset())) {
                    for (LogSlice.Range range : slice.ranges()) {
                        at = add(range, at, replay);
                    }
                }
            }
            replay.finish();
        }
        if (at > start) {
            LOG.info("{}: rows rebuilt from the log, offsets {} to {}", from.name(), start, at);
        }
    }

    /** Adds the batches from an offset on; returns the offset behind them. */
    private static long add(LogSlice.Range range, long from, LogReplay replay) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(range.size()).order(ByteOrder.LITTLE_ENDIAN);
        range.read(bytes, 0);
        bytes.flip();
        long at = from;
        for (int p = 0; p < bytes.limit(); ) {
            LogBatch batch = LogBatch.at(bytes, p);
            if (batch.baseOffset() >= at) {
                replay.add(batch);
                at = batch.nextOffset();
            }
            p += batch.size();
        }
        return at;
    }

    /**
     * Closes rows: removes their files, or leaves them so that {@link #open} goes on there.
     *
     * @param snapshotId the newest snapshot, if the rows have its files
     */
    void close(BucketRows rows, Path directory, Optional<Long> snapshotId, boolean deleteData) {
        if (deleteData) {
            rows.close();
            DirectoryTree.delete(directory);
            return;
        }
        try {
            BucketRows.RowsAt at = rows.closeInOrder();
            Files.writeString(
                    mark(directory),
                    at.endOffset()
                            + " "
                            + at.rowCount()
                            + snapshotId.map(id -> " " + id).orElse("")
                            + "\n",
                    StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: not closed in order, rows are rebuilt at the next start", directory, e);
            rows.close();
        }
    }

    /** Beside {@code log-0}: {@code kv-0}. */
    static Path directory(Path log) {
        return log.resolveSibling("kv-" + log.getFileName().toString().substring("log-".length()));
    }

    /** Beside the directory, since RocksDB owns what is in it. */
    private static Path mark(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".closed");
    }

    /** For files of a snapshot that is being made; what a crash has left there is deleted. */
    static Path scratch(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".checkpoint");
    }

    /**
     * What is written at an orderly end.
     *
     * @param snapshotId whose files the rows have
     */
    private record Mark(BucketRows.RowsAt at, Optional<Long> snapshotId) {
        static Optional<Mark> parse(String text) {
            List<String> fields = List.of(text.strip().split(" "));
            if (fields.size() != 2 && fields.size() != 3) {
                return Optional.empty();
            }
            return Optional.of(
                    new Mark(
                            new BucketRows.RowsAt(
                                    Long.parseLong(fields.get(0)), Long.parseLong(fields.get(1))),
                            fields.stream().skip(2).map(Long::valueOf).findFirst()));
        }
    }

    /** Reads the mark and removes it: it is true until something is written. */
    private static Optional<Mark> takeMark(Path directory) {
        Path mark = mark(directory);
        try {
            if (!Files.exists(mark)) {
                return Optional.empty();
            }
            String text = Files.readString(mark, StandardCharsets.UTF_8);
            Files.delete(mark);
            return Mark.parse(text);
        } catch (IOException | NumberFormatException e) {
            LOG.warn("{} cannot be read, the rows are rebuilt: {}", mark, e.toString());
            return Optional.empty();
        }
    }

    @Override
    public synchronized void close() {
        reads.shutdown();
        if (shared != null && !isRecoveryLeft) {
            shared.folders().shutdown();
            shared.drainers().shutdown();
            shared.storage().close();
            shared.allocator().close();
            shared = null;
        }
    }
}
