/**
 * Log record batches: header, checksum, stamping, projection by cutting buffers. Pure functions
 * over byte buffers; start at {@link io.fluss.formats.log.LogBatch}.
 */
@NullMarked
package io.fluss.formats.log;

import org.jspecify.annotations.NullMarked;
