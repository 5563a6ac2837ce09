/**
 * The published Flink connector, tiering job and Iceberg plugin, as they are, with a cluster, a
 * tiering job and Spark of this project. The JVM of the tests has the published artifacts and Flink
 * on its class path, and nothing of the project; what is the project's runs in processes of its own
 * ({@link io.fluss.published.flink.JavaProcess}).
 */
package io.fluss.published.flink;
