/**
 * The connector in a real Spark against a real cluster in this JVM. Each class owns its cluster and
 * session; start at {@link io.fluss.spark.it.SparkOnFluss}.
 */
@NullMarked
package io.fluss.spark.it;

import org.jspecify.annotations.NullMarked;
