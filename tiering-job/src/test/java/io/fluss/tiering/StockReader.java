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

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A process that knows the lake format alone, nothing of ours, and answers one question about a
 * table after the other. Its input has lines of a check and its arguments, with tabs between them.
 */
final class StockReader implements AutoCloseable {
    private static final String RESULT = "result ";

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;

    private StockReader(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.in = process.outputWriter(StandardCharsets.UTF_8);
    }

    static StockReader start() throws IOException {
        return new StockReader(
                new ProcessBuilder(DriverProcess.java("256m", StockReader.class))
                        .redirectErrorStream(true)
                        .start());
    }

    /** The line that a check prints, without its beginning. */
    String ask(Class<?> check, String... args) throws IOException {
        in.write(check.getSimpleName() + "\t" + String.join("\t", args));
        in.newLine();
        in.flush();
        List<String> lines = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(RESULT)) {
                return line.substring(RESULT.length());
            }
            lines.add(line);
        }
        throw new AssertionError(String.join("\n", lines));
    }

    public static void main(String[] unused) throws Exception {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t", -1);
            String[] args = Arrays.copyOfRange(words, 1, words.length);
            String result =
                    switch (words[0]) {
                        case "StockIcebergCheck" -> StockIcebergCheck.check(args);
                        case "StockKeyedCheck" -> StockKeyedCheck.check(args);
                        case "StockPaimonCheck" -> StockPaimonCheck.check(args);
                        default -> throw new IllegalArgumentException(line);
                    };
            System.out.println(RESULT + result);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
