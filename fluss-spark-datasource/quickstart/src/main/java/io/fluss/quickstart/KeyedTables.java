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

import io.fluss.client.Connection;
import io.fluss.client.lookup.Lookuper;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.table.TablePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;

/**
 * The tables with a primary key: planes and weather, loaded once and looked up, and the delays by
 * route, which the cluster adds up from the stream of flights. Used by one thread.
 */
final class KeyedTables {
    private static final String PREFIX = Sessions.CATALOG + "." + Quickstart.DATABASE + ".";

    private final SparkSession spark;
    private final Path dir;

    /**
     * @param dir for the files that the tables are loaded from
     */
    KeyedTables(SparkSession spark, Path dir) {
        this.spark = spark;
        this.dir = dir;
    }

    /** Creates the tables and loads planes and weather. */
    void create() throws IOException {
        spark.sql(
                "CREATE TABLE "
                        + PREFIX
                        + """
                        planes (
                          tailnum STRING, year INT, type STRING, manufacturer STRING, model STRING,
                          engines INT, seats INT, speed INT, engine STRING,
                          PRIMARY KEY (tailnum))
                        TBLPROPERTIES ('bucket.num' = '1')
                        """);
        spark.sql(
                "CREATE TABLE "
                        + PREFIX
                        + """
                        weather (
                          origin STRING, year INT, month INT, day INT, hour INT,
                          temp DOUBLE, dewp DOUBLE, humid DOUBLE,
                          wind_dir DOUBLE, wind_speed DOUBLE, wind_gust DOUBLE,
                          precip DOUBLE, pressure DOUBLE, visib DOUBLE, time_hour TIMESTAMP,
                          PRIMARY KEY (origin, time_hour))
                        TBLPROPERTIES ('bucket.num' = '1')
                        """);
        spark.sql(
                "CREATE TABLE "
                        + PREFIX
                        + """
                        delays_by_route (
                          origin STRING, dest STRING,
                          flights BIGINT, cancelled BIGINT, delay_min BIGINT, worst_min INT,
                          PRIMARY KEY (origin, dest))
                        TBLPROPERTIES (
                          'bucket.num' = '1',
                          'table.merge-engine' = 'aggregation',
                          'fields.flights.agg' = 'sum',
                          'fields.cancelled.agg' = 'sum',
                          'fields.delay_min.agg' = 'sum',
                          'fields.worst_min.agg' = 'max')
                        """);
        load("planes");
        load("weather");
    }

    private void load(String table) throws IOException {
        String resource = "/nycflights13/" + table + ".csv.gz";
        Path file = dir.resolve(table + ".csv.gz");
        Files.createDirectories(dir);
        try (InputStream in = KeyedTables.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException(resource + " is not on the class path");
            }
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        try {
            spark.read()
                    .schema(spark.table(PREFIX + table).schema())
                    .option("header", "true")
                    .option("nullValue", "NA")
                    .csv(file.toString())
                    .writeTo(PREFIX + table)
                    .append();
        } catch (org.apache.spark.sql.catalyst.analysis.NoSuchTableException e) {
            throw new IOException(table + " was dropped while it was loaded", e);
        }
    }

    /** Follows the flights and hands each one's delay to the cluster, which adds it up. */
    StreamingQuery addUpDelays(String bootstrap, Path checkpoint) throws Exception {
        return spark.readStream()
                .table(PREFIX + Quickstart.TABLE)
                .selectExpr(
                        "origin",
                        "dest",
                        "1L AS flights",
                        "CAST(dep_time IS NULL AS BIGINT) AS cancelled",
                        "CAST(arr_delay AS BIGINT) AS delay_min",
                        "arr_delay AS worst_min")
                .writeStream()
                .format("fluss")
                .option("bootstrap.servers", bootstrap)
                .option("table", Quickstart.DATABASE + ".delays_by_route")
                .option("checkpointLocation", checkpoint.toString())
                .outputMode("update")
                .start();
    }

    /** Whether the cluster's sums are those that Spark gets from the flights themselves. */
    boolean printDelays(PrintStream out) {
        out.printf("%nMost delayed routes, added up by the cluster while the flights came%n");
        TextTable.print(
                out,
                spark.sql(
                        """
                        SELECT origin, dest, flights, cancelled,
                               round(delay_min / (flights - cancelled), 1) AS arr_delay_min,
                               worst_min
                        FROM %sdelays_by_route WHERE flights >= 1000
                        ORDER BY arr_delay_min DESC LIMIT 5
                        """
                                .formatted(PREFIX)));
        long wrong =
                spark.sql(
                                """
                                SELECT * FROM %sdelays_by_route
                                EXCEPT
                                SELECT origin, dest, count(*), count_if(dep_time IS NULL),
                                       sum(arr_delay), max(arr_delay)
                                FROM %sflights GROUP BY origin, dest
                                """
                                        .formatted(PREFIX, PREFIX))
                        .count();
        out.printf(
                "%d of %d routes are what a query over all flights says.%n",
                routes() - wrong, routes());
        return wrong == 0;
    }

    private long routes() {
        return spark.table(PREFIX + "delays_by_route").count();
    }

    /** The worst flights of the year, each with its plane and the weather at its hour. */
    void printLookups(PrintStream out, Connection connection) {
        List<org.apache.spark.sql.Row> worst =
                spark.sql(
                                """
                                SELECT time_hour, carrier, flight, tailnum, origin, dest, arr_delay
                                FROM %sflights ORDER BY arr_delay DESC NULLS LAST LIMIT 5
                                """
                                        .formatted(PREFIX))
                        .collectAsList();
        out.printf("%nThe latest arrivals, with plane and weather looked up by key%n");
        try (Lookuper planes = lookuper(connection, "planes");
                Lookuper weather = lookuper(connection, "weather")) {
            for (org.apache.spark.sql.Row f : worst) {
                Instant hour = ((Timestamp) f.get(0)).toInstant();
                long start = System.nanoTime();
                Optional<Row> plane = planes.lookup(GenericRow.of(f.getString(3))).join();
                Optional<Row> at = weather.lookup(GenericRow.of(f.getString(4), hour)).join();
                long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
                out.printf(
                        "  %s  %s %-5d %s-%s  %5d min late  %-38s %-26s %6.2f ms%n",
                        hour.toString().substring(0, 16),
                        f.getString(1),
                        f.getInt(2),
                        f.getString(4),
                        f.getString(5),
                        f.getInt(6),
                        plane.map(KeyedTables::shown).orElse("no such plane"),
                        at.map(KeyedTables::weather).orElse("no weather"),
                        micros / 1000.0);
            }
        }
    }

    private static Lookuper lookuper(Connection connection, String table) {
        return connection.lookuper(
                connection.admin().tableInfo(TablePath.of(Quickstart.DATABASE, table)).join());
    }

    private static String shown(Row plane) {
        return plane.getString("manufacturer")
                + " "
                + plane.getString("model")
                + ", "
                + plane.getInt("seats")
                + " seats";
    }

    private static String weather(Row at) {
        return (at.isNull("temp") ? "?" : at.getDouble("temp"))
                + " F, wind "
                + (at.isNull("wind_speed") ? "?" : Math.round(at.getDouble("wind_speed")))
                + " mph";
    }
}
