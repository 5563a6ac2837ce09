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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A Python process that reads lake tables with engines that have nothing of ours, as often as it is
 * asked. Thread-safe.
 */
final class LakeProgram implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARK = "FOREIGN ";
    private static final long ANSWER_SECONDS_MAX = 120;

    private final Process process;
    private final Path errors;
    private final Writer questions;
    private final BufferedReader answers;

    private LakeProgram(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static LakeProgram start(Path dir, String python) throws IOException {
        Path script = dir.resolve("foreign_readers.py");
        try (InputStream in = LakeProgram.class.getResourceAsStream("/foreign_readers.py")) {
            Files.copy(in, script);
        }
        Path errors = dir.resolve("foreign_readers.err");
        return new LakeProgram(
                new ProcessBuilder(python, "-u", script.toString())
                        .redirectError(errors.toFile())
                        .start(),
                errors);
    }

    /**
     * The rows of a table as text, sorted.
     *
     * @param question an entry as the script describes it
     */
    synchronized List<String> rows(Map<String, String> question) throws Exception {
        questions.write(JSON.writeValueAsString(question) + "\n");
        questions.flush();
        String line =
                CompletableFuture.supplyAsync(this::answer)
                        .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        if (line.isEmpty()) {
            throw new AssertionError("no answer to " + question + ": " + Files.readString(errors));
        }
        List<String> rows = new ArrayList<>();
        for (JsonNode row : JSON.readTree(line).get("rows")) {
            List<String> values = new ArrayList<>();
            row.forEach(v -> values.add(v.asText().equals("None") ? "null" : v.asText()));
            rows.add(String.join("|", values));
        }
        rows.sort(null);
        return rows;
    }

    private String answer() {
        try {
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.startsWith(MARK)) {
                    return line.substring(MARK.length());
                }
            }
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
