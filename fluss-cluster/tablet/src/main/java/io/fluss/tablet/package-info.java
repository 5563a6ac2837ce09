/**
 * The data path of a tablet server: hosts the replicas of buckets and answers produce, fetch and
 * offset requests. Start at {@link io.fluss.tablet.ReplicaHost}. It owns a fixed pool of bucket
 * loops; a bucket stays on one of them. Reads run on the calling thread over published snapshots.
 */
@NullMarked
package io.fluss.tablet;

import org.jspecify.annotations.NullMarked;
