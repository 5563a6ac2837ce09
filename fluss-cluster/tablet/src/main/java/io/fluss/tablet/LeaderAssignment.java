package io.fluss.tablet;

import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.List;
import java.util.Optional;

/**
 * The coordinator's word that this server leads a bucket.
 *
 * @param partitionName present exactly for buckets of partitions
 */
public record LeaderAssignment(
        TableInfo table,
        Optional<String> partitionName,
        TableBucket bucket,
        int leaderEpoch,
        int bucketEpoch,
        List<Integer> replicas,
        List<Integer> isr) {
    public LeaderAssignment {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
    }
}
