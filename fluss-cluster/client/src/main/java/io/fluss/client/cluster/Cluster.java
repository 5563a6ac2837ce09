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
package io.fluss.client.cluster;

import com.google.protobuf.MessageLite;
import io.fluss.errors.ErrorCategory;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.loop.Loop;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.MetadataResponse;
import io.fluss.protocol.messages.PbBucketMetadata;
import io.fluss.protocol.messages.PbPartitionMetadata;
import io.fluss.protocol.messages.PbTableMetadata;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import io.fluss.time.Clock;
import io.fluss.transport.RpcConnection;
import io.fluss.transport.ServerType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The client's picture of the cluster and its connections. Thread-safe; blocks nobody.
 *
 * <p>The picture is only a guess: every user of it must expect "not leader" and the like, call
 * {@link #refresh} and try again. When no known server answers, the bootstrap addresses are tried
 * again, so a cluster that comes back elsewhere behind the same names is found. Connections and
 * leaders are bounded by the servers and buckets that metadata answers have named.
 */
public final class Cluster implements AutoCloseable {
    private static final Optional<ServerType> TABLET_SERVER = Optional.of(ServerType.TABLET_SERVER);

    private final Dialer dialer;
    private final List<ServerAddress> bootstrap;
    private final Loop loop;
    private final Clock clock;
    private final Random random;
    private final Duration requestTimeout;
    private final Map<ServerAddress, CompletableFuture<RpcConnection>> connections =
            new ConcurrentHashMap<>();
    private final Map<TableBucket, Integer> leaders = new ConcurrentHashMap<>();
    private final Map<PartitionKey, Long> partitions = new ConcurrentHashMap<>();
    private volatile ClusterView view = ClusterView.EMPTY;
    private volatile boolean closed;

    /**
     * Knows nothing before the first refresh.
     *
     * @param loop times the back-off
     * @param random spreads metadata requests over the servers
     */
    public Cluster(
            Dialer dialer,
            List<ServerAddress> bootstrap,
            Loop loop,
            Clock clock,
            Random random,
            Duration requestTimeout) {
        this.dialer = dialer;
        this.bootstrap = List.copyOf(bootstrap);
        this.loop = loop;
        this.clock = clock;
        this.random = random;
        this.requestTimeout = requestTimeout;
    }

    /** Default for one request and its answer. */
    public Duration requestTimeout() {
        return requestTimeout;
    }

    /** The server that leads a bucket, if it is known. */
    public OptionalInt leader(TableBucket bucket) {
        Integer id = leaders.get(bucket);
        return id == null || !view.tabletServers().containsKey(id)
                ? OptionalInt.empty()
                : OptionalInt.of(id);
    }

    /** Forgets the leader of a bucket, after it has denied to be it. */
    public void forgetLeader(TableBucket bucket) {
        leaders.remove(bucket);
    }

    /** The id of a partition, if it is known. */
    public OptionalLong partitionId(TablePath table, String partition) {
        Long id = partitions.get(new PartitionKey(table, partition));
        return id == null ? OptionalLong.empty() : OptionalLong.of(id);
    }

    /** Forgets the id of a partition, after it was found to be dropped. */
    public void forgetPartition(TablePath table, String partition) {
        partitions.remove(new PartitionKey(table, partition));
    }

    /** Asks for servers, and for the leaders of a table or of some partitions of it. */
    public CompletableFuture<MetadataResponse> refresh(
            TablePath table, Collection<Long> partitionIds) {
        return refresh(
                MetadataRequest.newBuilder()
                        .addTablePath(Wire.path(table))
                        .addAllPartitionsId(partitionIds)
                        .build());
    }

    /**
     * Asks one server after the other until one answers, and takes over what it says. Not repeated.
     *
     * @return fails with NETWORK if no server answers, naming each address and why
     */
    public CompletableFuture<MetadataResponse> refresh(MetadataRequest request) {
        return anyServer(ApiKey.GET_METADATA, request, Cluster::isUsable)
                .thenApply(
                        answer -> {
                            apply((MetadataResponse) answer);
                            return (MetadataResponse) answer;
                        });
    }

    /** A tablet server that has just started knows no servers yet; others may know more. */
    private static Optional<String> isUsable(MessageLite answer) {
        return ((MetadataResponse) answer).getTabletServersCount() == 0
                ? Optional.of("it knows no tablet servers yet")
                : Optional.empty();
    }

    private void apply(MetadataResponse answer) {
        view = ClusterView.of(answer);
        for (PbTableMetadata table : answer.getTableMetadataList()) {
            applyLeaders(
                    table.getTableId(), TableBucket.NO_PARTITION, table.getBucketMetadataList());
        }
        for (PbPartitionMetadata partition : answer.getPartitionMetadataList()) {
            applyLeaders(
                    partition.getTableId(),
                    partition.getPartitionId(),
                    partition.getBucketMetadataList());
        }
    }

    private void applyLeaders(long table, long partition, List<PbBucketMetadata> buckets) {
        for (PbBucketMetadata b : buckets) {
            TableBucket bucket = new TableBucket(table, partition, b.getBucketId());
            if (b.hasLeaderId() && b.getLeaderId() >= 0) {
                leaders.put(bucket, b.getLeaderId());
            } else {
                leaders.remove(bucket);
            }
        }
    }

    /** Asks for a partition by name: its id is known when the future is done. */
    public CompletableFuture<MetadataResponse> refreshPartition(TablePath table, String partition) {
        MetadataRequest.Builder request =
                MetadataRequest.newBuilder().addTablePath(Wire.path(table));
        request.addPartitionsPathBuilder()
                .setDatabaseName(table.database())
                .setTableName(table.table())
                .setPartitionName(partition);
        return refresh(request.build())
                .thenApply(
                        answer -> {
                            for (PbPartitionMetadata p : answer.getPartitionMetadataList()) {
                                if (p.getPartitionName().equals(partition)) {
                                    partitions.put(
                                            new PartitionKey(table, partition), p.getPartitionId());
                                }
                            }
                            return answer;
                        });
    }

    /** A connection to a tablet server; fails with LEADER_NOT_AVAILABLE if it is not known. */
    public CompletableFuture<RpcConnection> tabletServer(int id) {
        ServerAddress address = view.tabletServers().get(id);
        return address == null
                ? CompletableFuture.failedFuture(
                        ErrorReason.LEADER_NOT_AVAILABLE.exception(
                                "tablet server " + id + " is not in the cluster any more"))
                : connection(address);
    }

    /**
     * Asks the coordinator. Connecting is tried again until the request timeout; once sent, the
     * request is sent again only if the server says that it is not the coordinator.
     */
    public <R extends MessageLite> CompletableFuture<R> coordinator(
            ApiKey api, MessageLite request) {
        return retrying(
                () ->
                        coordinatorConnection()
                                .thenCompose(c -> c.<R>send(api, request, requestTimeout)),
                error -> error.reason() == ErrorReason.NOT_COORDINATOR_LEADER);
    }

    /** As {@link #coordinator}, but one attempt only. */
    public <R extends MessageLite> CompletableFuture<R> coordinatorOnce(
            ApiKey api, MessageLite request) {
        return currentCoordinator().thenCompose(c -> c.<R>send(api, request, requestTimeout));
    }

    private CompletableFuture<RpcConnection> coordinatorConnection() {
        return retrying(this::currentCoordinator, Cluster::isRetriable);
    }

    private CompletableFuture<RpcConnection> currentCoordinator() {
        return view.coordinator()
                .map(this::connection)
                .orElseGet(
                        () ->
                                CompletableFuture.failedFuture(
                                        ErrorReason.NETWORK.exception(
                                                "the cluster has no coordinator at the moment")));
    }

    /** Asks any server; tried again after retriable failures, until the request timeout. */
    public <R extends MessageLite> CompletableFuture<R> read(ApiKey api, MessageLite request) {
        return retrying(
                () -> this.<R>anyServer(api, request, answer -> Optional.empty()),
                error -> isRetriable(error) && error.reason() != ErrorReason.SCHEMA_NOT_EXIST);
    }

    /** As {@link #read}, but asks tablet servers only. */
    public <R extends MessageLite> CompletableFuture<R> tabletServerRead(
            ApiKey api, MessageLite request) {
        return retrying(
                () -> {
                    CompletableFuture<R> result = new CompletableFuture<>();
                    Poll<R> poll = new Poll<>(api, request, answer -> Optional.empty(), result);
                    List<ServerAddress> servers =
                            candidates().stream()
                                    .filter(a -> a.type().equals(TABLET_SERVER))
                                    .toList();
                    ask(poll, servers, 0, new ArrayList<>());
                    return result;
                },
                Cluster::isRetriable);
    }

    public static boolean isRetriable(FlussException error) {
        return error.category() == ErrorCategory.RETRIABLE;
    }

    /**
     * Repeats a call, with back-off and a fresh view in between, until it succeeds, fails finally,
     * or the request timeout is over.
     */
    public <T> CompletableFuture<T> retrying(
            Supplier<CompletableFuture<T>> call, Predicate<FlussException> isRepeated) {
        CompletableFuture<T> result = new CompletableFuture<>();
        attempt(
                new Attempts<>(
                        call, isRepeated, clock.nanoTime() + requestTimeout.toNanos(), result),
                1);
        return result;
    }

    private <T> void attempt(Attempts<T> a, int number) {
        var unused =
                a.call()
                        .get()
                        .whenComplete(
                                (value, failure) -> {
                                    if (failure == null) {
                                        a.result().complete(value);
                                        return;
                                    }
                                    FlussException error = FlussException.from(failure);
                                    Duration wait = Backoff.after(number);
                                    boolean late =
                                            clock.nanoTime() + wait.toNanos() > a.deadlineNanos();
                                    if (closed || late || !a.isRepeated().test(error)) {
                                        a.result().completeExceptionally(error);
                                    } else {
                                        later(a, number + 1, wait, error);
                                    }
                                });
    }

    private <T> void later(Attempts<T> a, int number, Duration wait, FlussException error) {
        try {
            loop.schedule(
                    wait,
                    () -> {
                        var unused =
                                refresh(MetadataRequest.getDefaultInstance())
                                        .whenComplete((v, e) -> attempt(a, number));
                    });
        } catch (RejectedExecutionException e) {
            a.result().completeExceptionally(error);
        }
    }

    private <R extends MessageLite> CompletableFuture<R> anyServer(
            ApiKey api,
            MessageLite request,
            java.util.function.Function<R, Optional<String>> check) {
        CompletableFuture<R> result = new CompletableFuture<>();
        ask(new Poll<>(api, request, check, result), candidates(), 0, new ArrayList<>());
        return result;
    }

    private List<ServerAddress> candidates() {
        ClusterView now = view;
        List<ServerAddress> servers = new ArrayList<>(now.tabletServers().values());
        Collections.shuffle(servers, random);
        Set<ServerAddress> all = new LinkedHashSet<>(servers);
        now.coordinator().ifPresent(all::add);
        all.addAll(bootstrap);
        return List.copyOf(all);
    }

    private <R extends MessageLite> void ask(
            Poll<R> poll, List<ServerAddress> candidates, int index, List<String> problems) {
        if (index == candidates.size()) {
            poll.result()
                    .completeExceptionally(
                            ErrorReason.NETWORK.exception(
                                    "no server of the cluster answers: "
                                            + String.join("; ", problems)));
            return;
        }
        ServerAddress address = candidates.get(index);
        var unused =
                connection(address)
                        .thenCompose(c -> c.<R>send(poll.api(), poll.request(), requestTimeout))
                        .whenComplete(
                                (answer, failure) -> {
                                    Optional<String> problem =
                                            failure == null
                                                    ? poll.check().apply(answer)
                                                    : Optional.of(
                                                            String.valueOf(
                                                                    FlussException.from(failure)
                                                                            .getMessage()));
                                    if (problem.isEmpty()) {
                                        poll.result().complete(answer);
                                    } else if (failure == null || isUnreachable(failure)) {
                                        problems.add(address + ": " + problem.get());
                                        ask(poll, candidates, index + 1, problems);
                                    } else {
                                        poll.result()
                                                .completeExceptionally(
                                                        FlussException.from(failure));
                                    }
                                });
    }

    private static boolean isUnreachable(Throwable failure) {
        ErrorReason reason = FlussException.from(failure).reason();
        return reason == ErrorReason.NETWORK
                || reason == ErrorReason.REQUEST_TIME_OUT
                || reason == ErrorReason.INVALID_CONFIG;
    }

    private CompletableFuture<RpcConnection> connection(ServerAddress address) {
        if (closed) {
            return CompletableFuture.failedFuture(
                    ErrorReason.NETWORK.exception("the connection to the cluster is closed"));
        }
        return connections.compute(
                address, (key, known) -> isUseful(known) ? known : dialer.connect(key));
    }

    private static boolean isUseful(
            @org.jspecify.annotations.Nullable CompletableFuture<RpcConnection> known) {
        if (known == null || known.isCompletedExceptionally()) {
            return false;
        }
        return !known.isDone() || known.join().isOpen();
    }

    /** Closes all connections; what waits for them fails. */
    @Override
    public void close() {
        closed = true;
        for (CompletableFuture<RpcConnection> c : connections.values()) {
            var unused = c.thenAccept(RpcConnection::close);
        }
    }

    private record PartitionKey(TablePath table, String partition) {}

    private record Attempts<T>(
            Supplier<CompletableFuture<T>> call,
            Predicate<FlussException> isRepeated,
            long deadlineNanos,
            CompletableFuture<T> result) {}

    private record Poll<R>(
            ApiKey api,
            MessageLite request,
            java.util.function.Function<R, Optional<String>> check,
            CompletableFuture<R> result) {}
}
