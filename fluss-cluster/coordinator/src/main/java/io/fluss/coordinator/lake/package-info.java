/**
 * Lake side of the coordinator: which table is tiered next ({@link
 * io.fluss.coordinator.lake.TieringSchedule}, owned by the coordinator's loop) and which lake
 * snapshots exist ({@link io.fluss.coordinator.lake.LakeRegistry}, runs on an I/O executor).
 */
@NullMarked
package io.fluss.coordinator.lake;

import org.jspecify.annotations.NullMarked;
