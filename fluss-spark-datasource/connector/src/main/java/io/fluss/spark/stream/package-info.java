/**
 * Micro-batch source over logs. Owned by the stream execution thread of the query; start at {@link
 * io.fluss.spark.stream.LogMicroBatchStream}.
 */
@NullMarked
package io.fluss.spark.stream;

import org.jspecify.annotations.NullMarked;
