/**
 * What concerns the whole cluster and no table: options changed at run time, server tags and
 * rebalances, offsets of producers. All of it runs on the coordinator's loop; the current options
 * are published for any thread.
 */
@NullMarked
package io.fluss.coordinator.cluster;

import org.jspecify.annotations.NullMarked;
