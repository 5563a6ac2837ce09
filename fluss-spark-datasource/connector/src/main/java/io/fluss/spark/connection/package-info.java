/**
 * Connections shared by all tasks of a JVM. Threads belong to the client library; start at {@link
 * io.fluss.spark.connection.SharedConnections}.
 */
@NullMarked
package io.fluss.spark.connection;

import org.jspecify.annotations.NullMarked;
