/**
 * Leaves out rows whose keys are known, a batch of columns at a time. Owned by task threads; start
 * at {@link io.fluss.spark.mask.KeyTable}.
 */
@NullMarked
package io.fluss.spark.mask;

import org.jspecify.annotations.NullMarked;
