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
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.launcher.JavaModuleOptions;

/** A process with a {@link CrashingJob}. */
final class DriverProcess implements AutoCloseable {
    private static final long WAIT_SECONDS = 120;

    private final Process process;
    private final BufferedReader out;
    private final List<String> lines = new ArrayList<>();

    private DriverProcess(Process process) {
        this.process = process;
        this.out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * A job that stops at a step.
     *
     * @param action "halt", or "wait" for a line of input
     */
    static DriverProcess start(String bootstrap, String table, String step, String action)
            throws IOException {
        return new DriverProcess(
                new ProcessBuilder(java("512m", CrashingJob.class, bootstrap, table, step, action))
                        .redirectErrorStream(true)
                        .start());
    }

    /** Runs a class to its end and takes its line that begins with "result ". */
    static String result(Class<?> main, String... args) throws Exception {
        Process process =
                new ProcessBuilder(java("256m", main, args)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).as(output).isTrue();
        return output.lines()
                .filter(l -> l.startsWith("result "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(output));
    }

    private static List<String> java(String heap, Class<?> main, String... args) {
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

    void awaitLine(String start) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.startsWith(start)) {
                return;
            }
        }
        throw new AssertionError("no line '" + start + "' in " + String.join("\n", lines));
    }

    /** Takes effect as soon as the process runs. */
    void goOn() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
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
