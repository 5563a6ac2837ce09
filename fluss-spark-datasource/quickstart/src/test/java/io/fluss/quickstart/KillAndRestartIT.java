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

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole path as a user runs it, with the cluster and the tiering job killed in the middle:
 * every union query counts what was written, and Iceberg alone, in another process, finds exactly
 * the rows below the committed offsets.
 */
class KillAndRestartIT {
    private static final long FLIGHTS = 336_776;
    private static final Pattern PID = Pattern.compile("pid (\\d+)");

    /** Time, event date and time, rows written, rows in the lake. */
    private static final Pattern TICK =
            Pattern.compile(
                    "^ *[0-9.]+ s +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d +[0-9,]+ +([0-9,]+) ");

    private static final Pattern OFFSET = Pattern.compile("\\d+");

    @TempDir Path dir;

    @Test
    void nothingIsLostOrDoubledWhenClusterAndTieringJobAreKilled() throws Exception {
        Path base = dir.resolve("quickstart");
        Process quickstart =
                new ProcessBuilder(
                                java(
                                        "io.fluss.quickstart.Quickstart",
                                        "--dir",
                                        base.toString(),
                                        "--parts",
                                        "40"))
                        .redirectErrorStream(true)
                        .start();
        Run run = new Run();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(
                                quickstart.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                run.read(line);
            }
        }
        long clusterPid = run.clusterPid;
        long tieringPid = run.tieringPid;
        String output = String.join("\n", run.lines);
        assertThat(quickstart.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
        assertThat(quickstart.exitValue()).as(output).isZero();
        assertThat(output)
                .contains("cluster (pid " + clusterPid + ") ended")
                .contains("tiering job (pid " + tieringPid + ") ended")
                .doesNotContain("DIFFERENT")
                .contains("Average delay by carrier")
                .contains("224 of 224 routes are what a query over all flights says")
                .contains("min late")
                .doesNotContain("no weather");
        assertLakeHoldsWhatItsOffsetsSay(base);
    }

    /**
     * Follows the output and kills: the cluster once the lake holds something, the tiering job once
     * it has tiered again afterwards, both while the stream goes on.
     */
    private static final class Run {
        private final List<String> lines = new ArrayList<>();
        private long clusterPid;
        private long tieringPid;
        private String lakeAtKill = "";
        private boolean tieringKilled;

        void read(String line) {
            lines.add(line);
            if (line.startsWith("cluster ready")) {
                clusterPid = pid(line);
            } else if (line.startsWith("tiering job started")) {
                tieringPid = pid(line);
            }
            Matcher tick = TICK.matcher(line);
            if (!tick.find()) {
                return;
            }
            String lake = tick.group(1);
            if (lakeAtKill.isEmpty() && !lake.equals("0")) {
                kill(clusterPid);
                lakeAtKill = lake;
            } else if (!lakeAtKill.isEmpty() && !tieringKilled && !lake.equals(lakeAtKill)) {
                kill(tieringPid);
                tieringKilled = true;
            }
        }
    }

    private void assertLakeHoldsWhatItsOffsetsSay(Path base) throws Exception {
        Process reader =
                new ProcessBuilder(
                                java(
                                        "io.fluss.quickstart.StockIcebergReader",
                                        base.resolve("cluster/lake").toString(),
                                        Quickstart.DATABASE,
                                        Quickstart.TABLE))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(reader.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
        String[] result =
                output.lines()
                        .filter(l -> l.startsWith("result "))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(output))
                        .split(" ");
        long rows = Long.parseLong(result[1]);
        assertThat(rows).isEqualTo(committedRows(result[3]));
        assertThat(rows).as("the lake has caught up at the end").isEqualTo(FLIGHTS);
        assertThat(Long.parseLong(result[2])).as("distinct flights").isEqualTo(FLIGHTS);
    }

    private static long committedRows(String offsetsUri) throws IOException {
        String json = Files.readString(Path.of(offsetsUri.replaceFirst("^file:/*", "/")));
        Matcher m = OFFSET.matcher(json.substring(json.indexOf('[')));
        long sum = 0;
        while (m.find()) {
            sum += Long.parseLong(m.group());
        }
        return sum;
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    private static long pid(String line) {
        Matcher m = PID.matcher(line);
        assertThat(m.find()).as(line).isTrue();
        return Long.parseLong(m.group(1));
    }

    private static List<String> java(String mainClass, String... args) {
        List<String> command = new ArrayList<>();
        command.add(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.add("-Xmx1g");
        command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
        command.add(
                "-D"
                        + Launch.SERVER_CLASS_PATH_PROPERTY
                        + "="
                        + System.getProperty(Launch.SERVER_CLASS_PATH_PROPERTY));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(List.of(args));
        return command;
    }
}
