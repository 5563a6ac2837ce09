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
        return partitions.values().stream()
                .filter(p -> p.partitionId() == partitionId)
                .findFirst();
    }
}
