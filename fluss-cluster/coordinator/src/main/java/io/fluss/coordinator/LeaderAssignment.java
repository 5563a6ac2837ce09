package io.fluss.coordinator;

import io.fluss.metastore.BucketState;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.Optional;

/** A bucket that a tablet server is to lead, with all it has to know. */
public record LeaderAssignment(
        TableInfo table, Optional<String> partitionName, TableBucket bucket, BucketState state) {}
