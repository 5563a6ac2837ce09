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
package io.fluss.client.scan;

import io.fluss.client.Admin;
import io.fluss.client.OffsetSpec;
import io.fluss.client.cluster.Backoff;
import io.fluss.client.cluster.Cluster;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.filter.Predicate;
import io.fluss.formats.log.LogBatch;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.PbFetchLogReqForBucket;
import io.fluss.protocol.messages.PbFetchLogReqForTable;
import io.fluss.protocol.messages.PbFetchLogRespForBucket;
import io.fluss.protocol.messages.PbFetchLogRespForTable;
import io.fluss.protocol.messages.PbPredicate;
import io.fluss.protocol.messages.PbTableMetadata;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import io.fluss.time.SystemClock;
import io.fluss.transport.RpcConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows logs with one fetch under way per server. Everything happens on the thread that polls;
 * answers arrive through a mailbox.
 *
 * <p>A fetch asks for all buckets of a server that have room. The server may wait for data only if
 * nothing of its buckets is left to hand out; otherwise it must answer at once, so that a bucket at
 * its end never holds up one that has data. To keep that from spinning, such a fetch is sent only
 * while some bucket's last fetch brought something.
 */
public final class FetchingScanner implements LogScanner {
    private static final Logger LOG = LoggerFactory.getLogger(FetchingScanner.class);
    private static final int CLIENT = -1;

    /** So many failures in a row of reads from remote storage are told to the caller. */
    private static final int REMOTE_FAILURES_REPORTED = 5;

    /** A server that has just started may deny a table it will soon know. */
    private static final Duration REFUSAL_LASTING = Duration.ofSeconds(10);

    private final TableInfo table;
    private final ScannerSettings settings;
    private final Cluster cluster;
    private final Clock clock;
    private final BatchReader reader;
    private final Admin admin;
    private final RemoteFiles remoteFiles;
    private final Mailbox mailbox = new Mailbox();
    private final Map<TableBucket, BucketCursor> cursors = new LinkedHashMap<>();
    private final Set<Integer> fetching = new HashSet<>();
    private Optional<PbPredicate> filter = Optional.empty();
    private boolean isPushdown;
    private boolean isRefreshing;
    private boolean isWoken;
    private int rotation;
    private @Nullable FlussException failure;
    private @Nullable Long refusedSinceNanos;

    private FetchingScanner(
            TableInfo table,
            ScannerSettings settings,
            Cluster cluster,
            Clock clock,
            BatchReader reader,
            Admin admin,
            RemoteFiles remoteFiles) {
        this.table = table;
        this.settings = settings;
        this.cluster = cluster;
        this.clock = clock;
        this.reader = reader;
        this.admin = admin;
        this.remoteFiles = remoteFiles;
        this.isPushdown = reader.isProjection();
    }

    /**
     * A scanner without buckets.
     *
     * @throws FlussException with INVALID_TABLE for a table that cannot be read like this
     */
    public static FetchingScanner open(
            TableInfo table,
            Optional<List<Integer>> columns,
            BufferAllocator allocator,
            ScannerSettings settings,
            Cluster cluster,
            Admin admin,
            RemoteFiles remoteFiles) {
        return open(
                table,
                settings,
                cluster,
                SystemClock.INSTANCE,
                columns,
                allocator,
                admin,
                remoteFiles);
    }

    static FetchingScanner open(
            TableInfo table,
            ScannerSettings settings,
            Cluster cluster,
            Clock clock,
            Optional<List<Integer>> columns,
            BufferAllocator allocator,
            Admin admin,
            RemoteFiles remoteFiles) {
        return new FetchingScanner(
                table,
                settings,
                cluster,
                clock,
                new BatchReader(table, columns, admin, allocator),
                admin,
                remoteFiles);
    }

    @Override
    public void subscribe(TableBucket bucket, long offset) {
        if (bucket.tableId() != table.tableId()) {
            throw ErrorReason.UNKNOWN_TABLE_OR_BUCKET.exception(
                    "bucket " + bucket + " is not of table " + table.path());
        }
        unsubscribe(bucket);
        cursors.put(bucket, new BucketCursor(bucket, offset));
    }

    @Override
    public void unsubscribe(TableBucket bucket) {
        BucketCursor gone = cursors.remove(bucket);
        if (gone != null) {
            gone.dropData();
        }
    }

    @Override
    public void filter(Predicate wanted) {
        // Published servers of the 0.9 line skip the unknown field: an unfiltered read is right.
        this.filter = FilterMessage.of(wanted, table.schema());
    }

    @Override
    public long position(TableBucket bucket) {
        BucketCursor cursor = cursors.get(bucket);
        return cursor == null ? EARLIEST : cursor.position();
    }

    @Override
    public List<ScanBatch> poll(Duration timeout) {
        long deadline = clock.nanoTime() + timeout.toNanos();
        await(Duration.ZERO);
        while (true) {
            List<ScanBatch> batches = collect();
            // What was taken has made room: the next data travels while the caller works.
            fetch();
            if (!batches.isEmpty()) {
                return batches;
            }
            throwFailure();
            long left = deadline - clock.nanoTime();
            if (isWoken || left <= 0 || anyMoved()) {
                isWoken = false;
                return List.of();
            }
            await(Duration.ofNanos(Math.min(left, nextRetryNanos())));
        }
    }

    /** Whoever reads a range wants to know that nothing of the rest comes. */
    private boolean anyMoved() {
        boolean any = false;
        for (BucketCursor c : cursors.values()) {
            any |= c.takeMoved();
        }
        return any;
    }

    private void await(Duration longest) {
        try {
            mailbox.deliver(longest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.NETWORK.exception(
                    "interrupted while waiting for records of " + table.path(), e);
        }
    }

    private void throwFailure() {
        FlussException e = failure;
        if (e != null) {
            failure = null;
            throw e;
        }
    }

    private long nextRetryNanos() {
        long now = clock.nanoTime();
        return cursors.values().stream()
                .mapToLong(c -> c.pausedNanos(now))
                .filter(nanos -> nanos > 0)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    // ---- handing out

    private List<ScanBatch> collect() {
        List<BucketCursor> order = new ArrayList<>(cursors.values());
        Collections.rotate(order, -rotation);
        List<ScanBatch> batches = new ArrayList<>();
        int rows = 0;
        boolean any = true;
        try {
            while (any && rows < settings.pollRecordsMax()) {
                any = false;
                for (BucketCursor cursor : order) {
                    Optional<LogBatch> next =
                            rows < settings.pollRecordsMax() ? cursor.next() : Optional.empty();
                    if (next.isPresent()) {
                        ScanBatch batch = read(cursor, next.get());
                        batches.add(batch);
                        rows += batch.rows().getRowCount();
                        rotation++;
                        any = true;
                    }
                }
            }
        } catch (RuntimeException e) {
            if (batches.isEmpty()) {
                throw e;
            }
            // What has been read counts as handed out, so it must be.
            failure = FlussException.from(e);
        }
        if (rotation >= Integer.MAX_VALUE / 2) {
            rotation = 0;
        }
        return batches;
    }

    private ScanBatch read(BucketCursor cursor, LogBatch batch) {
        ScanBatch read =
                reader.read(cursor.bucket(), batch, cursor.position(), cursor.isProjected());
        cursor.passed(batch);
        return read;
    }

    // ---- fetching

    private void fetch() {
        long now = clock.nanoTime();
        Map<Integer, List<BucketCursor>> byLeader = new HashMap<>();
        Set<Long> leaderless = new HashSet<>();
        List<BucketCursor> order = new ArrayList<>(cursors.values());
        Collections.rotate(order, -rotation);
        for (BucketCursor cursor : order) {
            if (cursor.pausedNanos(now) > 0) {
                continue;
            }
            if (cursor.remote().isPresent()) {
                readRemotely(cursor, cursor.remote().get());
                continue;
            }
            OptionalInt leader = cluster.leader(cursor.bucket());
            if (leader.isPresent()) {
                byLeader.computeIfAbsent(leader.getAsInt(), k -> new ArrayList<>()).add(cursor);
            } else {
                leaderless.add(cursor.bucket().partitionId());
            }
        }
        if (!leaderless.isEmpty()) {
            refresh(leaderless);
        }
        byLeader.forEach(this::fetchFrom);
    }

    private void fetchFrom(int server, List<BucketCursor> all) {
        if (fetching.contains(server)) {
            return;
        }
        List<BucketCursor> some = all.stream().filter(BucketCursor::canFetch).toList();
        boolean isDrained = all.stream().noneMatch(BucketCursor::hasData);
        boolean isHungry = some.stream().anyMatch(BucketCursor::isHungry);
        if (some.isEmpty() || !(isDrained || isHungry) || isFull()) {
            return;
        }
        boolean isProjected = isPushdown;
        FetchLogRequest request = request(some, isProjected, isDrained);
        some.forEach(BucketCursor::fetchStarted);
        fetching.add(server);
        var unused =
                cluster.tabletServer(server)
                        .thenCompose(
                                c ->
                                        c.<FetchLogResponse>sendLeased(
                                                ApiKey.FETCH_LOG,
                                                request,
                                                cluster.requestTimeout().plus(settings.waitMax())))
                        .whenComplete(
                                (lease, problem) ->
                                        mailbox.put(
                                                new Answer(
                                                        server,
                                                        some,
                                                        isProjected,
                                                        lease,
                                                        problem)));
    }

    /** What is held is handed out before it can block anything. */
    private boolean isFull() {
        long held = 0;
        for (BucketCursor c : cursors.values()) {
            held += c.heldBytes();
        }
        return held >= settings.prefetchBytesMax();
    }

    private FetchLogRequest request(
            List<BucketCursor> buckets, boolean isProjected, boolean mayWait) {
        PbFetchLogReqForTable.Builder t =
                PbFetchLogReqForTable.newBuilder()
                        .setTableId(table.tableId())
                        .setProjectionPushdownEnabled(isProjected);
        if (isProjected) {
            t.addAllProjectedFields(reader.fetchedPositions());
        }
        filter.ifPresent(f -> t.setFilterPredicate(f).setFilterSchemaId(table.schemaId()));
        for (BucketCursor cursor : buckets) {
            PbFetchLogReqForBucket.Builder b =
                    t.addBucketsReqBuilder()
                            .setBucketId(cursor.bucket().bucket())
                            .setFetchOffset(cursor.fetchOffset())
                            .setMaxFetchBytes(settings.bucketBytesMax());
            cursor.bucket().partition().ifPresent(b::setPartitionId);
        }
        return FetchLogRequest.newBuilder()
                .setFollowerServerId(CLIENT)
                .setMaxBytes(settings.fetchBytesMax())
                .setMinBytes(settings.fetchBytesMin())
                .setMaxWaitMs(mayWait ? (int) settings.waitMax().toMillis() : 0)
                .addTablesReq(t)
                .build();
    }

    /** The end of a fetch. */
    private final class Answer implements Mailbox.Event {
        private final int server;
        private final List<BucketCursor> asked;
        private final boolean isProjected;
        private final RpcConnection.@Nullable Leased<FetchLogResponse> lease;
        private final @Nullable Throwable problem;

        Answer(
                int server,
                List<BucketCursor> asked,
                boolean isProjected,
                RpcConnection.@Nullable Leased<FetchLogResponse> lease,
                @Nullable Throwable problem) {
            this.server = server;
            this.asked = asked;
            this.isProjected = isProjected;
            this.lease = lease;
            this.problem = problem;
        }

        @Override
        public void happen() {
            fetching.remove(server);
            Map<TableBucket, BucketCursor> open = new HashMap<>();
            for (BucketCursor cursor : asked) {
                cursor.fetchEnded();
                // A bucket that was subscribed again has another cursor by now.
                if (cursor.equals(cursors.get(cursor.bucket()))) {
                    open.put(cursor.bucket(), cursor);
                }
            }
            if (lease == null) {
                FlussException error =
                        problem == null
                                ? ErrorReason.NETWORK.exception("no answer")
                                : FlussException.from(problem);
                open.values().forEach(c -> refused(c, error, isProjected));
                return;
            }
            FetchedFrame frame = new FetchedFrame(lease, isProjected);
            try {
                take(lease.message(), frame, open, isProjected);
            } finally {
                frame.release();
            }
        }

        @Override
        public void drop() {
            if (lease != null) {
                lease.close();
            }
        }
    }

    private void take(
            FetchLogResponse message,
            FetchedFrame frame,
            Map<TableBucket, BucketCursor> open,
            boolean isProjected) {
        for (PbFetchLogRespForTable t : message.getTablesRespList()) {
            for (PbFetchLogRespForBucket b : t.getBucketsRespList()) {
                OptionalLong partition =
                        b.hasPartitionId()
                                ? OptionalLong.of(b.getPartitionId())
                                : OptionalLong.empty();
                TableBucket bucket = TableBucket.of(t.getTableId(), partition, b.getBucketId());
                BucketCursor cursor = open.remove(bucket);
                if (cursor != null) {
                    take(frame, cursor, b, isProjected);
                }
            }
        }
        FlussException missing =
                ErrorReason.NETWORK.exception("the answer does not name a bucket that was asked");
        open.values().forEach(c -> refused(c, missing, isProjected));
    }

    private void take(
            FetchedFrame frame,
            BucketCursor cursor,
            PbFetchLogRespForBucket answer,
            boolean isProjected) {
        if (answer.hasErrorCode() && answer.getErrorCode() != 0) {
            refused(
                    cursor,
                    ErrorCodes.toException(
                            answer.getErrorCode(),
                            answer.getErrorMessage(),
                            "fetch from "
                                    + table.path()
                                    + " bucket "
                                    + cursor.bucket()
                                    + " at offset "
                                    + cursor.fetchOffset()),
                    isProjected);
        } else if (answer.hasRemoteLogFetchInfo()) {
            try {
                cursor.readRemotely(RemoteRange.of(answer.getRemoteLogFetchInfo()));
            } catch (FlussException e) {
                refused(cursor, e, isProjected);
            }
        } else {
            ByteBuffer records = answer.getRecords().asReadOnlyByteBuffer();
            try {
                cursor.fetched(
                        frame,
                        records,
                        answer.hasFilteredEndOffset()
                                ? answer.getFilteredEndOffset()
                                : BucketCursor.NONE);
            } catch (FlussException e) {
                cursor.pauseUntil(
                        clock.nanoTime() + Backoff.after(cursor.countFailure()).toNanos());
                failure = e;
            }
        }
    }

    // ---- remote segments

    /** One piece at a time for each bucket, and one that waits: the next travels meanwhile. */
    private void readRemotely(BucketCursor cursor, RemoteRange range) {
        if (!cursor.canFetch() || isFull()) {
            return;
        }
        cursor.fetchStarted();
        var unused =
                remoteFiles
                        .read(range.file(), range.position(), range.left())
                        .whenComplete(
                                (records, problem) ->
                                        mailbox.put(new Piece(cursor, range, records, problem)));
    }

    /** The end of a read of a remote segment. */
    private final class Piece implements Mailbox.Event {
        private final BucketCursor cursor;
        private final RemoteRange range;
        private final @Nullable ByteBuffer records;
        private final @Nullable Throwable problem;

        Piece(
                BucketCursor cursor,
                RemoteRange range,
                @Nullable ByteBuffer records,
                @Nullable Throwable problem) {
            this.cursor = cursor;
            this.range = range;
            this.records = records;
            this.problem = problem;
        }

        @Override
        public void happen() {
            cursor.fetchEnded();
            boolean isCurrent =
                    cursor.equals(cursors.get(cursor.bucket()))
                            && cursor.remote().filter(r -> r.equals(range)).isPresent();
            if (!isCurrent) {
                return;
            }
            if (records == null) {
                failed(
                        problem == null
                                ? ErrorReason.STORAGE.exception("no answer")
                                : FlussException.from(problem));
                return;
            }
            int size = records.remaining();
            FetchedFrame frame = FetchedFrame.unowned();
            try {
                cursor.fetched(frame, records, range.advance(size));
            } catch (FlussException e) {
                failed(e);
                return;
            } finally {
                frame.release();
            }
            if (range.isDone()) {
                cursor.leaveRemote();
            }
        }

        /** The leader is asked again: the segment may have expired, or moved. */
        private void failed(FlussException error) {
            int failures = cursor.countFailure();
            cursor.leaveRemote();
            cursor.pauseUntil(clock.nanoTime() + Backoff.after(failures).toNanos());
            if (failures % REMOTE_FAILURES_REPORTED == 0) {
                failure = error;
            } else {
                LOG.warn("{}: bucket {} is tried again", table.path(), cursor.bucket(), error);
            }
        }

        @Override
        public void drop() {}
    }

    private void refused(BucketCursor cursor, FlussException error, boolean wasProjected) {
        cursor.pauseUntil(clock.nanoTime() + Backoff.after(cursor.countFailure()).toNanos());
        if (error.reason() == ErrorReason.INVALID_COLUMN_PROJECTION && wasProjected) {
            // Published servers cannot project a column that older batches lack; we can.
            LOG.info("{}: columns are projected here from now on", table.path(), error);
            isPushdown = false;
            cursor.pauseUntil(clock.nanoTime());
        } else if (error.reason() == ErrorReason.LOG_OFFSET_OUT_OF_RANGE
                && settings.outOfRange() != ScannerSettings.OutOfRange.ERROR) {
            moveIntoRange(cursor, error);
        } else if (isTriedAgain(error)) {
            LOG.debug("{}: bucket {} is tried again", table.path(), cursor.bucket(), error);
            cluster.forgetLeader(cursor.bucket());
        } else {
            failure = error;
        }
    }

    private static boolean isTriedAgain(FlussException error) {
        return Cluster.isRetriable(error)
                || error.reason() == ErrorReason.FENCED_LEADER_EPOCH
                || error.reason() == ErrorReason.UNKNOWN_SERVER_ERROR;
    }

    // ---- offsets out of range

    private void moveIntoRange(BucketCursor cursor, FlussException error) {
        LOG.warn(
                "{}: reading goes on at the {} offset", table.path(), settings.outOfRange(), error);
        if (settings.outOfRange() == ScannerSettings.OutOfRange.EARLIEST) {
            move(cursor, EARLIEST);
            return;
        }
        TableBucket bucket = cursor.bucket();
        var unused =
                admin.listOffsets(
                                table,
                                bucket.partition(),
                                List.of(bucket.bucket()),
                                new OffsetSpec.Latest())
                        .whenComplete(
                                (offsets, problem) ->
                                        mailbox.put(new Found(cursor, offsets, problem)));
    }

    private void move(BucketCursor cursor, long offset) {
        // A bucket that was subscribed again or unsubscribed meanwhile stays where it is.
        if (cursor.equals(cursors.get(cursor.bucket()))) {
            cursor.dropData();
            cursors.put(cursor.bucket(), new BucketCursor(cursor.bucket(), offset));
        }
    }

    /** The end of a search for the latest offset. */
    private final class Found implements Mailbox.Event {
        private final BucketCursor cursor;
        private final @Nullable Map<TableBucket, Long> offsets;
        private final @Nullable Throwable problem;

        Found(
                BucketCursor cursor,
                @Nullable Map<TableBucket, Long> offsets,
                @Nullable Throwable problem) {
            this.cursor = cursor;
            this.offsets = offsets;
            this.problem = problem;
        }

        @Override
        public void happen() {
            if (offsets != null) {
                move(cursor, offsets.getOrDefault(cursor.bucket(), EARLIEST));
            } else if (problem != null) {
                failure = FlussException.from(problem);
            }
        }

        @Override
        public void drop() {}
    }

    // ---- leaders

    private void refresh(Set<Long> partitionIds) {
        if (isRefreshing) {
            return;
        }
        isRefreshing = true;
        var unused =
                cluster.refresh(
                                table.path(),
                                partitionIds.stream()
                                        .filter(id -> id != TableBucket.NO_PARTITION)
                                        .toList())
                        .whenComplete(
                                (answer, problem) -> mailbox.put(new Refreshed(answer, problem)));
    }

    /** The end of a metadata request. */
    private final class Refreshed implements Mailbox.Event {
        private final @Nullable MetadataResponse answer;
        private final @Nullable Throwable problem;

        Refreshed(@Nullable MetadataResponse answer, @Nullable Throwable problem) {
            this.answer = answer;
            this.problem = problem;
        }

        @Override
        public void happen() {
            isRefreshing = false;
            if (answer != null) {
                checkSameTable(answer);
            }
            noteRefusal(
                    problem == null ? Optional.empty() : Optional.of(FlussException.from(problem)));
            long now = clock.nanoTime();
            for (BucketCursor c : cursors.values()) {
                if (cluster.leader(c.bucket()).isEmpty()) {
                    c.pauseUntil(now + Backoff.after(c.countFailure()).toNanos());
                }
            }
        }

        @Override
        public void drop() {}
    }

    private void checkSameTable(MetadataResponse answer) {
        for (PbTableMetadata t : answer.getTableMetadataList()) {
            if (Wire.path(t.getTablePath()).equals(table.path())
                    && t.getTableId() != table.tableId()) {
                failure =
                        ErrorReason.TABLE_NOT_EXIST.exception(
                                table.path()
                                        + " with id "
                                        + table.tableId()
                                        + " was dropped; a new table of that name has id "
                                        + t.getTableId()
                                        + ": look the table up again");
            }
        }
    }

    private void noteRefusal(Optional<FlussException> error) {
        if (error.isEmpty() || Cluster.isRetriable(error.get())) {
            refusedSinceNanos = null;
            return;
        }
        long now = clock.nanoTime();
        if (refusedSinceNanos == null) {
            refusedSinceNanos = now;
        } else if (now - refusedSinceNanos > REFUSAL_LASTING.toNanos()) {
            refusedSinceNanos = null;
            failure = error.get();
        }
    }

    @Override
    public void wakeup() {
        mailbox.put(
                new Mailbox.Event() {
                    @Override
                    public void happen() {
                        isWoken = true;
                    }

                    @Override
                    public void drop() {}
                });
    }

    @Override
    public void close() {
        mailbox.close();
        cursors.values().forEach(BucketCursor::dropData);
        cursors.clear();
    }
}
