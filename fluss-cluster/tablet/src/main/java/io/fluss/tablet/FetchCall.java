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

import io.fluss.bytes.ByteParts;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.filter.BatchFilter;
import io.fluss.formats.log.BatchProjection;
import io.fluss.log.FilteredRead;
import io.fluss.log.LogSlice;
import io.fluss.loop.Loop;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.PbFetchLogReqForBucket;
import io.fluss.protocol.messages.PbFetchLogReqForTable;
import io.fluss.protocol.messages.PbFetchLogRespForBucket;
import io.fluss.protocol.messages.PbRemoteLogFetchInfo;
import io.fluss.table.TableBucket;
import io.fluss.transport.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One fetch request until it is answered. Thread-safe: it is tried by the thread that brought it,
 * by the loops of its buckets when they have more to read, and by a timer; the first that may
 * answer does, all others do nothing.
 */
final class FetchCall {
    private static final Logger LOG = LoggerFactory.getLogger(FetchCall.class);

    /** Stands for the earliest offset. */
    private static final long EARLIEST = -2;

    /** Stored bytes that are looked at for one projected byte that may be sent. */
    private static final int PROJECTION_FACTOR = 32;

    private static final int DEFAULT_WAIT_MS = 100;

    /**
     * Bytes of one answer to a reader of several buckets, unless its first batch is larger. More is
     * decoded later, when the reader's processor has forgotten it, and fetched with nothing else to
     * do meanwhile.
     */
    private static final int SHARE = 2 << 20;

    private final ReplicaHost host;
    private final FetchLogRequest request;
    private final ReaderProgress progress;
    private final Reply reply;
    private final boolean isFollower;
    private final List<TableBucket> asked;

    /** Whether the server ends the answer before the reader would. */
    private final boolean isShared;

    /** The bucket that is read first: each in its turn if the answer is shared. */
    private final int first;

    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile List<Replica> watched = List.of();
    private volatile Loop.@Nullable Timer timer;

    /** What a read of all buckets gave. */
    private record Attempt(
            List<FetchResponse.Table> tables,
            AnswerMemory memory,
            List<TableBucket> withData,
            long bytes,
            boolean mayWait) {
        void close() {
            for (FetchResponse.Table t : tables) {
                t.buckets().forEach(b -> b.records().close());
            }
            memory.close();
        }
    }

    FetchCall(ReplicaHost host, FetchLogRequest request, ReaderProgress progress, Reply reply) {
        this.host = host;
        this.request = request;
        this.progress = progress;
        this.reply = reply;
        this.isFollower = request.getFollowerServerId() >= 0;
        this.asked = asked(request);
        this.isShared = !isFollower && asked.size() > 1 && request.getMaxBytes() > SHARE;
        this.first = isShared ? progress.nextTurn() : 0;
    }

    private static List<TableBucket> asked(FetchLogRequest request) {
        List<TableBucket> asked = new ArrayList<>();
        for (PbFetchLogReqForTable t : request.getTablesReqList()) {
            for (PbFetchLogReqForBucket b : t.getBucketsReqList()) {
                asked.add(bucketOf(t, b));
            }
        }
        return asked;
    }

    void start() {
        Attempt first = attempt();
        int waitMs = waitMs();
        boolean wait = request.hasMinBytes() && waitMs > 0 && first.mayWait;
        if (!wait || first.bytes >= request.getMinBytes() || !host.waitingFetches().enter()) {
            answered.set(true);
            send(first);
            return;
        }
        first.close();
        host.counters().delayedFetches.increment();
        watch();
        if (!scheduleEnd(waitMs)) {
            finish();
            return;
        }
        // An append between the first read and the registration has woken nobody: look again.
        tryFinish();
        if (answered.get()) {
            forget();
        }
    }

    private int waitMs() {
        int maxMs = request.hasMaxWaitMs() ? request.getMaxWaitMs() : DEFAULT_WAIT_MS;
        return isFollower ? maxMs : progress.asked(asked, maxMs, host.clock().nanoTime());
    }

    /** False if there is no loop left to wait on. */
    private boolean scheduleEnd(int waitMs) {
        if (watched.isEmpty()) {
            return false;
        }
        try {
            timer = watched.get(0).loop().schedule(Duration.ofMillis(waitMs), this::finish);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void watch() {
        List<Replica> found = new ArrayList<>();
        for (TableBucket b : asked) {
            try {
                found.add(host.replica(b));
            } catch (FlussException e) {
                LOG.trace("not watched, it is reported when the answer is sent", e);
            }
        }
        // The list first: who wakes this call may answer it and then takes it off all of them.
        watched = List.copyOf(found);
        found.forEach(r -> r.waiters().add(this));
    }

    /** Answers if there is enough to read by now, or a failure to report. */
    void tryFinish() {
        if (answered.get()) {
            return;
        }
        Attempt a = attempt();
        if (a.mayWait && a.bytes < request.getMinBytes()) {
            a.close();
        } else {
            answer(a);
        }
    }

    /** Answers with what there is. */
    void finish() {
        if (!answered.get()) {
            answer(attempt());
        }
    }

    private void answer(Attempt a) {
        if (!answered.compareAndSet(false, true)) {
            a.close();
            return;
        }
        host.waitingFetches().leave();
        forget();
        send(a);
    }

    private void forget() {
        Loop.Timer t = timer;
        if (t != null) {
            t.cancel();
        }
        watched.forEach(r -> r.waiters().remove(this));
    }

    private void send(Attempt a) {
        host.counters().fetchedBytes.add(a.bytes);
        if (!isFollower) {
            progress.answered(asked, a.withData, host.clock().nanoTime());
        }
        ByteParts encoded;
        try {
            encoded = FetchResponse.encode(a.tables, a::close);
        } catch (RuntimeException e) {
            a.close();
            reply.failure(FlussException.from(e));
            return;
        }
        reply.success(encoded);
    }

    /** Reads the buckets in turns, so that those in front never take the whole answer for long. */
    private Attempt attempt() {
        int count = asked.size();
        List<PbFetchLogReqForTable> tableOf = new ArrayList<>(count);
        List<PbFetchLogReqForBucket> bucketOf = new ArrayList<>(count);
        for (PbFetchLogReqForTable t : request.getTablesReqList()) {
            for (PbFetchLogReqForBucket b : t.getBucketsReqList()) {
                tableOf.add(t);
                bucketOf.add(b);
            }
        }
        FetchResponse.Bucket[] read = new FetchResponse.Bucket[count];
        List<TableBucket> withData = new ArrayList<>();
        AnswerMemory memory = host.answerMemory();
        long bytes = 0;
        long left = isShared ? SHARE : request.getMaxBytes();
        boolean anyRead = false;
        boolean failed = false;
        boolean mustAnswer = false;
        for (int k = 0; k < count; k++) {
            int i = Math.floorMod(first + k, count);
            PbFetchLogReqForBucket b = bucketOf.get(i);
            try {
                int max = (int) Math.max(0, Math.min(left, b.getMaxFetchBytes()));
                // A batch larger than the limit of its bucket comes alone if the answer has
                // room for it, so that buckets with large batches do not come one at a time.
                int firstMax = bytes == 0 ? Integer.MAX_VALUE : (int) Math.max(0, left);
                read[i] = read(tableOf.get(i), b, asked.get(i), max, firstMax, memory);
                boolean movesOn = !read[i].hasRecords() || read[i].head().hasFilteredEndOffset();
                if (read[i].records().size() > 0 || movesOn) {
                    withData.add(asked.get(i));
                }
                bytes += read[i].records().size();
                left -= read[i].records().size();
                anyRead = true;
                mustAnswer |= movesOn;
            } catch (RuntimeException thrown) {
                FlussException e = FlussException.from(thrown);
                failed |=
                        e.reason() != ErrorReason.NOT_LEADER_OR_FOLLOWER
                                && e.reason() != ErrorReason.UNKNOWN_TABLE_OR_BUCKET;
                read[i] = FetchResponse.Bucket.withoutRecords(failure(b, e));
            }
        }
        List<FetchResponse.Table> tables = new ArrayList<>(request.getTablesReqCount());
        int from = 0;
        for (PbFetchLogReqForTable t : request.getTablesReqList()) {
            int to = from + t.getBucketsReqCount();
            tables.add(
                    new FetchResponse.Table(
                            t.getTableId(), List.of(Arrays.copyOfRange(read, from, to))));
            from = to;
        }
        return new Attempt(tables, memory, withData, bytes, anyRead && !failed && !mustAnswer);
    }

    private FetchResponse.Bucket read(
            PbFetchLogReqForTable t,
            PbFetchLogReqForBucket b,
            TableBucket bucket,
            int maxBytes,
            int firstBatchBytesMax,
            AnswerMemory memory) {
        Replica replica = host.replica(bucket);
        Replica.Serving s = replica.serving().orElseThrow(replica::notLeader);
        boolean projected = t.getProjectionPushdownEnabled();
        Optional<BatchProjection> projection =
                projected
                        ? Optional.of(s.table().projection(t.getProjectedFieldsList()))
                        : Optional.empty();
        long from =
                b.getFetchOffset() == EARLIEST
                        ? RemoteReads.earliest(replica, s)
                        : b.getFetchOffset();
        if (isFollower) {
            replica.loop()
                    .execute(() -> replica.followerFetched(request.getFollowerServerId(), from));
        }
        long upTo = isFollower ? s.log().endOffset() : s.highWatermark();
        Optional<PbRemoteLogFetchInfo> remote =
                RemoteReads.locate(replica, s, from, request.getReadPreference());
        if (remote.isPresent()) {
            return FetchResponse.Bucket.withoutRecords(
                    head(b, s).setRemoteLogFetchInfo(remote.get()).build());
        }
        int storedMax =
                projected
                        ? (int) Math.min(Integer.MAX_VALUE, (long) maxBytes * PROJECTION_FACTOR)
                        : maxBytes;
        int storedFirstMax = projected ? Integer.MAX_VALUE : firstBatchBytesMax;
        Optional<FilteredRead> filtered =
                filter(t, s.table())
                        .map(
                                f ->
                                        FilteredRead.of(
                                                s.log(), f, from, storedMax, storedFirstMax, upTo));
        LogSlice slice =
                filtered.map(FilteredRead::slice)
                        .orElseGet(() -> s.log().read(from, storedMax, storedFirstMax, upTo));
        // A projection may stop before the end of the slice: then only an empty one says more.
        boolean isWhole = !projected || slice.size() == 0;
        ByteParts records =
                projection
                        .map(
                                p ->
                                        ProjectedRecords.of(
                                                slice,
                                                p,
                                                maxBytes,
                                                firstBatchBytesMax,
                                                host.layouts(),
                                                memory))
                        .orElseGet(() -> memory.whole(slice));
        PbFetchLogRespForBucket.Builder head = head(b, s);
        filtered.filter(f -> f.ruledOut() > 0)
                .ifPresent(
                        f -> {
                            host.counters().filteredBatches.add(f.ruledOut());
                            if (isWhole) {
                                head.setFilteredEndOffset(f.endOffset());
                            }
                        });
        return FetchResponse.Bucket.of(head.build(), records);
    }

    private static PbFetchLogRespForBucket.Builder head(
            PbFetchLogReqForBucket b, Replica.Serving s) {
        PbFetchLogRespForBucket.Builder head =
                PbFetchLogRespForBucket.newBuilder()
                        .setBucketId(b.getBucketId())
                        .setHighWatermark(s.highWatermark())
                        .setLogStartOffset(0);
        if (b.hasPartitionId()) {
            head.setPartitionId(b.getPartitionId());
        }
        return head;
    }

    /** A follower gets every batch. */
    private Optional<BatchFilter> filter(PbFetchLogReqForTable t, HostedTable table) {
        return t.hasFilterPredicate() && !isFollower
                ? table.filter(t.getFilterPredicate(), t.getFilterSchemaId())
                : Optional.empty();
    }

    /**
     * Refuses what no fetch can mean.
     *
     * @throws FlussException with UNKNOWN_SERVER_ERROR, as clients expect it
     */
    static void check(FetchLogRequest request) {
        for (PbFetchLogReqForTable t : request.getTablesReqList()) {
            if (t.hasFilterPredicate() && (!t.hasFilterSchemaId() || t.getFilterSchemaId() < 0)) {
                throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                        "fetch of table "
                                + t.getTableId()
                                + ": a filter needs the id of the schema it was made for");
            }
        }
    }

    private static PbFetchLogRespForBucket failure(PbFetchLogReqForBucket b, FlussException e) {
        PbFetchLogRespForBucket.Builder head =
                PbFetchLogRespForBucket.newBuilder()
                        .setBucketId(b.getBucketId())
                        .setErrorCode(ErrorCodes.code(e.reason()))
                        .setErrorMessage(String.valueOf(e.getMessage()));
        if (b.hasPartitionId()) {
            head.setPartitionId(b.getPartitionId());
        }
        return head.build();
    }

    private static TableBucket bucketOf(PbFetchLogReqForTable t, PbFetchLogReqForBucket b) {
        return TableBucket.of(
                t.getTableId(),
                b.hasPartitionId() ? OptionalLong.of(b.getPartitionId()) : OptionalLong.empty(),
                b.getBucketId());
    }
}
