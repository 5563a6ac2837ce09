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
package io.fluss.tiering;

import io.fluss.client.Connection;
import io.fluss.errors.ErrorCategory;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.settings.Settings;
import io.fluss.table.TablePath;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.tiering.spark.UpkeepSettings;
import io.fluss.time.SystemClock;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Main class of the tiering job. Exit code 0: stopped, or with {@code --once} every table reached
 * its goal; 1: some table did not; 2: the command line is wrong.
 */
@Command(
        name = "tiering",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Copies lake-enabled tables from the cluster to the lake.",
        description = {
            "",
            "Without --once it runs until it is stopped: it tiers each table when its"
                    + " table.datalake.freshness has passed. Any number of jobs may run against one"
                    + " cluster.",
            ""
        },
        footer = {
            "",
            "Dotted settings, as '--key value', '--key=value' or '-Dkey=value':",
            "  fluss.<client option>        for example fluss.bootstrap.servers",
            "  datalake.format              fail tables of another lake format",
            "  datalake.<format>.<key>      lake catalog property, overrides the cluster's;",
            "                               the place for secrets, which the cluster never hands out",
            "",
            "Examples:",
            "  Bring the lake up to date and end:",
            "    tiering --bootstrap localhost:9123 --once",
            "  Run as a service on a Spark cluster:",
            "    spark-submit --class io.fluss.tiering.TieringJob tiering.jar \\",
            "      --bootstrap fluss-1:9123,fluss-2:9123 --parallel-tables 4",
            "  One table, with the key of the object store:",
            "    tiering --bootstrap localhost:9123 --once --database sales --table orders \\",
            "      -Ddatalake.iceberg.s3.secret-access-key=..."
        })
public final class TieringJob implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(TieringJob.class);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CONNECT_RETRY = Duration.ofSeconds(5);

    private final Settings settings;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "Servers of the cluster, comma-separated.")
    private String bootstrap = "";

    @Option(
            names = "--once",
            description =
                    "End when every lake-enabled table has reached the log end that it had at the"
                            + " start. Tables need not wait for their freshness.")
    private boolean once;

    @Option(
            names = "--once-wait",
            paramLabel = "DURATION",
            description =
                    "With --once: give up when nothing has moved for so long (default 10 min). A"
                            + " published cluster hands tables out only when their freshness has"
                            + " passed.")
    private String onceWait = "10 min";

    @Option(
            names = "--poll-interval",
            paramLabel = "DURATION",
            description = "How often to ask for a table when idle (default 30 s).")
    private String pollInterval = "";

    @Option(
            names = {"--round-duration-max", "--freshness"},
            paramLabel = "DURATION",
            description =
                    "Time limit of a round; what is left goes into the next one (default: the"
                            + " table's freshness, at least 30 s).")
    private String roundDurationMax = "";

    @Option(
            names = "--parallel-tables",
            paramLabel = "N",
            description = "Tables tiered at a time (default 1).")
    private int parallelTables = 1;

    @Option(
            names = "--split-records",
            paramLabel = "N",
            description =
                    "Records of one split of a bucket at most; 0 for no limit (default 5000000).")
    private long splitRecords = 5_000_000;

    @Option(
            names = "--split-mb",
            paramLabel = "N",
            description =
                    "Megabytes in the lake of one split of a bucket at most, estimated from the"
                            + " rounds before; small splits share a task up to this size; 0 for no"
                            + " limit (default 128).")
    private long splitMegabytes = 128;

    @Option(
            names = "--database",
            paramLabel = "NAME",
            description = "Only tables of this database.")
    private String database = "";

    @Option(names = "--table", paramLabel = "NAME", description = "Only tables of this name.")
    private String table = "";

    @Option(
            names = "--skip-gap",
            description =
                    "Go on if the log has lost records that were not tiered; without it such a"
                            + " table fails.")
    private boolean skipGap;

    TieringJob(Map<String, String> settings) {
        this.settings = Settings.of(settings);
    }

    public static void main(String[] arguments) {
        int code = run(arguments);
        // spark-submit counts a plain return as success; a failed run must not look like one.
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Runs the job and returns its exit code. */
    public static int run(String... arguments) {
        JobArguments split;
        try {
            split = JobArguments.of(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 2;
        }
        CommandLine line = new CommandLine(new TieringJob(split.settings()));
        line.setExecutionExceptionHandler(TieringJob::onFailure);
        return line.execute(split.options().toArray(String[]::new));
    }

    private static int onFailure(Exception failure, CommandLine line, CommandLine.ParseResult p) {
        FlussException e = FlussException.from(failure);
        line.getErr().println("tiering: " + e.getMessage());
        LOG.debug("tiering failed", failure);
        return e.reason() == ErrorReason.INVALID_CONFIG ? 2 : 1;
    }

    @Override
    public Integer call() throws InterruptedException {
        RoundSettings rounds = roundSettings();
        ServiceSettings service = serviceSettings();
        PrintWriter out = spec.commandLine().getOut();
        boolean isOwner = SparkSession.getDefaultSession().isEmpty();
        SparkSession spark = session();
        try (Connection connection = connect(rounds.client())) {
            ServiceLoop loop =
                    new ServiceLoop(
                            spark,
                            connection,
                            rounds,
                            service,
                            SystemClock.INSTANCE,
                            text -> {
                                out.println(text);
                                out.flush();
                            });
            Thread hook = new Thread(() -> stop(loop), "tiering-stop");
            Runtime.getRuntime().addShutdownHook(hook);
            Map<TablePath, FlussException> failures = loop.run();
            removeHook(hook);
            failures.forEach(
                    (path, reason) ->
                            spec.commandLine()
                                    .getErr()
                                    .println("not tiered: " + path + ": " + reason.getMessage()));
            return failures.isEmpty() ? 0 : 1;
        } finally {
            // A session that was there before, in a notebook or a test, is not ours to end.
            if (isOwner) {
                spark.stop();
            }
        }
    }

    private static void stop(ServiceLoop loop) {
        try {
            loop.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("the process is already ending", e);
        }
    }

    /** A service waits for its cluster; a run with a goal does not. */
    private Connection connect(Map<String, String> client) throws InterruptedException {
        while (true) {
            try {
                return Connection.open(client);
            } catch (FlussException e) {
                if (once || e.category() != ErrorCategory.RETRIABLE) {
                    throw e;
                }
                LOG.warn("no connection, next try in {}: {}", CONNECT_RETRY, e.getMessage());
                new CountDownLatch(1).await(CONNECT_RETRY.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private SparkSession session() {
        SparkConf conf = new SparkConf(true);
        conf.setIfMissing("spark.master", "local[*]");
        conf.setIfMissing("spark.app.name", "fluss-tiering");
        conf.setIfMissing("spark.scheduler.mode", "FAIR");
        if (conf.get("spark.master").startsWith("local")) {
            conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
            conf.setIfMissing("spark.driver.host", "127.0.0.1");
            conf.setIfMissing("spark.ui.enabled", "false");
        }
        return SparkSession.builder().config(conf).getOrCreate();
    }

    private RoundSettings roundSettings() {
        Map<String, String> client = new HashMap<>(settings.below("fluss.").asMap());
        if (!bootstrap.isEmpty()) {
            client.put("bootstrap.servers", bootstrap);
        }
        if (!client.containsKey("bootstrap.servers")) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "no cluster named; give --bootstrap HOST:PORT");
        }
        settings.text("lake.tiering.io.tmp.dirs")
                .ifPresent(
                        d ->
                                LOG.info(
                                        "lake.tiering.io.tmp.dirs has no effect: no temporary files"
                                                + " are kept"));
        if (splitMegabytes < 0) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "--split-mb is " + splitMegabytes + "; use 0 or more");
        }
        if (splitRecords < 0) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "--split-records is " + splitRecords + "; use 0 or more");
        }
        return new RoundSettings(
                client,
                settings.below("datalake.").asMap(),
                new SplitPlanner(splitRecords, splitMegabytes * 1_000_000, 0, skipGap),
                roundDurationMax.isEmpty()
                        ? Optional.empty()
                        : Optional.of(duration("--round-duration-max", roundDurationMax)),
                UpkeepSettings.from(settings),
                CALL_TIMEOUT);
    }

    private ServiceSettings serviceSettings() {
        Duration poll =
                pollInterval.isEmpty()
                        ? settings.duration(
                                "fluss.tiering.poll.table.interval", Duration.ofSeconds(30))
                        : duration("--poll-interval", pollInterval);
        return new ServiceSettings(
                once,
                poll,
                duration("--once-wait", onceWait),
                parallelTables,
                text(database),
                text(table));
    }

    private static Optional<String> text(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    private static Duration duration(String option, String value) {
        return Settings.of(Map.of(option, value)).duration(option, Duration.ZERO);
    }
}
