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
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.protocol.ApiKey;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Asks the leader of one bucket, wherever it is, until the request timeout. Thread-safe. Internal
 * to the client.
 *
 * @param <R> what it answers
 */
public final class LeaderCalls<R extends MessageLite> {
    private final Cluster cluster;
    private final TablePath table;
    private final TableBucket bucket;
    private final ApiKey api;
    private final Function<R, Optional<FlussException>> errorIn;

    /**
     * Calls of one kind.
     *
     * @param errorIn the error that an answer holds
     */
    public LeaderCalls(
            Cluster cluster,
            TablePath table,
            TableBucket bucket,
            ApiKey api,
            Function<R, Optional<FlussException>> errorIn) {
        this.cluster = cluster;
        this.table = table;
        this.bucket = bucket;
        this.api = api;
        this.errorIn = errorIn;
    }

    /**
     * An answer and who gave it.
     *
     * @param <R> what was answered
     */
    public record Answered<R>(int server, R answer) {}

    /**
     * Asks whoever leads the bucket.
     *
     * @param isRepeated which errors are worth another attempt besides the retriable ones
     */
    public CompletableFuture<Answered<R>> ask(
            MessageLite request, Predicate<FlussException> isRepeated) {
        return cluster.retrying(
                () -> leader().thenCompose(id -> at(id, request)),
                e -> Cluster.isRetriable(e) || isRepeated.test(e));
    }

    /** Asks one server, once. */
    public CompletableFuture<Answered<R>> at(int server, MessageLite request) {
        return cluster.tabletServer(server)
                .thenCompose(c -> c.<R>send(api, request, cluster.requestTimeout()))
                .thenCompose(
                        answer ->
                                errorIn.apply(answer)
                                        .map(CompletableFuture::<Answered<R>>failedFuture)
                                        .orElseGet(
                                                () ->
                                                        CompletableFuture.completedFuture(
                                                                new Answered<>(server, answer))))
                .whenComplete((answer, failure) -> forgetWrongLeader(failure));
    }

    private void forgetWrongLeader(@org.jspecify.annotations.Nullable Throwable failure) {
        if (failure != null) {
            switch (FlussException.from(failure).reason()) {
                case NETWORK,
                        NOT_LEADER_OR_FOLLOWER,
                        UNKNOWN_TABLE_OR_BUCKET,
                        LEADER_NOT_AVAILABLE ->
                        cluster.forgetLeader(bucket);
                default -> {}
            }
        }
    }

    private CompletableFuture<Integer> leader() {
        OptionalInt known = cluster.leader(bucket);
        if (known.isPresent()) {
            return CompletableFuture.completedFuture(known.getAsInt());
        }
        List<Long> partitions = bucket.isPartitioned() ? List.of(bucket.partitionId()) : List.of();
        return cluster.refresh(table, partitions)
                .thenCompose(
                        answer -> {
                            OptionalInt now = cluster.leader(bucket);
                            return now.isPresent()
                                    ? CompletableFuture.completedFuture(now.getAsInt())
                                    : CompletableFuture.failedFuture(
                                            ErrorReason.LEADER_NOT_AVAILABLE.exception(
                                                    table
                                                            + ": bucket "
                                                            + bucket
                                                            + " has no leader at the moment"));
                        });
    }
}
