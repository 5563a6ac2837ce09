/**
 * Tests of the runtime jar: what is in it, and that a Spark that has nothing else of ours works
 * with it. Each test owns the processes that it starts.
 */
@NullMarked
package io.fluss.spark.runtime;

import org.jspecify.annotations.NullMarked;
