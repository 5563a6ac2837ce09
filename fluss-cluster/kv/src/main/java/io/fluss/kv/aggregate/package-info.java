/**
 * Functions of the aggregation merge engine (table semantics document, section 6.4). Pure; start at
 * {@link io.fluss.kv.aggregate.Aggregate#of}.
 */
@NullMarked
package io.fluss.kv.aggregate;

import org.jspecify.annotations.NullMarked;
