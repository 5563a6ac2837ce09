package io.fluss.client.append;

/**
 * Where a row goes.
 *
 * @param partition name of the partition; empty for a table without partitions
 */
record Destination(String partition, int bucket) {}
