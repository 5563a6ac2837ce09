/**
 * Changes of keys folded to the last one of each, without a copy of the rows. Owned by the thread
 * that reads the changes; start at {@link io.fluss.formats.fold.LatestChanges}.
 */
@NullMarked
package io.fluss.formats.fold;

import org.jspecify.annotations.NullMarked;
