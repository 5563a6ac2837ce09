/**
 * What a replica of a bucket decides: role, epochs, in-sync replicas, high watermark, and who waits
 * for it. Pure state machines without clock, thread or file; owned by the loop of the bucket. Start
 * at {@link io.fluss.replication.ReplicaState}.
 */
@NullMarked
package io.fluss.replication;

import org.jspecify.annotations.NullMarked;
