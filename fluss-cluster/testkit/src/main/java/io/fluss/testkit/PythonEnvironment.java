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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pythons for tests, with packages from the package index in an environment of their own. */
public final class PythonEnvironment {
    private PythonEnvironment() {}

    /**
     * The path of a Python that has some modules; they are installed now if they were not. Empty,
     * with the reason on standard output, where there is no Python or no package index.
     *
     * @param home of the environment, kept for the next run
     * @param packages as pip takes them
     * @param modules that can be imported afterwards
     */
    public static synchronized Optional<String> with(
            Path home, List<String> packages, List<String> modules) {
        String python = home.resolve("bin/python").toString();
        List<String> install = new ArrayList<>(List.of(python, "-m", "pip", "install", "-q"));
        install.addAll(packages);
        List<String> check = List.of(python, "-c", "import " + String.join(", ", modules));
        try {
            Files.createDirectories(home);
            boolean isReady =
                    (Files.exists(Path.of(python)) && runs(home, check))
                            || (runs(home, List.of("python3", "-m", "venv", home.toString()))
                                    && runs(home, install)
                                    && runs(home, check));
            return isReady ? Optional.of(python) : Optional.empty();
        } catch (IOException | AssertionError e) {
            System.out.println("No Python with " + packages + ": " + e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static boolean runs(Path home, List<String> command)
            throws IOException, InterruptedException {
        ForeignProcess process = ForeignProcess.run(home, command, Map.of());
        if (process.exitCode() != 0) {
            System.out.println(command + ": " + process.output());
        }
        return process.exitCode() == 0;
    }
}
