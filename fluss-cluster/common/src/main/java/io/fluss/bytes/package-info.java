/**
 * Bytes that are not in one piece: memory and file ranges that are sent without being copied
 * together.
 */
@NullMarked
package io.fluss.bytes;

import org.jspecify.annotations.NullMarked;
