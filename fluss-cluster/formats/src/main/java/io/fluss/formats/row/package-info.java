/**
 * Rows as bytes (data formats document, section 2): compacted, indexed and aligned rows, and the
 * arrays and maps inside them. Start at {@link io.fluss.formats.row.RowFormat}.
 *
 * <pre>
 * compacted  null bits | fields; integers as varints, sizes in front of what has no fixed size
 * indexed    null bits | i32 size of each non-null field without a fixed size | fields
 * aligned    kind i8, null bits, to words of 8 | slots of 8 bytes | what does not fit into a slot
 * array      i32 count | null bits, to words of 4 | slots | to a multiple of 8 | what does not fit
 * map        i32 size of the keys | array of keys | array of values
 * </pre>
 *
 * <p>Everything is little-endian; bit i of null bits is bit i mod 8 of byte i / 8. Encoders are
 * immutable; a reader belongs to the thread that uses it. Golden vectors: {@code rows.json}.
 */
@NullMarked
package io.fluss.formats.row;

import org.jspecify.annotations.NullMarked;
