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
package io.fluss.client.append;

import com.google.protobuf.MessageLite;
import io.fluss.client.Admin;
import io.fluss.client.cluster.Backoff;
import io.fluss.client.cluster.Cluster;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.log.LogBatch;
import io.fluss.loop.Loop;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.InitWriterRequest;
import io.fluss.protocol.messages.InitWriterResponse;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.PbTableMetadata;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import io.fluss.transport.RpcConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the batches of one writer to the leaders of their buckets, in order and as often as needed.
 * Owned by the client's loop; only {@link #wake} is called from elsewhere. Source of the retry and
 * sequence rules: wire protocol document, section 4.7.
 */
final class BatchSender<A extends RowAccumulator<?>> {
    private static final Logger LOG = LoggerFactory.getLogger(BatchSender.class);

    /**
     * A server that has just started may deny a table it will soon know: a refusal counts once it
     * has lasted this long.
     */
    private static final Duration REFUSAL_LASTING = Duration.ofSeconds(10);

    private final TableInfo table;
    private final WriterSettings settings;
    private final Cluster cluster;
    private final Admin admin;
    private final Loop loop;
    private final Clock clock;
    private final WriteApi api;
    private final A accumulator;

    private final AtomicBoolean isWoken = new AtomicBoolean();
    private final Map<Destination, BucketQueue> queues = new LinkedHashMap<>();
    private final Set<String> creatingPartitions = new HashSet<>();
    private long writerId = LogBatch.NO_WRITER;
    private boolean isAskingWriterId;
    private boolean isRefreshing;
    private int refreshFailures;
    private @Nullable Long refusedSinceNanos;
    private @Nullable FlussException problem;

    BatchSender(
            TableInfo table,
            WriterSettings settings,
            Cluster cluster,
            Admin admin,
            Loop loop,
            Clock clock,
            WriteApi api,
            Function<Runnable, A> accumulator) {
        this.table = table;
        this.settings = settings;
        this.cluster = cluster;
        this.admin = admin;
        this.loop = loop;
        this.clock = clock;
        this.api = api;
        this.accumulator = accumulator.apply(this::wake);
    }

    A accumulator() {
        return accumulator;
    }

    /** Has the loop look for something to send. Thread-safe; many calls become one task. */
    void wake() {
        if (isWoken.compareAndSet(false, true)) {
            onLoop(
                    () -> {
                        isWoken.set(false);
                        run();
                    });
        }
    }

    private void wakeAfter(Duration delay) {
        try {
            loop.schedule(delay, this::wake);
        } catch (RejectedExecutionException e) {
            LOG.debug("the client is closing", e);
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The client is closing: nobody sends any more, and nobody must wait for ever.
            accumulator.close();
        }
    }

    private void run() {
        loop.assertOwner();
        for (PendingBatch batch : accumulator.takeSealed()) {
            batch.expireAt(clock.nanoTime() + settings.deliveryTimeout().toNanos());
            queues.computeIfAbsent(
                            batch.destination(),
                            d -> new BucketQueue(settings.inflightPerBucketMax()))
                    .add(batch);
        }
        while (sendRound()) {
            // One batch of each bucket a round, until nothing more may be sent.
        }
    }

    /** Sends at most one batch of each bucket; whether any was sent. */
    private boolean sendRound() {
        Map<Integer, List<Ready>> byLeader = new HashMap<>();
        Set<Long> unknownLeaders = new LinkedHashSet<>();
        for (Map.Entry<Destination, BucketQueue> e : queues.entrySet()) {
            nextOf(e.getValue())
                    .ifPresent(
                            batch ->
                                    route(
                                            e.getKey(),
                                            e.getValue(),
                                            batch,
                                            byLeader,
                                            unknownLeaders));
        }
        if (!unknownLeaders.isEmpty()) {
            refresh(unknownLeaders);
        }
        boolean any = false;
        for (Map.Entry<Integer, List<Ready>> e : byLeader.entrySet()) {
            any |= send(e.getKey(), e.getValue());
        }
        return any;
    }

    /** The next batch of a queue that is encoded; broken ones are given up on the way. */
    private Optional<PendingBatch> nextOf(BucketQueue queue) {
        Optional<PendingBatch> next = queue.next(clock.nanoTime());
        while (next.isPresent()) {
            PendingBatch batch = next.get();
            accumulator.encodeIfFirst(batch);
            Optional<FlussException> problem =
                    batch.problem().or(() -> tooLarge(batch)).or(() -> expired(batch));
            if (problem.isEmpty()) {
                return batch.bytes().isPresent() ? next : Optional.empty();
            }
            queue.drop(batch);
            accumulator.finish(batch, problem.get());
            if (batch.isStamped()) {
                // The server may wait for its sequence for ever: the rest must not count on it.
                reset(queue);
            }
            next = queue.next(clock.nanoTime());
        }
        return next;
    }

    private Optional<FlussException> expired(PendingBatch batch) {
        if (!batch.isExpired(clock.nanoTime())) {
            return Optional.empty();
        }
        Optional<FlussException> last = batch.lastError().or(() -> Optional.ofNullable(problem));
        return Optional.of(
                ErrorReason.REQUEST_TIME_OUT.exception(
                        table.path()
                                + ": rows for bucket "
                                + batch.destination().bucket()
                                + (table.isPartitioned()
                                        ? " of partition " + batch.destination().partition()
                                        : "")
                                + " were not acknowledged within client.writer.delivery-timeout ("
                                + settings.deliveryTimeout().toMillis()
                                + " ms)"
                                + (batch.attempts() > 0 ? ", they may be stored all the same" : "")
                                + last.map(e -> "; the last problem was: " + e.getMessage())
                                        .orElse("")));
    }

    private Optional<FlussException> tooLarge(PendingBatch batch) {
        int max = settings.batching().requestBytesMax();
        return batch.bytes()
                .map(ByteBuffer::remaining)
                .filter(size -> size > max)
                .map(
                        size ->
                                ErrorReason.RECORD_TOO_LARGE.exception(
                                        table.path()
                                                + ": a batch of "
                                                + size
                                                + " bytes is larger than"
                                                + " client.writer.request-max-size ("
                                                + max
                                                + "); write fewer or smaller rows at once"));
    }

    private void route(
            Destination destination,
            BucketQueue queue,
            PendingBatch batch,
            Map<Integer, List<Ready>> byLeader,
            Set<Long> unknownLeaders) {
        if (!hasWriterId(queue)) {
            return;
        }
        OptionalLong partition = OptionalLong.empty();
        if (table.isPartitioned()) {
            partition = cluster.partitionId(table.path(), destination.partition());
            if (partition.isEmpty()) {
                findPartition(destination.partition());
                return;
            }
        }
        TableBucket bucket = TableBucket.of(table.tableId(), partition, destination.bucket());
        OptionalInt leader = cluster.leader(bucket);
        if (leader.isEmpty()) {
            unknownLeaders.add(bucket.partitionId());
            return;
        }
        byLeader.computeIfAbsent(leader.getAsInt(), k -> new ArrayList<>())
                .add(new Ready(bucket, queue, batch));
    }

    /** A batch, its bucket and the queue it comes from. */
    private record Ready(TableBucket bucket, BucketQueue queue, PendingBatch batch) {}

    // ---- writer ids

    private boolean hasWriterId(BucketQueue queue) {
        if (!settings.isIdempotent() || !queue.needsWriterId()) {
            return true;
        }
        if (queue.mustDrain()) {
            return false;
        }
        if (writerId == LogBatch.NO_WRITER) {
            askWriterId();
            return false;
        }
        queue.useWriterId(writerId);
        return true;
    }

    private void askWriterId() {
        if (isAskingWriterId) {
            return;
        }
        isAskingWriterId = true;
        InitWriterRequest request =
                InitWriterRequest.newBuilder().addTablePath(Wire.path(table.path())).build();
        var unused =
                cluster.<InitWriterResponse>tabletServerRead(ApiKey.INIT_WRITER, request)
                        .whenComplete(
                                (answer, failure) -> onLoop(() -> takeWriterId(answer, failure)));
    }

    private void takeWriterId(@Nullable InitWriterResponse answer, @Nullable Throwable failure) {
        isAskingWriterId = false;
        if (answer != null) {
            writerId = answer.getWriterId();
            run();
            return;
        }
        FlussException error =
                failure == null
                        ? ErrorReason.UNKNOWN_SERVER_ERROR.exception("no writer id was given")
                        : FlussException.from(failure);
        if (Cluster.isRetriable(error)) {
            // The read has already been repeated with back-off until the request timeout.
            wake();
        } else {
            failAll(error);
        }
    }

    /** The server has lost track of the writer in this bucket: start over there. */
    private void reset(BucketQueue queue) {
        if (!settings.isIdempotent()) {
            return;
        }
        if (queue.writerId() == writerId) {
            writerId = LogBatch.NO_WRITER;
        }
        queue.reset();
    }

    // ---- leaders and partitions

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
                                (answer, failure) -> onLoop(() -> refreshed(answer, failure)));
    }

    private void refreshed(@Nullable MetadataResponse answer, @Nullable Throwable failure) {
        if (failure != null) {
            FlussException error = FlussException.from(failure);
            note(error);
            if (error.reason() == ErrorReason.PARTITION_NOT_EXIST) {
                forgetLeaderlessPartitions();
            } else {
                noteRefusal(error);
            }
        } else if (answer != null) {
            refusedSinceNanos = null;
            checkSameTable(answer);
        }
        // A leader may be missing in a good answer, too: the wait is the same.
        Duration wait = Backoff.after(++refreshFailures);
        boolean known =
                queues.entrySet().stream()
                        .filter(e -> !e.getValue().isEmpty())
                        .allMatch(e -> leaderOf(e.getKey()).isPresent());
        if (known) {
            refreshFailures = 0;
            isRefreshing = false;
            run();
            return;
        }
        try {
            loop.schedule(
                    wait,
                    () -> {
                        isRefreshing = false;
                        run();
                    });
            // Buckets whose leader is known need not wait for the others.
            run();
        } catch (RejectedExecutionException e) {
            accumulator.close();
        }
    }

    /** For error messages only. */
    private void note(FlussException error) {
        problem = error;
        accumulator.noteProblem(error);
    }

    /**
     * A partition was dropped, and the answer does not say which. Those whose leader is not known
     * are looked up by name again, which gives a new id if somebody has created one again.
     */
    private void forgetLeaderlessPartitions() {
        queues.forEach(
                (d, queue) -> {
                    if (!queue.isEmpty() && leaderOf(d).isEmpty()) {
                        cluster.forgetPartition(table.path(), d.partition());
                        // Another bucket by the same name starts with sequence 0 again.
                        reset(queue);
                    }
                });
    }

    private OptionalInt leaderOf(Destination d) {
        if (!table.isPartitioned()) {
            return cluster.leader(TableBucket.of(table.tableId(), d.bucket()));
        }
        OptionalLong partition = cluster.partitionId(table.path(), d.partition());
        return partition.isEmpty()
                ? OptionalInt.empty()
                : cluster.leader(TableBucket.of(table.tableId(), partition, d.bucket()));
    }

    private void noteRefusal(FlussException error) {
        if (Cluster.isRetriable(error)) {
            refusedSinceNanos = null;
            return;
        }
        long now = clock.nanoTime();
        if (refusedSinceNanos == null) {
            refusedSinceNanos = now;
        } else if (now - refusedSinceNanos > REFUSAL_LASTING.toNanos()) {
            refusedSinceNanos = null;
            failAll(error);
        }
    }

    private void checkSameTable(MetadataResponse answer) {
        for (PbTableMetadata t : answer.getTableMetadataList()) {
            if (Wire.path(t.getTablePath()).equals(table.path())
                    && t.getTableId() != table.tableId()) {
                failAll(
                        ErrorReason.TABLE_NOT_EXIST.exception(
                                table.path()
                                        + " with id "
                                        + table.tableId()
                                        + " was dropped; a new table of that name has id "
                                        + t.getTableId()
                                        + ": look the table up again"));
            }
        }
    }

    private void findPartition(String name) {
        if (!creatingPartitions.add(name)) {
            return;
        }
        var unused =
                cluster.refreshPartition(table.path(), name)
                        .<Void>thenApply(answer -> null)
                        .exceptionallyCompose(
                                failure -> createMissing(name, FlussException.from(failure)))
                        .whenComplete(
                                (done, failure) ->
                                        onLoop(
                                                () -> {
                                                    if (failure == null) {
                                                        creatingPartitions.remove(name);
                                                        awaitPartition(name);
                                                    } else {
                                                        partitionFailed(
                                                                name, FlussException.from(failure));
                                                    }
                                                }));
    }

    private CompletableFuture<Void> createMissing(String name, FlussException error) {
        if (error.reason() != ErrorReason.PARTITION_NOT_EXIST || !settings.canCreatePartitions()) {
            return CompletableFuture.failedFuture(error);
        }
        Map<String, String> spec = new LinkedHashMap<>();
        String[] values = name.split("\\$", -1);
        List<String> keys = table.descriptor().partitionKeys();
        for (int i = 0; i < keys.size(); i++) {
            spec.put(keys.get(i), values[i]);
        }
        return admin.createPartition(table.path(), spec, true);
    }

    private void awaitPartition(String name) {
        if (cluster.partitionId(table.path(), name).isPresent()) {
            run();
        } else {
            wakeAfter(Backoff.after(1));
        }
    }

    private void partitionFailed(String name, FlussException error) {
        if (Cluster.isRetriable(error)) {
            try {
                loop.schedule(
                        Backoff.after(3),
                        () -> {
                            creatingPartitions.remove(name);
                            run();
                        });
            } catch (RejectedExecutionException e) {
                accumulator.close();
            }
            return;
        }
        creatingPartitions.remove(name);
        queues.forEach(
                (d, queue) -> {
                    if (d.partition().equals(name)) {
                        failWaiting(queue, error);
                    }
                });
    }

    // ---- requests

    private boolean send(int leader, List<Ready> batches) {
        // Only on a connection that is ready: requests that wait for one would lose their order.
        CompletableFuture<RpcConnection> connection = cluster.tabletServer(leader);
        if (!connection.isDone()) {
            var unused = connection.whenComplete((c, e) -> wake());
            return false;
        }
        if (connection.isCompletedExceptionally()) {
            FlussException error =
                    connection
                            .handle(
                                    (c, e) ->
                                            FlussException.from(
                                                    java.util.Objects.requireNonNull(e)))
                            .join();
            for (Ready r : batches) {
                r.queue().sent(r.batch());
                retryOrFail(r, error);
            }
            return false;
        }
        int max = settings.batching().requestBytesMax();
        List<Ready> group = new ArrayList<>();
        int size = 0;
        for (Ready r : batches) {
            int bytes = r.batch().bytes().map(ByteBuffer::remaining).orElse(0);
            if (!group.isEmpty() && size + bytes > max) {
                request(connection.join(), group);
                group = new ArrayList<>();
                size = 0;
            }
            group.add(r);
            size += bytes;
        }
        request(connection.join(), group);
        return true;
    }

    private void request(RpcConnection connection, List<Ready> group) {
        List<WriteApi.Part> parts = new ArrayList<>();
        for (Ready r : group) {
            if (settings.isIdempotent() && !r.batch().isStamped()) {
                r.queue().stamp(r.batch(), api);
            }
            r.queue().sent(r.batch());
            parts.add(new WriteApi.Part(r.bucket(), r.batch().bytes().orElseThrow().duplicate()));
        }
        var unused =
                connection
                        .<MessageLite>send(api.key(), api.request(parts), cluster.requestTimeout())
                        .whenComplete(
                                (answer, failure) ->
                                        onLoop(() -> answered(group, answer, failure)));
    }

    private void answered(
            List<Ready> group, @Nullable MessageLite answer, @Nullable Throwable failure) {
        if (answer == null) {
            FlussException error =
                    failure == null
                            ? ErrorReason.NETWORK.exception("no answer")
                            : FlussException.from(failure);
            group.forEach(r -> settle(r, Optional.of(error), AppendResult.UNKNOWN_OFFSET));
        } else {
            Map<TableBucket, WriteApi.Answer> results = new HashMap<>();
            api.answers(answer).forEach(a -> results.put(a.bucket(), a));
            for (Ready r : group) {
                WriteApi.Answer result = results.get(r.bucket());
                settle(
                        r,
                        errorOf(r.bucket(), result),
                        result == null ? AppendResult.UNKNOWN_OFFSET : result.offset());
            }
        }
        run();
    }

    private Optional<FlussException> errorOf(TableBucket bucket, WriteApi.@Nullable Answer result) {
        if (result == null) {
            return Optional.of(
                    ErrorReason.NETWORK.exception(
                            table.path() + ": the answer has no result for bucket " + bucket));
        }
        return result.errorCode() == 0
                ? Optional.empty()
                : Optional.of(
                        ErrorCodes.toException(
                                result.errorCode(),
                                result.errorMessage(),
                                api.verb() + " to " + table.path() + " bucket " + bucket));
    }

    private void settle(Ready r, Optional<FlussException> error, long offset) {
        if (error.isEmpty() || error.get().reason() == ErrorReason.DUPLICATE_SEQUENCE) {
            r.queue().acknowledged(r.batch());
            problem = null;
            accumulator.finish(r.batch(), new Stored(r.bucket(), offset));
        } else if (settings.isIdempotent()
                && error.get().reason() == ErrorReason.OUT_OF_ORDER_SEQUENCE) {
            outOfOrder(r, error.get());
        } else if (settings.isIdempotent()
                && error.get().reason() == ErrorReason.UNKNOWN_WRITER_ID) {
            if (r.batch().writerId() == r.queue().writerId()) {
                reset(r.queue());
            }
            again(r);
        } else {
            retryOrFail(r, error.get());
        }
    }

    private void outOfOrder(Ready r, FlussException error) {
        boolean current = r.batch().writerId() == r.queue().writerId();
        if (current && r.queue().isNextToAcknowledge(r.batch())) {
            // Everything before it is acknowledged, so the server has lost acknowledged rows.
            LOG.warn("{}: writer state is lost in bucket {}", table.path(), r.bucket(), error);
            fail(r, error);
        } else {
            again(r);
        }
    }

    private void retryOrFail(Ready r, FlussException error) {
        if (!Cluster.isRetriable(error) || r.batch().attempts() > settings.retries()) {
            fail(r, error);
            return;
        }
        LOG.debug("{}: bucket {} is tried again", table.path(), r.bucket(), error);
        r.batch().failedWith(error);
        note(error);
        switch (error.reason()) {
            case NETWORK, NOT_LEADER_OR_FOLLOWER, UNKNOWN_TABLE_OR_BUCKET, LEADER_NOT_AVAILABLE ->
                    cluster.forgetLeader(r.bucket());
            default -> {}
        }
        again(r);
    }

    private void again(Ready r) {
        r.queue().putBack(r.batch());
        Duration wait = Backoff.after(r.queue().countFailure());
        r.queue().pauseUntil(clock.nanoTime() + wait.toNanos());
        wakeAfter(wait);
    }

    private void fail(Ready r, FlussException error) {
        r.queue().failed(r.batch());
        accumulator.finish(r.batch(), error);
        // Its sequence is missing at the server from now on: the rest must not count on it.
        reset(r.queue());
    }

    private void failAll(FlussException error) {
        queues.values().forEach(queue -> failWaiting(queue, error));
    }

    private void failWaiting(BucketQueue queue, FlussException error) {
        for (PendingBatch batch : queue.waiting()) {
            queue.drop(batch);
            accumulator.finish(batch, error);
        }
        reset(queue);
    }
}
