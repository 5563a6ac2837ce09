package io.fluss.spark.read;

import io.fluss.table.TableBucket;
import org.apache.spark.sql.connector.read.InputPartition;

/** The offsets {@code [from, to)} of one bucket; {@code from} -2 is the earliest available. */
public record LogRangePartition(TableBucket bucket, long from, long to) implements InputPartition {
    private static final long serialVersionUID = 1L;
}
