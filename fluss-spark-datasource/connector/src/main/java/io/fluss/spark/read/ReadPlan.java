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
import io.fluss.spark.FlussOptions.ReadMode;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.pruning.Pruning;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one read takes from which tier, fixed when it is made: a lake snapshot, then the log ranges
 * behind it. The order matters: a snapshot pinned after the stop offsets could hold records behind
 * them.
 *
 * @param log one range per bucket with something to read
 * @param partitions of the ranges, by id; {@link TableBucket#NO_PARTITION} without
 */
record ReadPlan(
        Optional<LakeSnapshot> lake,
        List<LogRangePartition> log,
        Map<Long, TablePartition> partitions) {
    ReadPlan {
        log = List.copyOf(log);
        partitions = Map.copyOf(partitions);
    }

    /** Asks the cluster now; blocks the calling thread. */
    static ReadPlan pin(TableInfo table, FlussOptions options, PinnedLake lake, Pruning pruning) {
        Optional<LakeSnapshot> snapshot = lake.snapshot();
        if (options.readMode() == ReadMode.LAKE) {
            return new ReadPlan(snapshot, List.of(), Map.of());
        }
        try (SharedConnections.Lease lease = SharedConnections.lease(options.clientSettings())) {
            List<TablePartition> partitions =
                    TableOffsets.partitions(lease.admin(), table).stream()
                            .filter(p -> pruning.keepsPartition(p.spec()))
                            .toList();
            Map<Long, TablePartition> byId = new HashMap<>();
            partitions.forEach(p -> byId.put(p.id().orElse(TableBucket.NO_PARTITION), p));
            return new ReadPlan(
                    snapshot, ranges(lease, table, snapshot, partitions, pruning), byId);
        }
    }

    private static List<LogRangePartition> ranges(
            SharedConnections.Lease lease,
            TableInfo table,
            Optional<LakeSnapshot> snapshot,
            List<TablePartition> partitions,
            Pruning pruning) {
        List<Integer> buckets =
                TableOffsets.allBuckets(table).stream().filter(pruning::keepsBucket).toList();
        Map<TableBucket, Long> stops =
                TableOffsets.list(
                        lease.admin(), table, partitions, buckets, new OffsetSpec.Latest());
        Map<TableBucket, Long> starts =
                TableOffsets.list(
                        lease.admin(), table, partitions, buckets, new OffsetSpec.Earliest());
        // A partition that was dropped in between has nothing left to read.
        stops.keySet().retainAll(starts.keySet());
        return LogRanges.behindLake(
                table.path(),
                starts,
                stops,
                snapshot.map(LakeSnapshot::endOffsets).orElse(Map.of()),
                OptionalLong.empty());
    }

    /** Records in the log ranges. Each offset of a log table is a record. */
    long logRecords() {
        return log.stream().mapToLong(r -> r.to() - Math.max(0, r.from())).sum();
    }

    /** The ranges that filters leave. */
    List<LogRangePartition> log(Pruning pruning) {
        return log.stream()
                .filter(r -> pruning.keepsBucket(r.bucket().bucket()))
                .filter(
                        r -> {
                            TablePartition p = partitions.get(r.bucket().partitionId());
                            return p == null || pruning.keepsPartition(p.spec());
                        })
                .toList();
    }
}
