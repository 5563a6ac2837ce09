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
package io.fluss.published.flink;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A program in a process of its own, with a class path of its own; its errors go to a file. */
final class JavaProcess implements AutoCloseable {
    private static final Path HOME = Path.of(System.getProperty("fluss.home"));

    /** The class path of the cluster as it is shipped. */
    static final String CLUSTER = library("fluss-cluster/dist");

    /** The class path of the tiering job and of Spark with the connector, as they are shipped. */
    static final String SPARK = library("fluss-spark-datasource/quickstart");

    /** The class path of this JVM: Flink and what is published for it. */
    static final String PUBLISHED = System.getProperty("java.class.path");

    private static final List<String> OPENED =
            List.of(
                    "java.base/java.lang",
                    "java.base/java.lang.invoke",
                    "java.base/java.lang.reflect",
                    "java.base/java.io",
                    "java.base/java.net",
                    "java.base/java.nio",
                    "java.base/java.util",
                    "java.base/java.util.concurrent",
                    "java.base/java.util.concurrent.atomic",
                    "java.base/jdk.internal.ref",
                    "java.base/sun.nio.ch",
                    "java.base/sun.nio.cs",
                    "java.base/sun.security.action",
                    "java.base/sun.util.calendar");

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;
    private final Path errors;

    private JavaProcess(Process process, Path errors) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.in = process.outputWriter(StandardCharsets.UTF_8);
        this.errors = errors;
    }

    static JavaProcess start(Path directory, String classPath, String main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-Duser.timezone=UTC"));
        OPENED.forEach(opened -> command.add("--add-opens=" + opened + "=ALL-UNNAMED"));
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(arguments);
        Files.createDirectories(directory);
        String name = main.substring(main.lastIndexOf('.') + 1);
        Path errors = Files.createTempFile(directory, name + "-", ".err");
        return new JavaProcess(
                new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
    }

    private static String library(String module) {
        Path library = HOME.resolve(module).resolve("target").resolve("lib");
        if (!Files.isDirectory(library)) {
            throw new IllegalStateException(library + " is missing; package " + module + " first");
        }
        return library + "/*";
    }

    /** The next line of the output; empty at its end. */
    Optional<String> line() throws IOException {
        return Optional.ofNullable(out.readLine());
    }

    /** Writes a line to its standard input. */
    void say(String line) throws IOException {
        in.write(line);
        in.newLine();
        in.flush();
    }

    /** Reads the output to its end and waits. */
    List<String> finish() throws IOException, InterruptedException {
        List<String> lines = out.lines().toList();
        int status = process.waitFor();
        if (status != 0) {
            throw new IllegalStateException(
                    "exit code " + status + "\n" + String.join("\n", lines) + "\n" + errors());
        }
        return lines;
    }

    String errors() throws IOException {
        return Files.readString(errors);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** CPU time of all its threads until now. */
    Duration cpuTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Ends it without giving it time for anything. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
