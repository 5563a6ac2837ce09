/**
 * Append: Spark rows into Arrow vectors into the client's writer. A writer belongs to one task
 * thread; start at {@link io.fluss.spark.write.FlussWrite}.
 */
@NullMarked
package io.fluss.spark.write;

import org.jspecify.annotations.NullMarked;
