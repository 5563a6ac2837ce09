package io.fluss.tiering.round;

import io.fluss.table.TableBucket;

/**
 * What the log of a bucket holds: {@code [start, end)}, end being the high watermark.
 *
 * @param partitionName empty text if the table is not partitioned
 */
public record BucketRange(TableBucket bucket, String partitionName, long start, long end) {}
