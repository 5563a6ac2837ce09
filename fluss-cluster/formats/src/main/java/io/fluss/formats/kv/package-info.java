/**
 * Batches of upserts and deletes, and batches of stored values (data formats document, section 5).
 * Pure; threads belong to the caller.
 */
@NullMarked
package io.fluss.formats.kv;

import org.jspecify.annotations.NullMarked;
