/**
 * What {@code CALL catalog.system.name(...)} does. Runs on the thread of the statement, which
 * waits; start at {@link io.fluss.spark.procedure.Procedures}.
 */
@NullMarked
package io.fluss.spark.procedure;

import org.jspecify.annotations.NullMarked;
