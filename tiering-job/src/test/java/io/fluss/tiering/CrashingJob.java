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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.SparkSession;

/**
 * The tiering job in a process of its own that ends, or waits, at a step of its first round.
 * Arguments: servers, table, {@code Step:before} or {@code Step:after}, {@code halt} or {@code
 * wait}. Prints {@code AT} and the step; a waiting job goes on when its input has a byte.
 */
final class CrashingJob implements RoundProbe {
    static final int HALTED = 137;

    private final String place;
    private final boolean isHalting;
    private final AtomicBoolean hasPassed = new AtomicBoolean();

    private CrashingJob(String place, boolean isHalting) {
        this.place = place;
        this.isHalting = isHalting;
    }

    public static void main(String[] args) {
        SparkSession spark =
                SparkSession.builder()
                        .master("local[2]")
                        .appName("crashing-job")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.bindAddress", "127.0.0.1")
                        .config("spark.driver.host", "127.0.0.1")
                        .getOrCreate();
        Map<String, String> client = Map.of("bootstrap.servers", args[0]);
        try (Connection connection = Connection.open(client)) {
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
                                            Optional.of(args[1])),
                                    SystemClock.INSTANCE,
                                    System.out::println,
                                    new CrashingJob(args[2], args[3].equals("halt")))
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
        System.out.flush();
        if (isHalting) {
            Runtime.getRuntime().halt(HALTED);
        }
        try {
            int unused = System.in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
