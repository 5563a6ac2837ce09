/**
 * Spark's entry points: {@link io.fluss.spark.FlussCatalog} for SQL and {@link
 * io.fluss.spark.FlussSource} for {@code format("fluss")}. No threads of its own.
 */
@NullMarked
package io.fluss.spark;

import org.jspecify.annotations.NullMarked;
