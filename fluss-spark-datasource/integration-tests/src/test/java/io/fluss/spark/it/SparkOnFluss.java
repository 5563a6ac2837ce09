/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.spark.it;

import io.fluss.server.LocalCluster;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark session with the catalog {@code fluss} over a cluster in this JVM, or over the one that
 * system property {@code fluss.it.bootstrap} names.
 */
final class SparkOnFluss implements AutoCloseable {
    private final Starter starter;
    private final String bootstrap;
    private final SparkSession spark;
    private AutoCloseable cluster;

    /** Starts the cluster again where it was. */
    private interface Starter {
        AutoCloseable start();
    }

    private SparkOnFluss(Starter starter, AutoCloseable cluster, String bootstrap) {
        this.starter = starter;
        this.cluster = cluster;
        this.bootstrap = bootstrap;
        this.spark =
                SparkSession.builder()
                        .master("local[2]")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.sql.shuffle.partitions", "2")
                        .config("spark.sql.session.timeZone", "UTC")
                        .config("spark.sql.catalog.fluss", "io.fluss.spark.FlussCatalog")
                        .config("spark.sql.catalog.fluss.bootstrap.servers", bootstrap)
                        .getOrCreate();
    }

    static SparkOnFluss start(Path dir, Map<String, String> settings) throws Exception {
        String given = System.getProperty("fluss.it.bootstrap", "");
        if (!given.isEmpty()) {
            return new SparkOnFluss(() -> () -> {}, () -> {}, given);
        }
        int port = freePorts();
        LocalCluster cluster = LocalCluster.start(dir, port, settings);
        return new SparkOnFluss(
                () -> LocalCluster.start(dir, port, settings), cluster, cluster.bootstrap());
    }

    /** Two free ports, one behind the other, so that the cluster can come back to them. */
    private static int freePorts() throws IOException {
        InetAddress host = InetAddress.getLoopbackAddress();
        while (true) {
            try (ServerSocket first = new ServerSocket(0, 1, host);
                    ServerSocket second = new ServerSocket()) {
                if (first.getLocalPort() < 65_535) {
                    second.bind(new InetSocketAddress(host, first.getLocalPort() + 1));
                    return first.getLocalPort();
                }
            } catch (BindException e) {
                // The next one is taken; try another pair.
            }
        }
    }

    /** Stops the cluster, if it is ours, and starts it again with what it has. */
    void restartCluster() throws Exception {
        cluster.close();
        cluster = starter.start();
    }

    /** Whether the cluster is ours, so that a test may expect what only ours does. */
    static boolean isOwnCluster() {
        return System.getProperty("fluss.it.bootstrap", "").isEmpty();
    }

    SparkSession session() {
        return spark;
    }

    String bootstrap() {
        return bootstrap;
    }

    Dataset<Row> sql(String text) {
        return spark.sql(text);
    }

    /** The rows of a query as text, one {@code [a,b]} each. */
    List<String> rows(String query) {
        return rows(sql(query));
    }

    static List<String> rows(Dataset<Row> data) {
        return data.collectAsList().stream().map(Row::toString).toList();
    }

    Dataset<Row> read(String table, String... options) {
        var reader =
                spark.read()
                        .format("fluss")
                        .option("bootstrap.servers", bootstrap)
                        .option("table", table);
        for (int i = 0; i < options.length; i += 2) {
            reader = reader.option(options[i], options[i + 1]);
        }
        return reader.load();
    }

    @Override
    public void close() throws Exception {
        try {
            spark.stop();
        } finally {
            cluster.close();
        }
    }
}
