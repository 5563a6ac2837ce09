/**
 * Tables that show the state of the cluster, in the namespace {@code sys} of the catalog. They are
 * computed on the driver when a query is planned. Start at {@link
 * io.fluss.spark.system.SystemTables}.
 */
@NullMarked
package io.fluss.spark.system;

import org.jspecify.annotations.NullMarked;
