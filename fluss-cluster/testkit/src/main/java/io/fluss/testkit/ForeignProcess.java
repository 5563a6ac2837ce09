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
package io.fluss.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that ran to its end, in a process of its own.
 *
 * @param output both streams; while the program runs they go to a file in its directory
 */
public record ForeignProcess(int exitCode, String output) {
    private static final long MINUTES_MAX = 5;

    /** Runs a command in a directory; one that does not end in five minutes is killed. */
    public static ForeignProcess run(
            Path dir, List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(dir, "process", ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(dir.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
                throw new AssertionError("still runs: " + command + "\n" + Files.readString(out));
            }
            return new ForeignProcess(process.exitValue(), Files.readString(out));
        } finally {
            process.destroyForcibly();
        }
    }
}
