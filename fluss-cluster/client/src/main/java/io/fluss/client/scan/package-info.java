/**
 * Reading logs as Arrow vectors. Start at {@link io.fluss.client.scan.LogScanner} for following,
 * {@link io.fluss.client.scan.LogRangeReader} for a fixed range.
 */
@NullMarked
package io.fluss.client.scan;

import org.jspecify.annotations.NullMarked;
