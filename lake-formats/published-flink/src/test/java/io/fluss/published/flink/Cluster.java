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

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A cluster of this project in a directory. */
final class Cluster implements AutoCloseable {
    private static final String READY = "ready bootstrap=";

    private final JavaProcess process;
    private final String bootstrap;
    private final Path directory;

    private Cluster(JavaProcess process, String bootstrap, Path directory) {
        this.process = process;
        this.bootstrap = bootstrap;
        this.directory = directory;
    }

    static Cluster start(Path directory, String... options) throws IOException {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("local", "--dir", directory.resolve("cluster").toString()));
        arguments.addAll(List.of("--port", "0"));
        for (String option : options) {
            arguments.addAll(List.of("-D", option));
        }
        JavaProcess process =
                JavaProcess.start(
                        directory, JavaProcess.CLUSTER, "io.fluss.server.FlussLocal", arguments);
        for (Optional<String> line = process.line(); line.isPresent(); line = process.line()) {
            if (line.get().startsWith(READY)) {
                return new Cluster(process, line.get().substring(READY.length()), directory);
            }
        }
        throw new IllegalStateException("the server ended: " + process.errors());
    }

    String bootstrap() {
        return bootstrap;
    }

    Path directory() {
        return directory;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
