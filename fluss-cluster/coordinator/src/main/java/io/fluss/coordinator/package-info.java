/**
 * The one active coordinator: {@link io.fluss.coordinator.Coordinator} owns databases, tables,
 * partitions and leadership on one loop and publishes an immutable {@link
 * io.fluss.coordinator.image.ClusterImage} for readers. Start reading there.
 */
@NullMarked
package io.fluss.coordinator;

import org.jspecify.annotations.NullMarked;
