package io.fluss.quickstart;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark sessions for one machine. */
final class Sessions {
    /** Name of the Fluss catalog in SQL. */
    static final String CATALOG = "fluss";

    private Sessions() {}

    /** A local session that needs neither host names nor a web page; its files go below {@code dir}. */
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
                        .config("spark.sql.warehouse.dir", dir.resolve("spark-warehouse").toUri().toString())
                        .config("spark.local.dir", dir.resolve("spark").toString())
                        .config("spark.sql.streaming.metricsEnabled", "false")
                        .getOrCreate();
        spark.sparkContext().setLogLevel("WARN");
        return spark;
    }

    static void registerCatalog(SparkSession spark, String bootstrap) {
        spark.conf().set("spark.sql.catalog." + CATALOG, "io.fluss.spark.FlussCatalog");
        spark.conf().set("spark.sql.catalog." + CATALOG + ".bootstrap.servers", bootstrap);
    }
}
