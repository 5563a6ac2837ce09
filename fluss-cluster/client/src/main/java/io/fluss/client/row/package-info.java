/**
 * Rows as Java values, for those who do not work with Arrow vectors: {@link
 * io.fluss.client.row.GenericRow} is written, {@link io.fluss.client.row.Row} is read. All types
 * are immutable or belong to one thread; nothing here starts threads.
 */
@NullMarked
package io.fluss.client.row;

import org.jspecify.annotations.NullMarked;
