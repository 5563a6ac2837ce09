/**
 * Arrow vectors of log batches as Spark column vectors, without copies. A vector is used by one
 * task thread and lives as long as its batch; start at {@link io.fluss.spark.vector.LogVectors}.
 */
@NullMarked
package io.fluss.spark.vector;

import org.jspecify.annotations.NullMarked;
