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

/** Spark with this project's connector, in a process that answers one query after the other. */
final class Spark implements AutoCloseable {
    private static final String HEADER = "line";

    private final JavaProcess process;
    private int queries;

    private Spark(JavaProcess process) {
        this.process = process;
    }

    static Spark start(Path directory, String bootstrap) throws IOException {
        return new Spark(
                JavaProcess.start(
                        directory,
                        JavaProcess.SPARK,
                        "io.fluss.quickstart.SqlShell",
                        List.of("--bootstrap", bootstrap)));
    }

    /** The rows of a table, the columns joined by bars, sorted. */
    List<String> rows(String table, String columns) throws IOException {
        String end = "end-" + ++queries;
        process.say(
                "SELECT concat_ws('|', %s) AS %s FROM fluss.%s;".formatted(columns, HEADER, table));
        process.say("SELECT '%s' AS %s;".formatted(end, HEADER));
        List<String> out = new ArrayList<>();
        for (Optional<String> line = process.line(); line.isPresent(); line = process.line()) {
            String text = line.get().strip();
            if (text.equals(end)) {
                return out.stream().sorted().toList();
            }
            if (!text.equals(HEADER)) {
                out.add(text);
            }
        }
        throw new IllegalStateException("Spark ended: " + process.errors());
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
