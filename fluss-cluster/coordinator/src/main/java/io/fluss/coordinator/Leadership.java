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
import java.util.stream.Collectors;
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

    /**
     * Tells the elected leaders of a group, which are shown together; completes with the answers.
     */
    CompletableFuture<Void> announce(long tableId, long partitionId) {
        return announce(
                assignments(tableId, partitionId)
                        .collect(Collectors.groupingBy(a -> a.state().leader().getAsInt()))
                        .values()
                        .stream());
    }

    /** As above, but each bucket is shown once it serves: one has more rows to bring back. */
    CompletableFuture<Void> announceOneByOne(long tableId, long partitionId) {
        return announce(assignments(tableId, partitionId).map(List::of));
    }

    private Stream<LeaderAssignment> assignments(long tableId, long partitionId) {
        ports.loop().assertOwner();
        return images.image().table(tableId).stream()
                .flatMap(
                        t ->
                                t.buckets().getOrDefault(partitionId, List.of()).stream()
                                        .filter(b -> !b.isServing())
                                        .filter(b -> b.state().leader().isPresent())
                                        .map(b -> assignment(t, partitionId, b)));
    }

    private static LeaderAssignment assignment(TableEntry t, long partitionId, Bucket b) {
        return new LeaderAssignment(
                t.info(),
                t.partition(partitionId).map(PartitionInfo::name),
                new TableBucket(t.info().tableId(), partitionId, b.state().bucket()),
                b.state());
    }

    /** Calls with the assignments of one server each. */
    private CompletableFuture<Void> announce(Stream<List<LeaderAssignment>> calls) {
        return CompletableFuture.allOf(
                calls.map(c -> announce(c.get(0).state().leader().getAsInt(), c))
                        .toArray(CompletableFuture[]::new));
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
