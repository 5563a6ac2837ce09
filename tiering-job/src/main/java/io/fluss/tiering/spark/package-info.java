/**
 * Adapters: the service loop, rounds as Spark jobs, tasks that copy a range of a bucket's log into
 * the lake. The loop owns the service state; each round has a thread of a bounded pool; tasks run
 * on Spark's threads and share one connection per process.
 */
@NullMarked
package io.fluss.tiering.spark;

import org.jspecify.annotations.NullMarked;
