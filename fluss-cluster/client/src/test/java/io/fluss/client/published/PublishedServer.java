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
package io.fluss.client.published;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A published cluster of one tablet server in a process of its own. */
final class PublishedServer implements AutoCloseable {
    private final Path dir;
    private final List<Integer> ports;
    private Process process;

    private PublishedServer(Path dir, List<Integer> ports) throws IOException {
        this.dir = dir;
        this.ports = ports;
        this.process = launch();
    }

    static PublishedServer start(Path dir) throws IOException {
        List<Integer> ports;
        try (ServerSocket a = new ServerSocket(0);
                ServerSocket b = new ServerSocket(0);
                ServerSocket c = new ServerSocket(0)) {
            ports = List.of(a.getLocalPort(), b.getLocalPort(), c.getLocalPort());
        }
        return new PublishedServer(dir, ports);
    }

    private Process launch() throws IOException {
        Process p =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx768m",
                                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                                "-cp",
                                Path.of("target", "test-classes")
                                        + ":"
                                        + Path.of("target", "published-server", "lib")
                                        + "/*",
                                PublishedServerMain.class.getName(),
                                dir.toString(),
                                ports.get(0).toString(),
                                ports.get(1).toString(),
                                ports.get(2).toString())
                        .redirectError(dir.resolve("server.err").toFile())
                        .start();
        BufferedReader out = p.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("READY")) {
                return p;
            }
        }
        throw new IOException("the published server ended; see " + dir.resolve("server.err"));
    }

    String bootstrapServers() {
        return "127.0.0.1:" + ports.get(1) + ",127.0.0.1:" + ports.get(2);
    }

    /** Ends the process in order and starts another on the same data and ports. */
    void restart() throws IOException {
        end();
        process = launch();
    }

    private void end() {
        process.destroy();
        try {
            if (process.waitFor(30, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    @Override
    public void close() {
        end();
    }
}
