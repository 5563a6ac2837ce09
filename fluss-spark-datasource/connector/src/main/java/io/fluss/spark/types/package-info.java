/**
 * Type mapping between tables and Spark, and declaration of tables from Spark's DDL. Pure
 * functions; start at {@link io.fluss.spark.types.SparkTypes}.
 */
@NullMarked
package io.fluss.spark.types;

import org.jspecify.annotations.NullMarked;
