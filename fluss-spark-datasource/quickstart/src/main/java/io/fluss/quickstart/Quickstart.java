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
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Streams the flights of 2013 into a table of a real cluster, has a Spark job tier them to Iceberg,
 * and asks both tiers as one table at every tick. The cluster and the tiering job are processes of
 * their own and may be killed at any time.
 */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts a cluster, streams 336,776 real flights into it, tiers them to Iceberg by a Spark job,",
            "and queries both tiers as one table at every tick."
        },
        footer = {
            "",
            "Examples:",
            "  fluss quickstart",
            "  fluss quickstart --keep --dir ./flights --port 9123"
        })
public final class Quickstart implements Callable<Integer> {
    static final String DATABASE = "demo";
    static final String TABLE = "flights";
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int READY_WAIT_SECONDS = 60;
    private static final int FINAL_TIERING_WAIT_SECONDS = 60;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "Folder for all data; a new temporary one, removed at the end, if not given.")
    private @Nullable Path dir;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Port of the cluster; the next one is used too. 0 (default): free ports.")
    private int port;

    @Option(
            names = "--keep",
            description = "Leave the cluster and the tiering job running until Ctrl-C.")
    private boolean keep;

    @Option(
            names = "--parts",
            paramLabel = "N",
            defaultValue = "40",
            description =
                    "How many parts the year is streamed in, one a tick (default: ${DEFAULT-VALUE}).")
    private int parts;

    private final PrintStream out = System.out;
    private final long startedNanos = System.nanoTime();

    /** Runs the quick start; exit code 0 if every union query was right. */
    public static void main(String[] args) {
        System.exit(CommandErrors.run(new Quickstart(), args));
    }

    @Override
    public Integer call() throws Exception {
        Path given = dir;
        int clusterPort = port == 0 ? freePort() : port;
        try (Stage stage = given == null ? Stage.temporary() : Stage.in(given)) {
            Path base = stage.base();
            SupervisedProcess cluster = stage.add(startCluster(base, clusterPort));
            try (SparkSession spark = Sessions.local("fluss-quickstart", base)) {
                FlightsFeed feed = FlightsFeed.stage(spark, base.resolve("feed"), parts);
                String bootstrap = readyOrFail(cluster).replace("bootstrap=", "");
                out.printf(
                        "cluster ready at %s (pid %d), data in %s%n",
                        bootstrap, cluster.pid(), base);
                SupervisedProcess tiering = stage.add(startTiering(base, bootstrap));
                out.printf("tiering job started (pid %d), freshness 5 s%n", tiering.pid());
                try (Connection connection =
                        Connection.open(Map.of("bootstrap.servers", bootstrap))) {
                    Sessions.registerCatalog(spark, bootstrap);
                    createTable(spark);
                    KeyedTables keyed = new KeyedTables(spark, base.resolve("feed"));
                    keyed.create();
                    boolean right = stream(spark, bootstrap, feed, connection, keyed, base);
                    if (keep) {
                        waitForInterrupt(bootstrap);
                    }
                    return right ? 0 : 1;
                }
            }
        }
    }

    private boolean stream(
            SparkSession spark,
            String bootstrap,
            FlightsFeed feed,
            Connection connection,
            KeyedTables keyed,
            Path base)
            throws Exception {
        StreamingQuery query =
                spark.readStream()
                        .schema(feed.schema())
                        .parquet(feed.incoming().toString())
                        .writeStream()
                        .format("fluss")
                        .option("bootstrap.servers", bootstrap)
                        .option("table", DATABASE + "." + TABLE)
                        .option("checkpointLocation", base.resolve("checkpoint").toString())
                        .outputMode("append")
                        .start();
        StreamingQuery delays = keyed.addUpDelays(bootstrap, base.resolve("delays-checkpoint"));
        TickTable ticks = new TickTable(out, startedNanos);
        UnionOracle oracle = new UnionOracle(spark, connection, DATABASE, TABLE);
        ticks.header();
        while (!feed.isDone()) {
            long nextTickNanos = System.nanoTime() + TICK_NANOS;
            FlightsFeed.Part part = feed.release();
            query.processAllAvailable();
            ticks.row(part, oracle.tick(feed.releasedRows()));
            // Paced for the eye, and so that tiering goes on while the stream does.
            TimeUnit.NANOSECONDS.sleep(nextTickNanos - System.nanoTime());
        }
        query.stop();
        delays.processAllAvailable();
        delays.stop();
        out.println("the stream has ended; waiting for the lake to catch up");
        oracle.awaitLake(feed.releasedRows(), FINAL_TIERING_WAIT_SECONDS);
        ticks.last(oracle.tick(feed.releasedRows()));
        Answers.print(spark, out, Sessions.CATALOG + "." + DATABASE + "." + TABLE);
        boolean addedUp = keyed.printDelays(out);
        boolean right = addedUp && ticks.wrong() == 0;
        keyed.printLookups(out, connection);
        out.printf(
                "%n%d of %d union queries counted exactly the rows written.%n",
                ticks.count() - ticks.wrong(), ticks.count());
        Answers.printNextSteps(out, keep ? bootstrap : "");
        return right;
    }

    private static void createTable(SparkSession spark) {
        spark.sql("CREATE NAMESPACE IF NOT EXISTS " + Sessions.CATALOG + "." + DATABASE);
        spark.sql(
                "CREATE TABLE "
                        + Sessions.CATALOG
                        + "."
                        + DATABASE
                        + "."
                        + TABLE
                        + """
                         (
                          year INT, month INT, day INT,
                          dep_time INT, sched_dep_time INT, dep_delay INT,
                          arr_time INT, sched_arr_time INT, arr_delay INT,
                          carrier STRING, flight INT, tailnum STRING,
                          origin STRING, dest STRING,
                          air_time INT, distance INT, hour INT, minute INT,
                          time_hour TIMESTAMP)
                        TBLPROPERTIES (
                          'bucket.num' = '2',
                          'table.datalake.enabled' = 'true',
                          'table.datalake.freshness' = '5s')
                        """);
    }

    private SupervisedProcess startCluster(Path base, int clusterPort) {
        return new SupervisedProcess(
                "cluster",
                Launch.cluster(base, clusterPort),
                base.resolve("cluster.err"),
                "ready ",
                this::tell);
    }

    private SupervisedProcess startTiering(Path base, String bootstrap) {
        return new SupervisedProcess(
                "tiering job",
                Launch.tiering(base, bootstrap),
                base.resolve("tiering.err"),
                "",
                this::tell);
    }

    private void tell(String news) {
        out.println("-- " + news);
    }

    private static String readyOrFail(SupervisedProcess process) throws Exception {
        return process.ready().get(READY_WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private void waitForInterrupt(String bootstrap) throws InterruptedException {
        out.printf("%ncluster at %s stays up; Ctrl-C ends it%n", bootstrap);
        new java.util.concurrent.CountDownLatch(1).await();
    }

    private static int freePort() throws IOException {
        // Two neighbouring ports are needed; the second is tried while the first is held.
        for (int attempt = 0; attempt < 50; attempt++) {
            try (ServerSocket first = new ServerSocket(0)) {
                int candidate = first.getLocalPort();
                if (candidate < 65_535) {
                    try (ServerSocket second = new ServerSocket(candidate + 1)) {
                        return second.getLocalPort() - 1;
                    } catch (IOException taken) {
                        // The neighbour is in use: the next free port will have another.
                    }
                }
            }
        }
        throw new IOException("no two neighbouring free ports found; name one with --port");
    }
}
