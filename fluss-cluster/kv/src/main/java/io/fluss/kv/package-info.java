/**
 * The key-value view of a primary-key table's bucket. {@link io.fluss.kv.BucketRows} is the place
 * to start: it turns a batch of upserts and deletes into one changelog batch and the changed rows,
 * keeps those until they are committed, and answers lookups. Rows live in three places, newest
 * first: {@link io.fluss.kv.RowChanges} of batches that are not in RocksDB yet, {@link
 * io.fluss.kv.HotRows} (off-heap, shared by the server) and {@link io.fluss.kv.RowStore} (RocksDB).
 *
 * <p>Writes belong to the bucket's loop; one drainer thread at a time moves committed rows into
 * RocksDB; lookups come on any thread and take no lock. Before a bucket is served, {@link
 * io.fluss.kv.LogReplay} rebuilds its rows on a thread of the caller, which waits for others that
 * fold chunks of the log.
 */
@NullMarked
package io.fluss.kv;

import org.jspecify.annotations.NullMarked;
