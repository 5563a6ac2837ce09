/** Immutable picture of the cluster that any thread may read. */
@NullMarked
package io.fluss.coordinator.image;

import org.jspecify.annotations.NullMarked;
