/**
 * Command line of the tiering job: copies lake-enabled tables from the cluster to the lake, as a
 * Spark application. Run it by {@code spark-submit} or plain {@code java}.
 */
@NullMarked
package io.fluss.tiering;

import org.jspecify.annotations.NullMarked;
