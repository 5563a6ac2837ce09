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
package io.fluss.spark.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The REST catalog server of Iceberg's reference image, in a process of its own, with its tables in
 * a database and a directory. It can be killed and started again.
 */
final class RestCatalogServer implements AutoCloseable {
    private static final int START_ATTEMPTS = 600;
    private static final long ATTEMPT_MS = 100;

    private final Path dir;
    private final int port;
    private Process process;

    private RestCatalogServer(Path dir, int port, Process process) {
        this.dir = dir;
        this.port = port;
        this.process = process;
    }

    static RestCatalogServer start(Path dir) throws Exception {
        Files.createDirectories(dir);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        RestCatalogServer server = new RestCatalogServer(dir, port, run(dir, port));
        server.awaitReady();
        return server;
    }

    private static Process run(Path dir, int port) throws IOException {
        Path library = Path.of(System.getProperty("fluss.it.rest.catalog.server"));
        ProcessBuilder builder =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-Xmx256m",
                                        "-XX:+UseSerialGC",
                                        "-cp",
                                        library + "/*",
                                        "org.apache.iceberg.rest.RESTCatalogServer"))
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        dir.resolve("server.out").toFile()));
        builder.environment()
                .putAll(
                        Map.of(
                                "CATALOG_REST_PORT",
                                Integer.toString(port),
                                "CATALOG_WAREHOUSE",
                                dir.resolve("warehouse").toUri().toString(),
                                "CATALOG_URI",
                                "jdbc:sqlite:" + dir.resolve("catalog.db"),
                                // A file of SQLite has one writer.
                                "CATALOG_CLIENTS",
                                "1"));
        return builder.start();
    }

    URI address() {
        return URI.create("http://localhost:" + port);
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void restart() throws Exception {
        process = run(dir, port);
        awaitReady();
    }

    private void awaitReady() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest config = HttpRequest.newBuilder(address().resolve("/v1/config")).build();
        for (int i = 0; i < START_ATTEMPTS && process.isAlive(); i++) {
            try {
                if (client.send(config, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not yet.
            }
            boolean ignored = new CountDownLatch(1).await(ATTEMPT_MS, TimeUnit.MILLISECONDS);
        }
        throw new IllegalStateException(
                "the REST catalog server does not answer: "
                        + Files.readString(dir.resolve("server.out")));
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
