/**
 * The Iceberg part of a scan on Spark 4.1, by Iceberg's own vectorised reader. Runs on the thread
 * that plans the query; start at {@link io.fluss.spark.iceberg.IcebergScanProvider}.
 */
@NullMarked
package io.fluss.spark.iceberg;

import org.jspecify.annotations.NullMarked;
