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
import io.fluss.tiering.round.RoundCommand;
import io.fluss.tiering.round.SplitPlanner;
import io.fluss.tiering.spark.RoundProbe;
import io.fluss.tiering.spark.RoundSettings;
import io.fluss.tiering.spark.ServiceLoop;
import io.fluss.tiering.spark.ServiceSettings;
import io.fluss.time.SystemClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.SparkSession;

/**
 * The tiering job in a process of its own that waits at a step of its first round. Arguments: the
 * servers, and settings of Spark as {@code key=value}. Prints {@code READY} when Spark is there and
 * begins with a line of its input: the table and {@code Step:before} or {@code Step:after}. Prints
 * {@code AT} and the step when it is there, and goes on with the next line. Prints {@code ENDED}
 * and what failed at its end.
 */
final class CrashingJob implements RoundProbe {
    /** The exit code of a process that was killed by SIGKILL. */
    static final int KILLED = 137;

    private final String place;
    private final BufferedReader in;
    private final AtomicBoolean hasPassed = new AtomicBoolean();

    private CrashingJob(String place, BufferedReader in) {
        this.place = place;
        this.in = in;
    }

    public static void main(String[] args) throws IOException {
        SparkSession.Builder builder =
                SparkSession.builder()
                        .master("local[2]")
                        .appName("crashing-job")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.driver.host", "127.0.0.1")
                        .config(
                                "spark.executor.extraClassPath",
                                System.getProperty("java.class.path"));
        for (String setting : Arrays.asList(args).subList(1, args.length)) {
            int equals = setting.indexOf('=');
            builder.config(setting.substring(0, equals), setting.substring(equals + 1));
        }
        SparkSession spark = builder.getOrCreate();
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Map<String, String> client = Map.of("bootstrap.servers", args[0]);
        try (Connection connection = Connection.open(client)) {
            System.out.println("READY");
            String[] order = in.readLine().split(" ", -1);
            Map<?, ?> failures =
                    new ServiceLoop(
                                    spark,
                                    connection,
                                    new RoundSettings(
                                            client,
                                            Map.of(),
                                            new SplitPlanner(0, false),
                                            Optional.empty(),
                                            Duration.ofSeconds(20)),
                                    new ServiceSettings(
                                            true,
                                            Duration.ofMillis(500),
                                            Duration.ofMinutes(1),
                                            1,
                                            Optional.empty(),
                                            Optional.of(order[0])),
                                    SystemClock.INSTANCE,
                                    System.out::println,
                                    new CrashingJob(order[1], in))
                            .run();
            System.out.println("ENDED " + failures);
        }
        spark.stop();
    }

    @Override
    public void before(RoundCommand step) {
        at(step.getClass().getSimpleName() + ":before");
    }

    @Override
    public void after(RoundCommand step) {
        at(step.getClass().getSimpleName() + ":after");
    }

    private void at(String here) {
        if (!here.equals(place) || !hasPassed.compareAndSet(false, true)) {
            return;
        }
        System.out.println("AT " + here);
        try {
            String unused = in.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
