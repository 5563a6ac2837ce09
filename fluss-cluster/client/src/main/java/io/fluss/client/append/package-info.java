/**
 * Writing: appends to log tables and upserts to tables with a primary key, in batches per bucket,
 * idempotent, with bounded memory. The client's loop owns the batches in flight. Start at {@link
 * io.fluss.client.append.AppendWriter} and {@link io.fluss.client.append.UpsertWriter}.
 */
@NullMarked
package io.fluss.client.append;

import org.jspecify.annotations.NullMarked;
