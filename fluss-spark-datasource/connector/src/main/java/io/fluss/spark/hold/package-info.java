/**
 * Holds lake snapshots for batch queries that last longer than others, so that expiry does not take
 * their files. One daemon thread for each Spark application, owned by {@link
 * io.fluss.spark.hold.DriverHolds}, runs while snapshots are in use; start at {@link
 * io.fluss.spark.hold.SnapshotHolds}.
 */
@NullMarked
package io.fluss.spark.hold;

import org.jspecify.annotations.NullMarked;
