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
package io.fluss.client.lookup;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.fluss.client.append.Destination;
import io.fluss.client.cluster.Backoff;
import io.fluss.client.cluster.Cluster;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.loop.Loop;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.PbTableMetadata;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.time.Clock;
import io.fluss.transport.RpcConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sends keys to the leaders of their buckets, as often as needed. Owned by the client's loop; only
 * {@link #add} and {@link #close} are called from elsewhere. How much waits is bounded by whoever
 * adds.
 */
final class LookupSender implements AutoCloseable {
    /** A server that has just started may deny a table it will soon know. */
    private static final Duration REFUSAL_LASTING = Duration.ofSeconds(10);

    private final TableInfo table;
    private final LookupSettings settings;
    private final LookupApi api;
    private final Cluster cluster;
    private final Loop loop;
    private final Clock clock;

    private final Queue<KeyGroup> incoming = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private volatile boolean closed;

    private final Map<Destination, Waiting> waiting = new LinkedHashMap<>();
    private final Set<KeyGroup> underway = new HashSet<>();
    private final Set<String> askedPartitions = new HashSet<>();
    private int requestsUnderway;
    private boolean isRefreshing;
    private int refreshFailures;
    private @Nullable Long refusedSinceNanos;

    /** The keys of a bucket that are not sent. */
    private static final class Waiting {
        final Deque<KeyGroup> groups = new ArrayDeque<>();
        long notBeforeNanos;
        boolean isPaused;
        int failures;

        boolean isReady(long nowNanos) {
            if (isPaused && nowNanos - notBeforeNanos < 0) {
                return false;
            }
            isPaused = false;
            return !groups.isEmpty();
        }
    }

    LookupSender(
            TableInfo table,
            LookupSettings settings,
            LookupApi api,
            Cluster cluster,
            Loop loop,
            Clock clock) {
        this.table = table;
        this.settings = settings;
        this.api = api;
        this.cluster = cluster;
        this.loop = loop;
        this.clock = clock;
    }

    /** Takes keys over. Thread-safe. */
    void add(KeyGroup group) {
        incoming.add(group);
        wake(settings.batchWait());
    }

    private void wake(Duration delay) {
        if (closed) {
            failIncoming();
        } else if (isWoken.compareAndSet(false, true)) {
            after(
                    delay,
                    () -> {
                        isWoken.set(false);
                        run();
                    });
        }
    }

    /** Runs a task on the loop, or fails everything if there is no loop any more. */
    private void after(Duration delay, Runnable task) {
        try {
            if (delay.isZero()) {
                loop.execute(task);
            } else {
                loop.schedule(delay, task);
            }
        } catch (RejectedExecutionException e) {
            closed = true;
            failIncoming();
        }
    }

    private void failIncoming() {
        for (KeyGroup g = incoming.poll(); g != null; g = incoming.poll()) {
            g.values().completeExceptionally(closedError());
        }
    }

    private FlussException closedError() {
        return ErrorReason.NETWORK.exception(
                "the lookups of " + table.path() + " were closed before they were answered");
    }

    private void run() {
        loop.assertOwner();
        for (KeyGroup g = incoming.poll(); g != null; g = incoming.poll()) {
            waiting.computeIfAbsent(g.destination(), d -> new Waiting()).groups.add(g);
        }
        if (closed) {
            failAll(closedError());
            return;
        }
        expire();
        while (requestsUnderway < settings.inflightMax() && sendRound()) {
            // One request to each server a round, until nothing more may be sent.
        }
        waiting.values().removeIf(w -> w.groups.isEmpty() && w.failures == 0);
    }

    private void expire() {
        long now = clock.nanoTime();
        for (Waiting w : waiting.values()) {
            for (Iterator<KeyGroup> i = w.groups.iterator(); i.hasNext(); ) {
                KeyGroup g = i.next();
                if (g.isExpired(now)) {
                    i.remove();
                    g.values().completeExceptionally(expired(g));
                }
            }
        }
    }

    private FlussException expired(KeyGroup g) {
        return ErrorReason.REQUEST_TIME_OUT.exception(
                table.path()
                        + ": a lookup in "
                        + named(g.destination())
                        + " was not answered within client.lookup.timeout ("
                        + settings.timeout().toMillis()
                        + " ms)"
                        + g.lastError()
                                .map(e -> "; the last problem was: " + e.getMessage())
                                .orElse(""));
    }

    private String named(Destination d) {
        return "bucket "
                + d.bucket()
                + (table.isPartitioned() ? " of partition " + d.partition() : "");
    }

    /** Sends at most one request to each server; whether any was sent. */
    private boolean sendRound() {
        Map<Integer, Map<TableBucket, Waiting>> byLeader = new LinkedHashMap<>();
        Set<Long> leaderless = new LinkedHashSet<>();
        long now = clock.nanoTime();
        for (Map.Entry<Destination, Waiting> e : List.copyOf(waiting.entrySet())) {
            if (!e.getValue().isReady(now)) {
                continue;
            }
            OptionalLong partition = OptionalLong.empty();
            if (table.isPartitioned()) {
                partition = cluster.partitionId(table.path(), e.getKey().partition());
                if (partition.isEmpty()) {
                    findPartition(e.getKey().partition());
                    continue;
                }
            }
            TableBucket bucket = TableBucket.of(table.tableId(), partition, e.getKey().bucket());
            OptionalInt leader = cluster.leader(bucket);
            if (leader.isEmpty()) {
                leaderless.add(bucket.partitionId());
            } else {
                byLeader.computeIfAbsent(leader.getAsInt(), id -> new LinkedHashMap<>())
                        .put(bucket, e.getValue());
            }
        }
        if (!leaderless.isEmpty()) {
            refresh(leaderless);
        }
        boolean any = false;
        for (Map.Entry<Integer, Map<TableBucket, Waiting>> e : byLeader.entrySet()) {
            any |= requestsUnderway < settings.inflightMax() && send(e.getKey(), e.getValue());
        }
        return any;
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
                                (answer, failure) ->
                                        after(Duration.ZERO, () -> refreshed(answer, failure)));
    }

    private void refreshed(@Nullable MetadataResponse answer, @Nullable Throwable failure) {
        if (failure != null) {
            FlussException error = FlussException.from(failure);
            leaderless().forEach(w -> w.groups.forEach(g -> g.failedWith(error)));
            if (error.reason() == ErrorReason.PARTITION_NOT_EXIST) {
                forgetLeaderlessPartitions();
            } else {
                noteRefusal(error);
            }
        } else if (answer != null) {
            refusedSinceNanos = null;
            checkSameTable(answer);
        }
        Duration wait = Backoff.after(++refreshFailures);
        if (leaderless().isEmpty()) {
            refreshFailures = 0;
            isRefreshing = false;
            run();
            return;
        }
        after(
                wait,
                () -> {
                    isRefreshing = false;
                    run();
                });
        // Buckets whose leader is known need not wait for the others.
        run();
    }

    private List<Waiting> leaderless() {
        List<Waiting> all = new ArrayList<>();
        waiting.forEach(
                (d, w) -> {
                    if (!w.groups.isEmpty() && leaderOf(d).isEmpty()) {
                        all.add(w);
                    }
                });
        return all;
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

    /** A partition was dropped, and the answer does not say which: look them up by name again. */
    private void forgetLeaderlessPartitions() {
        waiting.forEach(
                (d, w) -> {
                    if (!w.groups.isEmpty() && leaderOf(d).isEmpty()) {
                        cluster.forgetPartition(table.path(), d.partition());
                    }
                });
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
            leaderless().forEach(w -> fail(w, error));
        }
    }

    private void checkSameTable(MetadataResponse answer) {
        for (PbTableMetadata t : answer.getTableMetadataList()) {
            if (Wire.path(t.getTablePath()).equals(table.path())
                    && t.getTableId() != table.tableId()) {
                FlussException error =
                        ErrorReason.TABLE_NOT_EXIST.exception(
                                table.path()
                                        + " with id "
                                        + table.tableId()
                                        + " was dropped; a new table of that name has id "
                                        + t.getTableId()
                                        + ": look the table up again");
                waiting.values().forEach(w -> fail(w, error));
            }
        }
    }

    private void findPartition(String name) {
        if (!askedPartitions.add(name)) {
            return;
        }
        var unused =
                cluster.refreshPartition(table.path(), name)
                        .whenComplete(
                                (answer, failure) ->
                                        after(
                                                Duration.ZERO,
                                                () ->
                                                        partitionAnswered(
                                                                name,
                                                                Optional.ofNullable(failure)
                                                                        .map(
                                                                                FlussException
                                                                                        ::from))));
    }

    private void partitionAnswered(String name, Optional<FlussException> error) {
        boolean isFound = cluster.partitionId(table.path(), name).isPresent();
        if (isFound) {
            askedPartitions.remove(name);
            run();
            return;
        }
        Optional<FlussException> lasting = error.filter(e -> !Cluster.isRetriable(e));
        if (lasting.isPresent()) {
            askedPartitions.remove(name);
            boolean isMissing = lasting.get().reason() == ErrorReason.PARTITION_NOT_EXIST;
            waiting.forEach(
                    (d, w) -> {
                        if (!d.partition().equals(name)) {
                            return;
                        }
                        if (isMissing) {
                            w.groups.forEach(LookupSender::completeEmpty);
                            w.groups.clear();
                        } else {
                            fail(w, lasting.get());
                        }
                    });
            run();
            return;
        }
        after(
                Backoff.after(3),
                () -> {
                    askedPartitions.remove(name);
                    run();
                });
    }

    private static void completeEmpty(KeyGroup g) {
        g.values().complete(Collections.nCopies(g.keys().size(), List.of()));
    }

    // ---- requests

    /** Keys of a bucket in a request, and where they go back to. */
    private record Sent(TableBucket bucket, Waiting from, List<KeyGroup> groups) {
        List<ByteString> keys() {
            return groups.size() == 1
                    ? groups.get(0).keys()
                    : groups.stream().flatMap(g -> g.keys().stream()).toList();
        }
    }

    private boolean send(int leader, Map<TableBucket, Waiting> buckets) {
        CompletableFuture<RpcConnection> connection = cluster.tabletServer(leader);
        if (!connection.isDone()) {
            var unused = connection.whenComplete((c, e) -> wake(Duration.ZERO));
            return false;
        }
        List<Sent> sent = new ArrayList<>();
        buckets.forEach((bucket, w) -> sent.add(new Sent(bucket, w, take(w))));
        for (Sent s : sent) {
            s.groups.forEach(KeyGroup::countAttempt);
            underway.addAll(s.groups);
        }
        if (connection.isCompletedExceptionally()) {
            FlussException error =
                    connection
                            .handle(
                                    (c, e) ->
                                            FlussException.from(
                                                    java.util.Objects.requireNonNull(e)))
                            .join();
            sent.forEach(s -> settle(s, Optional.of(error), List.of()));
            return false;
        }
        requestsUnderway++;
        List<LookupApi.Part> parts =
                sent.stream().map(s -> new LookupApi.Part(s.bucket, s.keys())).toList();
        var unused =
                connection
                        .join()
                        .<MessageLite>send(api.key(), api.request(parts), cluster.requestTimeout())
                        .whenComplete(
                                (answer, failure) ->
                                        after(
                                                Duration.ZERO,
                                                () -> answered(sent, answer, failure)));
        return true;
    }

    private List<KeyGroup> take(Waiting w) {
        List<KeyGroup> taken = new ArrayList<>();
        int count = 0;
        for (KeyGroup g = w.groups.peek(); g != null; g = w.groups.peek()) {
            count += g.keys().size();
            if (!taken.isEmpty() && count > settings.batchSize()) {
                break;
            }
            taken.add(w.groups.remove());
        }
        return taken;
    }

    private void answered(
            List<Sent> sent, @Nullable MessageLite answer, @Nullable Throwable failure) {
        requestsUnderway--;
        if (answer == null) {
            FlussException error =
                    failure == null
                            ? ErrorReason.NETWORK.exception("no answer")
                            : FlussException.from(failure);
            sent.forEach(s -> settle(s, Optional.of(error), List.of()));
        } else {
            Map<TableBucket, LookupApi.Answer> answers = new HashMap<>();
            api.answers(answer).forEach(a -> answers.put(a.bucket(), a));
            for (Sent s : sent) {
                LookupApi.Answer a = answers.get(s.bucket);
                settle(s, errorOf(s, a), a == null ? List.of() : a.values());
            }
        }
        run();
    }

    private Optional<FlussException> errorOf(Sent s, LookupApi.@Nullable Answer a) {
        if (a == null) {
            return Optional.of(
                    ErrorReason.NETWORK.exception(
                            table.path() + ": the answer has no result for bucket " + s.bucket));
        }
        if (a.errorCode() != 0) {
            return Optional.of(
                    ErrorCodes.toException(
                            a.errorCode(),
                            a.errorMessage(),
                            "lookup in " + table.path() + " bucket " + s.bucket));
        }
        int keys = s.groups.stream().mapToInt(g -> g.keys().size()).sum();
        return a.values().size() == keys
                ? Optional.empty()
                : Optional.of(
                        ErrorReason.CORRUPT_MESSAGE.exception(
                                table.path()
                                        + ": bucket "
                                        + s.bucket
                                        + " answers "
                                        + a.values().size()
                                        + " times for "
                                        + keys
                                        + " keys"));
    }

    private void settle(Sent s, Optional<FlussException> error, List<List<ByteBuffer>> values) {
        s.groups.forEach(underway::remove);
        if (error.isEmpty()) {
            s.from.failures = 0;
            int at = 0;
            for (KeyGroup g : s.groups) {
                int end = at + g.keys().size();
                g.values().complete(values.subList(at, end));
                at = end;
            }
            return;
        }
        FlussException e = error.get();
        switch (e.reason()) {
            case NETWORK, NOT_LEADER_OR_FOLLOWER, UNKNOWN_TABLE_OR_BUCKET, LEADER_NOT_AVAILABLE ->
                    cluster.forgetLeader(s.bucket);
            default -> {}
        }
        boolean isAgain = false;
        for (int i = s.groups.size() - 1; i >= 0; i--) {
            KeyGroup g = s.groups.get(i);
            if (Cluster.isRetriable(e) && g.attempts() <= settings.retries()) {
                g.failedWith(e);
                Waiting w = waiting.computeIfAbsent(g.destination(), d -> s.from);
                w.groups.addFirst(g);
                isAgain = true;
            } else {
                g.values().completeExceptionally(e);
            }
        }
        if (isAgain) {
            Waiting w = waiting.getOrDefault(s.groups.get(0).destination(), s.from);
            Duration wait = Backoff.after(++w.failures);
            w.notBeforeNanos = clock.nanoTime() + wait.toNanos();
            w.isPaused = true;
            after(wait, this::run);
        }
    }

    private void fail(Waiting w, FlussException error) {
        w.groups.forEach(g -> g.values().completeExceptionally(error));
        w.groups.clear();
        w.failures = 0;
    }

    private void failAll(FlussException error) {
        waiting.values().forEach(w -> fail(w, error));
        List<KeyGroup> left = List.copyOf(underway);
        underway.clear();
        left.forEach(g -> g.values().completeExceptionally(error));
    }

    /** Fails what is not answered. */
    @Override
    public void close() {
        closed = true;
        try {
            loop.execute(this::run);
        } catch (RejectedExecutionException e) {
            failIncoming();
        }
    }
}
