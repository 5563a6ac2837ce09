/**
 * Which partitions and buckets of a table a filter can match: the values of partition names, the
 * buckets of literal keys, and the predicates over them. Pure functions over immutable values, used
 * by the thread that plans a query. Start reading at {@link io.fluss.spark.pruning.Pruning}.
 */
@NullMarked
package io.fluss.spark.pruning;

import org.jspecify.annotations.NullMarked;
