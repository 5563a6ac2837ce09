/**
 * Batch read: one pinned lake snapshot plus log ranges. Planning runs on the driver's query thread,
 * readers on task threads; start at {@link io.fluss.spark.read.FlussScan}.
 */
@NullMarked
package io.fluss.spark.read;

import org.jspecify.annotations.NullMarked;
