/**
 * Parquet files from Arrow batches, column at a time: this package builds the pages, parquet-java
 * frames and compresses them. It knows nothing of a lake format. No threads; a writer belongs to
 * its caller. Start at {@link io.fluss.lake.parquet.ArrowParquetWriter}.
 */
@NullMarked
package io.fluss.lake.parquet;

import org.jspecify.annotations.NullMarked;
