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

import io.fluss.client.Admin;
import io.fluss.client.OffsetSpec;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.spark.connection.Await;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Offsets of buckets of a table, over its partitions of this moment. */
public final class TableOffsets {
    private TableOffsets() {}

    /** The partitions; one for a table without. */
    public static List<TablePartition> partitions(Admin admin, TableInfo table) {
        if (!table.isPartitioned()) {
            return List.of(TablePartition.WHOLE);
        }
        return Await.value(admin.listPartitions(table.path())).stream()
                .map(p -> new TablePartition(OptionalLong.of(p.partitionId()), p.spec()))
                .toList();
    }

    /** The offset of every bucket of the table at this moment, in bucket order. */
    public static Map<TableBucket, Long> list(Admin admin, TableInfo table, OffsetSpec spec) {
        return list(admin, table, partitions(admin, table), allBuckets(table), spec);
    }

    static List<Integer> allBuckets(TableInfo table) {
        return IntStream.range(0, table.bucketCount()).boxed().toList();
    }

    /**
     * The offsets of these buckets of these partitions, in bucket order. Partitions that have been
     * dropped since they were listed are left out.
     */
    static Map<TableBucket, Long> list(
            Admin admin,
            TableInfo table,
            List<TablePartition> partitions,
            List<Integer> buckets,
            OffsetSpec spec) {
        Map<TableBucket, Long> all = new TreeMap<>();
        if (buckets.isEmpty()) {
            return all;
        }
        List<CompletableFuture<Map<TableBucket, Long>>> asked = new ArrayList<>();
        for (TablePartition partition : partitions) {
            asked.add(admin.listOffsets(table, partition.id(), buckets, spec));
        }
        for (int i = 0; i < asked.size(); i++) {
            try {
                all.putAll(Await.value(asked.get(i)));
            } catch (FlussException e) {
                if (!isDropped(admin, table, partitions.get(i), e)) {
                    throw e;
                }
            }
        }
        return all;
    }

    private static boolean isDropped(
            Admin admin, TableInfo table, TablePartition partition, FlussException e) {
        boolean mayBe =
                partition.id().isPresent()
                        && (e.reason() == ErrorReason.PARTITION_NOT_EXIST
                                || e.reason() == ErrorReason.UNKNOWN_TABLE_OR_BUCKET
                                || e.reason() == ErrorReason.LEADER_NOT_AVAILABLE
                                || e.reason() == ErrorReason.REQUEST_TIME_OUT);
        Set<OptionalLong> now =
                mayBe
                        ? partitions(admin, table).stream()
                                .map(TablePartition::id)
                                .collect(Collectors.toSet())
                        : Set.of(partition.id());
        return !now.contains(partition.id());
    }
}
