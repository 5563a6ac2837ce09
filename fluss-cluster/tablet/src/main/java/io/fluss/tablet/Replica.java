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

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.kv.KvBatch;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.statistics.BatchStatistics;
import io.fluss.kv.BucketRows;
import io.fluss.kv.KvTable;
import io.fluss.kv.MergeMode;
import io.fluss.log.BucketLog;
import io.fluss.log.LogView;
import io.fluss.log.SealedSegment;
import io.fluss.loop.Loop;
import io.fluss.remote.RemoteLog;
import io.fluss.remote.RemoteLogView;
import io.fluss.remote.RemoteLogs;
import io.fluss.remote.snapshot.BucketSnapshots;
import io.fluss.remote.snapshot.Rows;
import io.fluss.remote.snapshot.Snapshots;
import io.fluss.replication.PendingAcks;
import io.fluss.replication.ReplicaCommand;
import io.fluss.replication.ReplicaState;
import io.fluss.replication.Role;
import io.fluss.table.TableBucket;
import io.fluss.table.TableOptions;
import io.fluss.table.TableOptions.Durability;
import io.fluss.time.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One replica on this server: log, role, and who waits. Owned by its bucket loop; {@link #serving},
 * {@link #waiters} and {@link #loop} are for any thread.
 */
final class Replica {
    private final TableBucket bucket;
    private final Loop loop;
    private final Clock clock;
    private final TabletCounters counters;
    private final BucketLog log;
    private final FetchWaiters waiters = new FetchWaiters();
    private final PendingAcks<PendingAck> acks = new PendingAcks<>();

    /** Writes that wait for the leader's disk only. */
    private final PendingAcks<PendingAck> forcedAcks = new PendingAcks<>();

    private final DiskSync disk;
    private final DiskGuard guard;
    private final boolean isActiveRolled;
    private HostedTable table;
    private ReplicaState state;
    private boolean stopped;
    private long forcedOffset;
    private boolean isForcing;

    /** Null while there is no remote storage or this server does not lead the bucket. */
    private volatile @Nullable ReplicaRemote remote;

    /** The key-value view, while this server leads a bucket of a table with a primary key. */
    private @Nullable BucketRows rows;

    /** Of a bucket with an auto-increment column. */
    private Optional<NumberedWrites> numbered = Optional.empty();

    private Optional<String> partitionName = Optional.empty();

    private BiConsumer<BucketRows, Boolean> closeRows = (r, delete) -> {};

    /** Null while no snapshots are made of the rows. */
    private volatile @Nullable ReplicaSnapshots snapshots;

    /** What readers see; null while this server does not lead the bucket. */
    private volatile @Nullable Serving serving;

    /**
     * What a leader serves at one moment.
     *
     * @param leaderStartOffset log end when this server became leader
     */
    record Serving(
            HostedTable table,
            LogView log,
            Optional<BucketRows> rows,
            long highWatermark,
            long leaderStartOffset) {

        /**
         * The rows of a table with a primary key.
         *
         * @throws FlussException with NON_PRIMARY_KEY_TABLE
         */
        BucketRows rowsByKey() {
            return rows.orElseThrow(
                    () ->
                            ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                                    table.info().path()
                                            + " has no primary key: append to it and scan it"));
        }
    }

    /** The result of a write: where it is in the log, or why it failed. */
    record AppendResult(long baseOffset, long endOffset, Optional<FlussException> error) {
        static AppendResult failed(FlussException e) {
            return new AppendResult(-1, -1, Optional.of(e));
        }

        private static AppendResult of(BucketLog.Appended appended) {
            return new AppendResult(appended.baseOffset(), appended.endOffset(), Optional.empty());
        }
    }

    /** A write that waits for the high watermark. Identity is what tells two of them apart. */
    private static final class PendingAck {
        private final AppendResult written;
        private final Consumer<AppendResult> done;
        private Loop.@Nullable Timer timer;

        PendingAck(AppendResult written, Consumer<AppendResult> done) {
            this.written = written;
            this.done = done;
        }

        void settle(AppendResult result) {
            if (timer != null) {
                timer.cancel();
            }
            done.accept(result);
        }
    }

    Replica(
            TableBucket bucket,
            int serverId,
            HostedTable table,
            BucketLog log,
            Loop loop,
            Clock clock,
            TabletSettings settings,
            TabletCounters counters,
            DiskSync disk,
            DiskGuard guard) {
        this.bucket = bucket;
        this.table = table;
        this.log = log;
        this.loop = loop;
        this.clock = clock;
        this.counters = counters;
        this.disk = disk;
        this.guard = guard;
        this.isActiveRolled = settings.storage().isActiveRolled();
        this.state =
                ReplicaState.opened("bucket " + bucket, serverId, log.view().endOffset())
                        .withInSyncMin(settings.minInSyncReplicas());
    }

    TableBucket bucket() {
        return bucket;
    }

    Loop loop() {
        return loop;
    }

    FetchWaiters waiters() {
        return waiters;
    }

    /** Empty while this server does not lead the bucket. For any thread. */
    Optional<Serving> serving() {
        return Optional.ofNullable(serving);
    }

    /** The remote log that this server keeps for the bucket it leads. For any thread. */
    Optional<ReplicaRemote> remote() {
        return Optional.ofNullable(remote);
    }

    /**
     * Starts to keep the remote log of the term that has begun.
     *
     * @param lakeEnd how far the lake holds the bucket, -1 if nobody knows
     * @return completes when readers can be answered
     */
    CompletableFuture<Void> keepRemote(
            RemoteLogs remotes, LeaderAssignment a, LongSupplier lakeEnd) {
        loop.assertOwner();
        ReplicaRemote before = remote;
        if (before != null) {
            var unused = before.stop();
        }
        ReplicaRemote next =
                new ReplicaRemote(
                        remotes,
                        remotes.open(a.table().path(), a.partitionName(), bucket, a.leaderEpoch()),
                        loop,
                        () -> round(remotes.settings().uploadSegmentsMax(), lakeEnd.getAsLong()),
                        this::removeCopied);
        remote = next;
        CompletableFuture<Void> known = next.start();
        return log.view().startOffset() == 0 ? CompletableFuture.completedFuture(null) : known;
    }

    private RemoteLog.Round round(int uploadSegmentsMax, long lakeEnd) {
        TableOptions options = table.info().options();
        long ttlMs = options.logTtl().toMillis();
        return new RemoteLog.Round(
                log.view(),
                state.highWatermark(),
                uploadSegmentsMax,
                ttlMs > 0 ? clock.nowMs() - ttlMs : Long.MIN_VALUE,
                Math.min(options.isLakeEnabled() ? lakeEnd : Long.MAX_VALUE, neededBelow()));
    }

    /**
     * What of the log may go as far as rows by key are concerned: it is needed from the oldest
     * snapshot on, whether that is kept for a recovery or for a reader that holds it.
     */
    private long neededBelow() {
        if (rows == null) {
            return Long.MAX_VALUE;
        }
        ReplicaSnapshots s = snapshots;
        return s == null ? 0 : s.known().neededFrom().orElse(0);
    }

    /** Local segments below it are not read when the rows are rebuilt. */
    private long replayedFrom() {
        if (rows == null) {
            return Long.MAX_VALUE;
        }
        ReplicaSnapshots s = snapshots;
        return s == null ? 0 : s.known().latestOffset();
    }

    /** Makes snapshots of the rows from now on; after {@link #openRows}. */
    void keepSnapshots(Snapshots shared, BucketSnapshots known, Path scratch) {
        loop.assertOwner();
        ReplicaSnapshots before = snapshots;
        if (before != null) {
            var unused = before.stop();
        }
        ReplicaSnapshots next =
                new ReplicaSnapshots(shared, known, loop, this::snapshotRows, scratch);
        snapshots = next;
        next.start(bucket);
    }

    /** What makes snapshots of the rows. For any thread. */
    Optional<ReplicaSnapshots> snapshots() {
        return Optional.ofNullable(snapshots);
    }

    private Rows snapshotRows() {
        BucketRows view = rows;
        if (view == null) {
            throw notLeader();
        }
        return new SnapshotRows(view, this::forceForSnapshot);
    }

    /** On the thread of a snapshot. */
    private void forceForSnapshot() {
        try {
            var unused = log.force();
        } catch (ClosedChannelException e) {
            throw notLeader();
        } catch (IOException e) {
            loop.execute(() -> forceFailed(e));
            throw ErrorReason.LOG_STORAGE.exception(
                    "bucket " + bucket + ": its log could not be forced to the disk: " + e, e);
        }
    }

    /** Local segments go that were copied and are too many or too old. */
    private void removeCopied() {
        ReplicaRemote r = remote;
        if (stopped || r == null) {
            return;
        }
        TableOptions options = table.info().options();
        long ttlMs = options.localLogTtl().toMillis();
        long expiredBeforeMs = ttlMs > 0 ? clock.nowMs() - ttlMs : Long.MIN_VALUE;
        long copiedUpTo =
                Math.min(r.view().map(RemoteLogView::endOffset).orElse(0L), state.highWatermark());
        List<SealedSegment> sealed = log.view().sealedSegments();
        // The active segment is one of those that stay.
        int surplus = sealed.size() + 1 - options.localLogSegments();
        long upTo = 0;
        for (int i = 0; i < sealed.size(); i++) {
            SealedSegment s = sealed.get(i);
            boolean mayGo = i < surplus || s.maxTimestampMs() < expiredBeforeMs;
            if (!mayGo || s.endOffset() > Math.min(copiedUpTo, replayedFrom())) {
                break;
            }
            upTo = s.endOffset();
        }
        if (log.removeUpTo(upTo) > 0) {
            publish();
        }
    }

    FlussException notLeader() {
        return ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(
                "bucket " + bucket + " is not led by this server");
    }

    void becomeLeader(LeaderAssignment a) {
        loop.assertOwner();
        table = table.with(a.table());
        if (isFsync() && serving == null) {
            forceBeforeServing();
        }
        state =
                state.apply(
                        state.decide(
                                new ReplicaCommand.BecomeLeader(
                                        a.leaderEpoch(), a.bucketEpoch(), a.replicas(), a.isr())));
        publish();
    }

    /**
     * The rows by key, which hold the whole log; before {@link #becomeLeader}. Of the table as it
     * was when they began to be opened, or later.
     *
     * @param close takes the rows at the end, and whether their files go too
     */
    void openRows(BucketRows opened, BiConsumer<BucketRows, Boolean> close) {
        loop.assertOwner();
        rows = opened.with(KvTable.of(table.info()));
        closeRows = close;
    }

    /**
     * What rows with an auto-increment column and lookups that insert need; after {@link
     * #openRows}.
     */
    void openInserts(Optional<String> partition, IncrementSource increments) {
        loop.assertOwner();
        partitionName = partition;
        numbered =
                Optional.ofNullable(rows)
                        .flatMap(BucketRows::ids)
                        .map(
                                ids ->
                                        new NumberedWrites(
                                                "bucket " + bucket,
                                                bucket.tableId(),
                                                ids,
                                                increments,
                                                loop));
    }

    /** Whether {@link #openRows} was called. */
    boolean hasRows() {
        loop.assertOwner();
        return rows != null;
    }

    /** For rebuilding the rows. */
    LogView logView() {
        loop.assertOwner();
        return log.view();
    }

    /** Another minimum of in-sync replicas; judges writes that wait, too. */
    void minInSyncReplicas(int min) {
        loop.assertOwner();
        state = state.withInSyncMin(min);
    }

    boolean isLakeEnabled() {
        loop.assertOwner();
        return table.info().options().isLakeEnabled();
    }

    private boolean isFsync() {
        return table.info().options().durability() == Durability.FSYNC;
    }

    /** What a crash has left in memory only must not be read before it is on the disk. */
    private void forceBeforeServing() {
        try {
            forcedOffset = log.force();
        } catch (IOException e) {
            throw ErrorReason.LOG_STORAGE.exception(
                    "bucket " + bucket + ": its log could not be forced to the disk: " + e, e);
        }
    }

    /** Forces the log; called by the thread of the disk. */
    long forceLog() throws IOException {
        return log.force();
    }

    /** Everything below the offset is on the disk. */
    void forced(long endOffset) {
        loop.assertOwner();
        isForcing = false;
        if (stopped) {
            return;
        }
        forcedOffset = Math.max(forcedOffset, endOffset);
        long logEnd = log.view().endOffset();
        moveEnd(isFsync() ? forcedOffset : logEnd);
        if (isFsync() && logEnd > forcedOffset) {
            requestForce();
        }
        publish();
    }

    /** Nobody knows what is on the disk: whoever waits for it is told, and no append is taken. */
    void forceFailed(IOException cause) {
        loop.assertOwner();
        isForcing = false;
        if (stopped) {
            return;
        }
        log.forceFailed(cause);
        FlussException error =
                ErrorReason.LOG_STORAGE.exception(
                        "bucket "
                                + bucket
                                + ": the append could not be forced to the disk and may be lost: "
                                + cause,
                        cause);
        forcedAcks.drain().forEach(a -> a.settle(AppendResult.failed(error)));
        acks.drain().forEach(a -> a.settle(AppendResult.failed(error)));
    }

    private void requestForce() {
        if (!isForcing) {
            isForcing = true;
            disk.request(this);
        }
    }

    private void moveEnd(long endOffset) {
        if (endOffset > state.endOffset()) {
            state = state.apply(state.decide(new ReplicaCommand.LocalAppended(endOffset)));
        }
    }

    void tableChanged(HostedTable changed) {
        loop.assertOwner();
        table = table.with(changed.info());
        if (rows != null) {
            rows = rows.with(KvTable.of(table.info()));
        }
        if (serving != null) {
            publish();
        }
    }

    void followerFetched(int serverId, long offset) {
        loop.assertOwner();
        if (!stopped && state.role() instanceof Role.Leader) {
            state = state.apply(state.decide(new ReplicaCommand.FollowerFetched(serverId, offset)));
            publish();
        }
    }

    /**
     * Checks and appends the batches of a produce request.
     *
     * @param done called once, on this loop, at once or when the acknowledgement is due
     */
    void append(ByteString records, int acksWanted, long timeoutMs, Consumer<AppendResult> done) {
        loop.assertOwner();
        BucketLog.Appended appended;
        try {
            checkWritable(acksWanted);
            checkIsLog();
            List<LogBatch> batches = batches(records);
            batches.forEach(this::checkBatch);
            appended = log.append(batches, clock.nowMs());
            if (appended.isDuplicate()) {
                counters.duplicateBatches.increment();
            } else {
                counters.appendedBatches.add(batches.size());
                counters.appendedBytes.add(records.size());
            }
        } catch (FlussException e) {
            counters.refusedAppends.increment();
            done.accept(AppendResult.failed(e));
            return;
        }
        written(appended, acksWanted, timeoutMs, done);
    }

    /**
     * Merges the batch of a put request with the rows of its keys and appends what changes.
     *
     * @param targetColumns positions in the latest schema; empty for whole rows
     * @param done called once, on this loop, at once or when the acknowledgement is due
     */
    void upsert(
            ByteString records,
            List<Integer> targetColumns,
            MergeMode mode,
            int acksWanted,
            long timeoutMs,
            Consumer<AppendResult> done) {
        loop.assertOwner();
        if (numbered.isEmpty()) {
            upsertNow(records, targetColumns, mode, acksWanted, timeoutMs, done);
            return;
        }
        // The request may be answered, and its memory used again, before a write that waited runs.
        ByteString kept = ByteString.copyFrom(records.asReadOnlyByteBuffer());
        numbered.get()
                .admit(
                        KvBatch.recordsMax(kept.asReadOnlyByteBuffer()),
                        () -> upsertNow(kept, targetColumns, mode, acksWanted, timeoutMs, done),
                        e -> done.accept(AppendResult.failed(e)));
    }

    /**
     * Looks keys up and inserts rows of the key alone where there are none.
     *
     * @param done gets the values, one for each key, or why it failed; on this loop
     */
    void insertMissing(
            List<byte[]> keys,
            int acksWanted,
            long timeoutMs,
            BiConsumer<List<byte @Nullable []>, Optional<FlussException>> done) {
        loop.assertOwner();
        if (serving == null) {
            throw notLeader();
        }
        BucketRows view = serving.rowsByKey();
        List<byte[]> missing = new ArrayList<>();
        List<byte @Nullable []> found = view.lookup(keys);
        for (int i = 0; i < keys.size(); i++) {
            if (found.get(i) == null) {
                missing.add(keys.get(i));
            }
        }
        if (missing.isEmpty()) {
            done.accept(found, Optional.empty());
            return;
        }
        upsert(
                UnsafeByteOperations.unsafeWrap(view.insertion(missing, partitionName)),
                view.keyColumns(),
                MergeMode.DEFAULT,
                acksWanted,
                timeoutMs,
                r -> {
                    List<byte @Nullable []> all = List.of();
                    Optional<FlussException> error = r.error();
                    try {
                        all = error.isEmpty() ? latest(keys) : all;
                    } catch (FlussException e) {
                        error = Optional.of(e);
                    }
                    done.accept(all, error);
                });
    }

    private List<byte @Nullable []> latest(List<byte[]> keys) {
        BucketRows view = rows;
        if (view == null) {
            throw notLeader();
        }
        return view.latest(keys);
    }

    private void upsertNow(
            ByteString records,
            List<Integer> targetColumns,
            MergeMode mode,
            int acksWanted,
            long timeoutMs,
            Consumer<AppendResult> done) {
        BucketLog.Appended appended;
        try {
            checkWritable(acksWanted);
            appended = merge(records, targetColumns, mode);
        } catch (FlussException e) {
            counters.refusedAppends.increment();
            done.accept(AppendResult.failed(e));
            return;
        }
        written(appended, acksWanted, timeoutMs, done);
    }

    private BucketLog.Appended merge(
            ByteString records, List<Integer> targetColumns, MergeMode mode) {
        BucketRows view = rows;
        if (view == null) {
            throw ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    table.info().path() + " has no primary key: append to it with PRODUCE_LOG");
        }
        ByteBuffer changelog = view.prepare(records.toByteArray(), targetColumns, mode);
        boolean isNew = false;
        try {
            BucketLog.Appended appended =
                    log.append(List.of(LogBatch.at(changelog, 0)), clock.nowMs());
            isNew = !appended.isDuplicate();
            if (isNew) {
                view.appended(appended.endOffset());
                counters.appendedBatches.increment();
                counters.appendedBytes.add(records.size());
            } else {
                counters.duplicateBatches.increment();
            }
            return appended;
        } finally {
            if (!isNew) {
                view.dropped();
            }
        }
    }

    /** Answers a write when its acknowledgement is due. */
    private void written(
            BucketLog.Appended appended,
            int acksWanted,
            long timeoutMs,
            Consumer<AppendResult> done) {
        long end = appended.endOffset();
        if (!isFsync()) {
            moveEnd(end);
        } else if (forcedOffset < end) {
            requestForce();
        }
        if (acksWanted == -1 && state.highWatermark() < end) {
            await(acks, appended, timeoutMs, done);
        } else if (acksWanted == 1 && isFsync() && forcedOffset < end) {
            await(forcedAcks, appended, timeoutMs, done);
        } else {
            publish(); // first, so that who is answered finds what it wrote
            done.accept(AppendResult.of(appended));
            return;
        }
        publish();
    }

    private void await(
            PendingAcks<PendingAck> queue,
            BucketLog.Appended appended,
            long timeoutMs,
            Consumer<AppendResult> done) {
        PendingAck ack = new PendingAck(AppendResult.of(appended), done);
        queue.add(appended.endOffset(), ack);
        ack.timer =
                loop.schedule(
                        Duration.ofMillis(Math.max(0, timeoutMs)),
                        () -> {
                            if (queue.remove(ack)) {
                                ack.settle(
                                        AppendResult.failed(
                                                ErrorReason.REQUEST_TIME_OUT.exception(
                                                        "bucket "
                                                                + bucket
                                                                + ": not stored as the table"
                                                                + " wants it within "
                                                                + timeoutMs
                                                                + " ms; it is in the log and may"
                                                                + " still be committed")));
                            }
                        });
    }

    private void checkWritable(int acksWanted) {
        if (serving == null) {
            throw notLeader();
        }
        guard.checkWritable();
        if (acksWanted == -1 && state.inSyncCount() < state.inSyncMin()) {
            throw ErrorReason.NOT_ENOUGH_REPLICAS.exception(
                    "bucket "
                            + bucket
                            + " has "
                            + state.inSyncCount()
                            + " in-sync replicas, log.replica.min-in-sync-replicas-number is "
                            + state.inSyncMin());
        }
    }

    private void checkIsLog() {
        if (table.info().hasPrimaryKey()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table.info().path()
                            + " has a primary key: write it with PUT_KV, an append to its log would"
                            + " bypass its key-value view");
        }
    }

    private List<LogBatch> batches(ByteString records) {
        ByteBuffer bytes = records.asReadOnlyByteBuffer();
        List<LogBatch> batches = new ArrayList<>(1);
        for (int at = bytes.position(); at < bytes.limit(); ) {
            LogBatch b = LogBatch.at(bytes, at);
            b.checkCrc();
            batches.add(storable(b));
            at += b.size();
        }
        if (batches.isEmpty()) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    "bucket " + bucket + ": the request holds no batch");
        }
        return batches;
    }

    /**
     * Statistics stay only where the table asks for them, and if they can be used: readers of the
     * published 0.9 line do not understand batches that have some.
     */
    private LogBatch storable(LogBatch b) {
        boolean keeps =
                b.magic() == LogBatch.MAGIC_STATISTICS
                        && table.hasStatistics()
                        && BatchStatistics.isWellFormed(b.statistics());
        return keeps ? b : b.withoutStatistics();
    }

    private void checkBatch(LogBatch b) {
        if (b.schemaId() < 1 || b.schemaId() > table.info().schemaId()) {
            throw ErrorReason.SCHEMA_NOT_EXIST.exception(
                    table.info().path()
                            + ": batch of schema "
                            + b.schemaId()
                            + ", the latest one known here is "
                            + table.info().schemaId());
        }
        if (!b.isAppendOnly() && b.recordCount() > 0) {
            throw ErrorReason.CORRUPT_RECORD.exception(
                    table.info().path()
                            + " is a log table: its batches must be marked append-only");
        }
    }

    /** Shows readers the state, then answers those who waited for it. */
    private void publish() {
        if (!(state.role() instanceof Role.Leader leader)) {
            return;
        }
        if (rows != null) {
            // Before readers of the log are told of it: lookups are never behind them.
            commitRows(rows);
        }
        serving =
                new Serving(
                        table,
                        log.view(),
                        Optional.ofNullable(rows),
                        state.highWatermark(),
                        leader.startEndOffset());
        for (PendingAck ack : acks.reached(state.highWatermark())) {
            ack.settle(settled(ack));
        }
        for (PendingAck ack : forcedAcks.reached(forcedOffset)) {
            ack.settle(ack.written);
        }
        waiters.wake();
    }

    /** Rows that cannot be kept up to date must not be served any more. */
    private void commitRows(BucketRows view) {
        try {
            view.commit(state.highWatermark());
        } catch (RuntimeException e) {
            FlussException error =
                    ErrorReason.KV_STORAGE.exception(
                            "bucket " + bucket + " is offline until a restart: " + e.getMessage(),
                            e);
            serving = null;
            acks.drain().forEach(a -> a.settle(AppendResult.failed(error)));
            forcedAcks.drain().forEach(a -> a.settle(AppendResult.failed(error)));
            waiters.end();
            throw error;
        }
    }

    private AppendResult settled(PendingAck ack) {
        if (state.inSyncCount() < state.inSyncMin()) {
            return AppendResult.failed(
                    ErrorReason.NOT_ENOUGH_REPLICAS_AFTER_APPEND.exception(
                            "bucket " + bucket + ": too few in-sync replicas after the append"));
        }
        return ack.written;
    }

    void expireWriters(long nowMs) {
        loop.assertOwner();
        log.expireWriters(nowMs);
    }

    /** Records in the background up to where the log is on the disk. */
    void checkpoint() {
        loop.assertOwner();
        log.checkpoint();
    }

    /**
     * Removes segments that are older than the table keeps them, never above the high watermark.
     *
     * @param mayGo has the last word on each segment: what only the log has must stay
     */
    void expireSegments(long nowMs, Predicate<SealedSegment> mayGo) {
        loop.assertOwner();
        long ttlMs = table.info().options().logTtl().toMillis();
        if (serving == null || ttlMs <= 0) {
            return;
        }
        long highWatermark = state.highWatermark();
        long upTo = Math.min(highWatermark, neededBelow());
        LogView now = log.view();
        if (isActiveRolled
                && now.maxTimestampMs() >= 0
                && nowMs - now.maxTimestampMs() > ttlMs
                && now.endOffset() <= highWatermark) {
            log.rollNow();
        }
        log.deleteOldest(
                s -> s.endOffset() <= upTo && nowMs - s.maxTimestampMs() > ttlMs && mayGo.test(s));
        publish();
    }

    /**
     * Ends serving: waiting writers and readers are told that the leader moved.
     *
     * @return completes when nothing writes to the remote log any more
     */
    CompletableFuture<Void> stop(boolean deleteData) {
        loop.assertOwner();
        ReplicaRemote r = remote;
        ReplicaSnapshots s = snapshots;
        CompletableFuture<Void> remoteStopped =
                CompletableFuture.allOf(
                        r == null ? CompletableFuture.completedFuture(null) : r.stop(),
                        s == null ? CompletableFuture.completedFuture(null) : s.stop());
        if (stopped) {
            return remoteStopped;
        }
        stopped = true;
        state = state.apply(state.decide(new ReplicaCommand.Stop()));
        serving = null;
        acks.drain().forEach(a -> a.settle(AppendResult.failed(notLeader())));
        forcedAcks.drain().forEach(a -> a.settle(AppendResult.failed(notLeader())));
        waiters.end();
        numbered.ifPresent(n -> n.end(notLeader()));
        if (rows != null) {
            closeRows.accept(rows, deleteData);
        }
        if (deleteData) {
            log.delete();
        } else {
            log.close();
        }
        return remoteStopped;
    }
}
