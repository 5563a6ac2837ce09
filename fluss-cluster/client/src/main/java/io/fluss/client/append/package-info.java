/**
 * Writing to log tables: batches per bucket, idempotent, with bounded memory. A sender loop owns
 * the batches in flight. Start at {@link io.fluss.client.append.AppendWriter}.
 */
@NullMarked
package io.fluss.client.append;

import org.jspecify.annotations.NullMarked;
