/**
 * Scans of Paimon tables at a pinned snapshot, planned and read with Paimon's Java API: as batches
 * of Paimon's own vectors where its reader has them, and of rows gathered into vectors elsewhere.
 * No threads. Start at {@link io.fluss.spark.paimon.PaimonScanProvider}.
 */
@NullMarked
package io.fluss.spark.paimon;

import org.jspecify.annotations.NullMarked;
