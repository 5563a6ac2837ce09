/**
 * What a lake format contributes to a scan; found by ServiceLoader. Start at {@link
 * io.fluss.spark.lake.LakeScanProvider}.
 */
@NullMarked
package io.fluss.spark.lake;

import org.jspecify.annotations.NullMarked;
