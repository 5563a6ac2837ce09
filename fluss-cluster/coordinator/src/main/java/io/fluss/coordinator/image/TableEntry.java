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
package io.fluss.coordinator.image;

import io.fluss.table.PartitionInfo;
import io.fluss.table.TableInfo;
import io.fluss.table.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table with all that belongs to it. Immutable.
 *
 * @param schemas the schema with id {@code i} is at position {@code i - 1}
 * @param partitions by name
 * @param buckets in bucket order, by partition id; key -1 for a table without partitions
 */
public record TableEntry(
        TableInfo info,
        List<TableSchema> schemas,
        Map<String, PartitionInfo> partitions,
        Map<Long, List<Bucket>> buckets) {
    public TableEntry {
        schemas = List.copyOf(schemas);
        partitions = Map.copyOf(partitions);
        buckets = Map.copyOf(buckets);
    }

    public TableEntry withInfo(TableInfo newInfo, List<TableSchema> newSchemas) {
        return new TableEntry(newInfo, newSchemas, partitions, buckets);
    }

    public TableEntry withPartition(PartitionInfo partition, List<Bucket> itsBuckets) {
        Map<String, PartitionInfo> all = new HashMap<>(partitions);
        all.put(partition.name(), partition);
        return new TableEntry(info, schemas, all, buckets)
                .withBuckets(partition.partitionId(), itsBuckets);
    }

    public TableEntry withoutPartition(PartitionInfo partition) {
        Map<String, PartitionInfo> all = new HashMap<>(partitions);
        all.remove(partition.name());
        Map<Long, List<Bucket>> left = new HashMap<>(buckets);
        left.remove(partition.partitionId());
        return new TableEntry(info, schemas, all, left);
    }

    public TableEntry withBuckets(long partitionId, List<Bucket> group) {
        Map<Long, List<Bucket>> all = new HashMap<>(buckets);
        all.put(partitionId, List.copyOf(group));
        return new TableEntry(info, schemas, partitions, all);
    }

    public Optional<PartitionInfo> partition(long partitionId) {
        return partitions.values().stream().filter(p -> p.partitionId() == partitionId).findFirst();
    }
}
