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
    private final AutoCloseable cluster;
    private final String bootstrap;
    private final SparkSession spark;

    private SparkOnFluss(AutoCloseable cluster, String bootstrap) {
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
            return new SparkOnFluss(() -> {}, given);
        }
        LocalCluster cluster = LocalCluster.start(dir, 0, settings);
        return new SparkOnFluss(cluster, cluster.bootstrap());
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
        try (cluster) {
            spark.stop();
        }
    }
}
