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
package io.fluss.spark.read;

import io.fluss.client.OffsetSpec;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.pruning.Pruning;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What one read of a table with a primary key takes from which tier, fixed when it is made: the
 * lake snapshot first, then the ends of the changelogs. Rows of partitions that the cluster no
 * longer has are in the snapshot only.
 *
 * @param lake the snapshot, if rows are read from it
 * @param tails changes behind the snapshot
 * @param hot buckets that are read from the cluster alone
 * @param withoutLake buckets whose rows in the snapshot do not count, those of {@code hot} among
 *     them
 * @param partitions the living ones, by id; {@link TableBucket#NO_PARTITION} without
 */
record KeyedPlan(
        Optional<LakeSnapshot> lake,
        List<LogRangePartition> tails,
        List<TableBucket> hot,
        List<TableBucket> withoutLake,
        Map<Long, TablePartition> partitions) {
    KeyedPlan {
        tails = List.copyOf(tails);
        hot = List.copyOf(hot);
        withoutLake = List.copyOf(withoutLake);
        partitions = Map.copyOf(partitions);
    }

    /** Asks the cluster now; blocks the calling thread. */
    static KeyedPlan pin(TableInfo table, FlussOptions options, PinnedLake lake, Pruning pruning) {
        Optional<LakeSnapshot> snapshot = lake.snapshot();
        try (SharedConnections.Lease lease = SharedConnections.lease(options.clientSettings())) {
            List<TablePartition> partitions =
                    TableOffsets.partitions(lease.admin(), table).stream()
                            .filter(p -> pruning.keepsPartition(p.spec()))
                            .toList();
            List<Integer> buckets =
                    TableOffsets.allBuckets(table).stream().filter(pruning::keepsBucket).toList();
            Map<Long, TablePartition> byId = new HashMap<>();
            List<TableBucket> all = new ArrayList<>();
            for (TablePartition p : partitions) {
                byId.put(p.id().orElse(TableBucket.NO_PARTITION), p);
                buckets.forEach(b -> all.add(TableBucket.of(table.tableId(), p.id(), b)));
            }
            if (snapshot.isEmpty()) {
                return new KeyedPlan(snapshot, List.of(), all, all, byId);
            }
            Map<TableBucket, Long> stops =
                    TableOffsets.list(
                            lease.admin(), table, partitions, buckets, new OffsetSpec.Latest());
            Map<TableBucket, Long> starts =
                    TableOffsets.list(
                            lease.admin(), table, partitions, buckets, new OffsetSpec.Earliest());
            // A partition that was dropped in between has its rows in the lake only.
            stops.keySet().retainAll(starts.keySet());
            return behindLake(table, snapshot.get(), starts, stops, byId);
        }
    }

    /**
     * @param starts first offset that the changelog still holds
     * @param stops exclusive
     * @throws io.fluss.errors.FlussException with LOG_OFFSET_OUT_OF_RANGE if changes between lake
     *     and log are in neither
     */
    static KeyedPlan behindLake(
            TableInfo table,
            LakeSnapshot snapshot,
            Map<TableBucket, Long> starts,
            Map<TableBucket, Long> stops,
            Map<Long, TablePartition> partitions) {
        Map<TableBucket, Long> inLake = new TreeMap<>(stops);
        inLake.keySet().retainAll(snapshot.endOffsets().keySet());
        List<TableBucket> hot = new ArrayList<>();
        List<TableBucket> withoutLake = new ArrayList<>();
        new TreeMap<>(stops)
                .forEach(
                        (bucket, stop) -> {
                            if (!inLake.containsKey(bucket)) {
                                withoutLake.add(bucket);
                                if (stop > 0) {
                                    hot.add(bucket);
                                }
                            }
                        });
        return new KeyedPlan(
                Optional.of(snapshot),
                LogRanges.behindLake(
                        table.path(), starts, inLake, snapshot.endOffsets(), OptionalLong.empty()),
                hot,
                withoutLake,
                partitions);
    }

    /** Whether the rows of the snapshot are the rows of the table, all and alone. */
    boolean isLakeAlone(TableInfo table) {
        return lake.isPresent()
                && tails.isEmpty()
                && hot.isEmpty()
                && (!table.isPartitioned() || withoutLake.isEmpty());
    }

    /** Changes behind the snapshot. */
    long changes() {
        return tails.stream().mapToLong(r -> r.to() - r.from()).sum();
    }

    /** The same with all living buckets from the cluster; dropped partitions stay in the lake. */
    KeyedPlan allHot(TableInfo table, Pruning pruning) {
        List<TableBucket> all = new ArrayList<>();
        for (TablePartition p : partitions.values()) {
            for (int b : TableOffsets.allBuckets(table)) {
                if (pruning.keepsBucket(b)) {
                    all.add(TableBucket.of(table.tableId(), p.id(), b));
                }
            }
        }
        all.sort(null);
        return new KeyedPlan(
                table.isPartitioned() ? lake : Optional.empty(), List.of(), all, all, partitions);
    }

    /** Whether filters that became known later leave a bucket. */
    boolean keeps(Pruning pruning, TableBucket bucket) {
        TablePartition p = partitions.get(bucket.partitionId());
        return pruning.keepsBucket(bucket.bucket())
                && (p == null || pruning.keepsPartition(p.spec()));
    }
}
