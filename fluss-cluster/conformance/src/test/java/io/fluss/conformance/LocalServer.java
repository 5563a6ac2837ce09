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
package io.fluss.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code fluss local} in a process of its own, with the class path of the distribution and none of
 * this module's.
 */
final class LocalServer implements AutoCloseable {
    private static final Path LIBRARY = Path.of("..", "dist", "target", "lib");
    private static final String READY = "ready bootstrap=";

    private final Process process;
    private final String bootstrap;

    private LocalServer(Process process, String bootstrap) {
        this.process = process;
        this.bootstrap = bootstrap;
    }

    /** Starts it with the options that the cases need, without a lake. */
    static LocalServer start(Path directory) throws IOException {
        if (!Files.isDirectory(LIBRARY)) {
            throw new IllegalStateException(
                    LIBRARY.toAbsolutePath().normalize()
                            + " is missing; package fluss-cluster/dist first");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "--add-opens=java.base/java.nio=ALL-UNNAMED"));
        command.addAll(List.of("-cp", LIBRARY + "/*", "io.fluss.server.FlussLocal", "local"));
        command.addAll(List.of("--dir", directory.resolve("cluster").toString(), "--port", "0"));
        command.addAll(List.of("-D", "datalake.enabled=false"));
        for (String line : Files.readAllLines(options())) {
            if (!line.isBlank() && !line.startsWith("#")) {
                command.addAll(List.of("-D", line.trim()));
            }
        }
        Path errors = directory.resolve("server.err");
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(READY)) {
                return new LocalServer(process, line.substring(READY.length()));
            }
        }
        throw new IllegalStateException("the server ended: " + Files.readString(errors));
    }

    private static Path options() {
        return Path.of("src", "test", "resources", "server-options.txt");
    }

    String bootstrap() {
        return bootstrap;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
