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

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_interval;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The flights of 2013 as a stream of files: staged once as parts in the order of event time, then
 * let go part by part into the folder that a streaming query watches. Used by one thread.
 *
 * <p>Source: nycflights13 (CC0), flights that departed New York City in 2013, 336,776 rows with 19
 * columns.
 */
final class FlightsFeed {
    static final String RESOURCE = "/nycflights13/flights.parquet";

    /** A part of the year. */
    record Part(Path file, long rows, String lastEventTime) {}

    private final Path incoming;
    private final List<Part> parts;
    private final StructType schema;
    private int next;
    private long released;

    private FlightsFeed(Path incoming, List<Part> parts, StructType schema) {
        this.incoming = incoming;
        this.parts = parts;
        this.schema = schema;
    }

    /**
     * Stages the flights below {@code dir} in about {@code partCount} parts of consecutive event
     * time.
     */
    static FlightsFeed stage(SparkSession spark, Path dir, int partCount) throws IOException {
        Path source = dir.resolve("flights.parquet");
        Files.createDirectories(dir);
        try (InputStream in = FlightsFeed.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException(RESOURCE + " is not on the class path");
            }
            Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
        }
        Path staged = dir.resolve("staged");
        Dataset<Row> flights = spark.read().parquet(source.toString());
        flights.repartitionByRange(partCount, col("time_hour"))
                .sortWithinPartitions("time_hour", "minute")
                .write()
                .mode("overwrite")
                .parquet(staged.toString());
        Path incoming = Files.createDirectories(dir.resolve("incoming"));
        return new FlightsFeed(incoming, describe(spark, staged), flights.schema());
    }

    StructType schema() {
        return schema;
    }

    Path incoming() {
        return incoming;
    }

    int partCount() {
        return parts.size();
    }

    boolean isDone() {
        return next == parts.size();
    }

    /** Rows let go so far: what every reader must see. */
    long releasedRows() {
        return released;
    }

    /** Lets the next part go; it appears in the watched folder whole. */
    Part release() throws IOException {
        Part part = parts.get(next++);
        Files.move(
                part.file(),
                incoming.resolve(part.file().getFileName().toString()),
                StandardCopyOption.ATOMIC_MOVE);
        released += part.rows();
        return part;
    }

    private static List<Part> describe(SparkSession spark, Path staged) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(staged)) {
            files =
                    all.filter(f -> f.getFileName().toString().endsWith(".parquet"))
                            .sorted()
                            .toList();
        }
        List<Part> parts = new ArrayList<>();
        for (Row r :
                spark.read()
                        .parquet(staged.toString())
                        .withColumn("file", org.apache.spark.sql.functions.input_file_name())
                        .withColumn(
                                "event_time",
                                col("time_hour")
                                        .plus(
                                                make_interval(
                                                        lit(0),
                                                        lit(0),
                                                        lit(0),
                                                        lit(0),
                                                        lit(0),
                                                        col("minute"))))
                        .groupBy("file")
                        .agg(
                                org.apache.spark.sql.functions.count(lit(1)).as("rows"),
                                org.apache
                                        .spark
                                        .sql
                                        .functions
                                        .max("event_time")
                                        .cast("string")
                                        .as("last"))
                        .orderBy("last")
                        .collectAsList()) {
            String name = r.getString(0).substring(r.getString(0).lastIndexOf('/') + 1);
            files.stream()
                    .filter(f -> f.getFileName().toString().equals(name))
                    .findFirst()
                    .ifPresent(f -> parts.add(new Part(f, r.getLong(1), r.getString(2))));
        }
        return parts;
    }
}
