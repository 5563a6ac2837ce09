/**
 * Predicates over the columns of a table, and which log batches they can rule out by their column
 * statistics. A predicate is a hint: it takes whole batches out of a scan, the rows of the others
 * are filtered by whoever reads them. Build one with {@link io.fluss.formats.filter.Predicates}, or
 * start at {@link io.fluss.formats.filter.BatchFilter}.
 */
@NullMarked
package io.fluss.formats.filter;

import org.jspecify.annotations.NullMarked;
