/**
 * The log of one bucket: segment files of batches exactly as clients sent them, sparse indexes,
 * writer state, recovery. Start at {@link io.fluss.log.BucketLog}. A log is owned by one bucket
 * loop; readers on other threads use the immutable {@link io.fluss.log.LogView} that it publishes.
 */
@NullMarked
package io.fluss.log;

import org.jspecify.annotations.NullMarked;
