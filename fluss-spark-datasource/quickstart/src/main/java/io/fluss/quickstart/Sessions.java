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
package io.fluss.quickstart;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark sessions for one machine. */
final class Sessions {
    /** Name of the Fluss catalog in SQL. */
    static final String CATALOG = "fluss";

    private Sessions() {}

    /**
     * A local session that needs neither host names nor a web page; its files go below {@code dir}.
     */
    static SparkSession local(String name, Path dir) {
        SparkSession spark =
                SparkSession.builder()
                        .appName(name)
                        .master("local[2]")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.driver.host", "127.0.0.1")
                        .config("spark.ui.enabled", "false")
                        .config("spark.sql.shuffle.partitions", "2")
                        .config("spark.sql.session.timeZone", "UTC")
                        .config(
                                "spark.sql.warehouse.dir",
                                dir.resolve("spark-warehouse").toUri().toString())
                        .config("spark.local.dir", dir.resolve("spark").toString())
                        .config("spark.sql.streaming.metricsEnabled", "false")
                        .getOrCreate();
        // Failures come back as errors of the statement; Spark's own account of them is for the
        // verbose only.
        spark.sparkContext().setLogLevel(System.getenv("FLUSS_VERBOSE") == null ? "OFF" : "WARN");
        return spark;
    }

    static void registerCatalog(SparkSession spark, String bootstrap) {
        spark.conf().set("spark.sql.catalog." + CATALOG, "io.fluss.spark.FlussCatalog");
        spark.conf().set("spark.sql.catalog." + CATALOG + ".bootstrap.servers", bootstrap);
    }
}
