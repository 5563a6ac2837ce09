/**
 * Iceberg as a lake format: log tables in the clean layout (only user columns). Signatures of
 * Iceberg's Parquet classes are avoided, so that the same classes run on the plain Iceberg jars and
 * on the Spark runtime jar, which relocates them. Owns no threads. Start at {@link
 * io.fluss.lake.iceberg.IcebergLakeFormat}.
 */
@NullMarked
package io.fluss.lake.iceberg;

import org.jspecify.annotations.NullMarked;
