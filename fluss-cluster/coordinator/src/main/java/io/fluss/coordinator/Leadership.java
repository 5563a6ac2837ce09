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
package io.fluss.coordinator;

import io.fluss.coordinator.image.Bucket;
import io.fluss.coordinator.image.ClusterImage;
import io.fluss.coordinator.image.TableEntry;
import io.fluss.errors.FlussException;
import io.fluss.metastore.BucketState;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Elects leaders, tells them, and shows them in the image once they serve. On the coordinator's
 * loop.
 */
final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    private final CoordinatorPorts ports;
    private final Duration retryDelay;
    private final ImageHolder images;

    Leadership(CoordinatorPorts ports, Duration retryDelay, ImageHolder images) {
        this.ports = ports;
        this.retryDelay = retryDelay;
        this.images = images;
    }

    /** A new election for every bucket of a table: first live server of the ISR. */
    static List<BucketState> elect(List<BucketState> states, ClusterImage image) {
        return states.stream().map(s -> s.elected(candidate(s, image))).toList();
    }

    private static OptionalInt candidate(BucketState s, ClusterImage image) {
        return s.replicas().stream()
                .filter(r -> s.isr().contains(r) && image.servers().containsKey(r))
                .mapToInt(Integer::intValue)
                .findFirst();
    }

    static List<Bucket> notServing(List<BucketState> states) {
        return states.stream().map(s -> new Bucket(s, false)).toList();
    }

    /** Tells the elected leaders of a group; completes when all have answered. */
    CompletableFuture<Void> announce(long tableId, long partitionId) {
        ports.loop().assertOwner();
        Optional<TableEntry> table = images.image().table(tableId);
        Map<Integer, List<LeaderAssignment>> byServer = new HashMap<>();
        table.ifPresent(
                t -> {
                    Optional<String> name = t.partition(partitionId).map(PartitionInfo::name);
                    for (Bucket b : t.buckets().getOrDefault(partitionId, List.of())) {
                        if (b.isServing() || b.state().leader().isEmpty()) {
                            continue;
                        }
                        byServer.computeIfAbsent(
                                        b.state().leader().getAsInt(), id -> new ArrayList<>())
                                .add(
                                        new LeaderAssignment(
                                                t.info(),
                                                name,
                                                new TableBucket(
                                                        tableId, partitionId, b.state().bucket()),
                                                b.state()));
                    }
                });
        boolean isKeyed = table.map(t -> t.info().hasPrimaryKey()).orElse(false);
        return CompletableFuture.allOf(
                byServer.entrySet().stream()
                        .flatMap(
                                e -> calls(e.getValue(), isKeyed).map(c -> announce(e.getKey(), c)))
                        .toArray(CompletableFuture[]::new));
    }

    /** Buckets with a primary key do not wait for each other: one has more rows to bring back. */
    private static Stream<List<LeaderAssignment>> calls(
            List<LeaderAssignment> assignments, boolean isKeyed) {
        return isKeyed ? assignments.stream().map(List::of) : Stream.of(assignments);
    }

    private CompletableFuture<Void> announce(int serverId, List<LeaderAssignment> assignments) {
        return ports.tabletServers()
                .becomeLeaders(serverId, assignments)
                .handleAsync(
                        (answers, failure) -> {
                            if (failure != null) {
                                LOG.warn("server {} could not be told to lead", serverId, failure);
                                retryLater(assignments);
                            } else {
                                answered(assignments, answers);
                            }
                            return null;
                        },
                        ports.loop());
    }

    private void answered(
            List<LeaderAssignment> assignments,
            Map<TableBucket, Optional<FlussException>> answers) {
        List<LeaderAssignment> failed = new ArrayList<>();
        Map<Long, Map<TableBucket, Integer>> serving = new HashMap<>();
        for (LeaderAssignment a : assignments) {
            Optional<FlussException> answer = answers.get(a.bucket());
            if (answer != null && answer.isEmpty()) {
                serving.computeIfAbsent(a.bucket().tableId(), id -> new HashMap<>())
                        .put(a.bucket(), a.state().leaderEpoch());
            } else {
                LOG.warn("bucket {} of {} is not served: {}", a.bucket(), a.table().path(), answer);
                failed.add(a);
            }
        }
        serving.forEach((id, epochs) -> images.change(i -> i.change(id, serve(epochs))));
        if (!failed.isEmpty()) {
            retryLater(failed);
        }
    }

    private static UnaryOperator<TableEntry> serve(Map<TableBucket, Integer> epochs) {
        return table -> {
            TableEntry t = table;
            for (Map.Entry<Long, List<Bucket>> group : table.buckets().entrySet()) {
                List<Bucket> next =
                        group.getValue().stream()
                                .map(b -> serve(table.info().tableId(), group.getKey(), b, epochs))
                                .toList();
                t = next.equals(group.getValue()) ? t : t.withBuckets(group.getKey(), next);
            }
            return t;
        };
    }

    private static Bucket serve(
            long tableId, long partitionId, Bucket b, Map<TableBucket, Integer> epochs) {
        Integer epoch = epochs.get(new TableBucket(tableId, partitionId, b.state().bucket()));
        return epoch != null && epoch == b.state().leaderEpoch() ? new Bucket(b.state(), true) : b;
    }

    private void retryLater(List<LeaderAssignment> assignments) {
        List<TableBucket> groups =
                assignments.stream().map(a -> group(a.bucket())).distinct().toList();
        // The handle is not kept: closing the loop drops the task.
        var unused = ports.loop().schedule(retryDelay, () -> groups.forEach(this::announceAgain));
    }

    private void announceAgain(TableBucket group) {
        // Failures are logged and retried where the answer arrives.
        var unused = announce(group.tableId(), group.partitionId());
    }

    private static TableBucket group(TableBucket b) {
        return new TableBucket(b.tableId(), b.partitionId(), 0);
    }
}
