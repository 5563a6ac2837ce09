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
import io.fluss.spark.connection.Await;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Offsets of all buckets of a table, over its partitions of this moment. */
public final class TableOffsets {
    private TableOffsets() {}

    /** Ids of the partitions; one empty id for a table without. */
    public static List<OptionalLong> partitions(Admin admin, TableInfo table) {
        if (!table.isPartitioned()) {
            return List.of(OptionalLong.empty());
        }
        return Await.value(admin.listPartitions(table.path())).stream()
                .map(PartitionInfo::partitionId)
                .map(OptionalLong::of)
                .toList();
    }

    /** The offset of every bucket of the partitions, in bucket order. */
    public static Map<TableBucket, Long> list(
            Admin admin, TableInfo table, List<OptionalLong> partitions, OffsetSpec spec) {
        List<Integer> buckets = IntStream.range(0, table.bucketCount()).boxed().toList();
        List<CompletableFuture<Map<TableBucket, Long>>> asked = new ArrayList<>();
        for (OptionalLong partition : partitions) {
            asked.add(admin.listOffsets(table, partition, buckets, spec));
        }
        Map<TableBucket, Long> all = new TreeMap<>();
        asked.forEach(f -> all.putAll(Await.value(f)));
        return all;
    }
}
