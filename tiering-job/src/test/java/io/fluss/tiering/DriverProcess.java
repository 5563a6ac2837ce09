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

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.launcher.JavaModuleOptions;

/** A process with a {@link CrashingJob}. */
final class DriverProcess implements AutoCloseable {
    private static final long WAIT_SECONDS = 120;

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;
    private final List<String> lines = new ArrayList<>();

    private DriverProcess(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.in = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts a job that waits to {@link #begin}. */
    static DriverProcess start(String bootstrap, Path sparkHome, Map<String, String> settings)
            throws IOException {
        List<String> args = new ArrayList<>(List.of(bootstrap));
        settings.forEach((key, value) -> args.add(key + "=" + value));
        ProcessBuilder builder =
                new ProcessBuilder(java("512m", CrashingJob.class, args.toArray(new String[0])))
                        .redirectErrorStream(true);
        // What executors in processes of their own are started with: the class path is ours.
        Files.createDirectories(sparkHome.resolve("jars"));
        builder.environment().put("SPARK_HOME", sparkHome.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        return new DriverProcess(builder.start());
    }

    /**
     * Lets it tier.
     *
     * @param step where it waits
     */
    void begin(String table, String step) throws IOException {
        awaitLine("READY");
        say(table + " " + step);
    }

    static List<String> java(String heap, Class<?> main, String... args) {
        List<String> command = new ArrayList<>();
        command.add(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.add("-Xmx" + heap);
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        return command;
    }

    /** The first of the next lines that begins with this. */
    String awaitLine(String start) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.startsWith(start)) {
                return line;
            }
        }
        throw new AssertionError("no line '" + start + "' in " + String.join("\n", lines));
    }

    /** Takes effect as soon as the process runs. */
    void goOn() throws IOException {
        say("");
    }

    private void say(String line) throws IOException {
        in.write(line);
        in.newLine();
        in.flush();
    }

    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
        assertThat(kill.waitFor()).isZero();
    }

    int exitCode() throws Exception {
        out.lines().forEach(lines::add);
        assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
