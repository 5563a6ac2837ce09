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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Executors that kill themselves by SIGKILL at a place of their tasks, as often as told over all of
 * them: Spark replaces them. Loaded by Spark by its name.
 */
public final class DyingExecutor implements SparkPlugin {
    /** Where an executor dies: one of {@link Place}. */
    static final String PLACE = "spark.fluss.it.place";

    /** A directory for one file per death. */
    static final String DEATHS = "spark.fluss.it.deaths";

    static final String DEATHS_MAX = "spark.fluss.it.deaths-max";

    /** A directory; {@link Place#WRITING} is when a data file has come into being in it. */
    static final String WAREHOUSE = "spark.fluss.it.warehouse";

    enum Place {
        /** Before a task has done anything. */
        START,
        /** Files of the task exist, and are not complete. */
        WRITING,
        /** Its files are complete, and the driver does not know them. */
        WRITTEN
    }

    @Override
    public @Nullable DriverPlugin driverPlugin() {
        return null;
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new Plugin();
    }

    private static final class Plugin implements ExecutorPlugin {
        private Place place = Place.START;
        private Path deaths = Path.of("");
        private int deathsMax;
        private Path warehouse = Path.of("");

        @Override
        public void init(PluginContext context, Map<String, String> unused) {
            place = Place.valueOf(context.conf().get(PLACE));
            deaths = Path.of(context.conf().get(DEATHS));
            deathsMax = context.conf().getInt(DEATHS_MAX, 1);
            warehouse = Path.of(context.conf().get(WAREHOUSE));
        }

        @Override
        public void onTaskStart() {
            if (place == Place.START) {
                dieIfAllowed();
            } else if (place == Place.WRITING) {
                Set<Path> before = dataFiles();
                Thread watch = new Thread(() -> dieWithAFileBeside(before), "watch");
                watch.setDaemon(true);
                watch.start();
            }
        }

        @Override
        public void onTaskSucceeded() {
            if (place == Place.WRITTEN) {
                dieIfAllowed();
            }
        }

        private void dieWithAFileBeside(Set<Path> before) {
            while (before.containsAll(dataFiles())) {
                Thread.onSpinWait();
            }
            dieIfAllowed();
        }

        private Set<Path> dataFiles() {
            try (Stream<Path> files = Files.walk(warehouse)) {
                return files.filter(f -> f.toString().endsWith(".parquet"))
                        .collect(Collectors.toSet());
            } catch (IOException | UncheckedIOException e) {
                // Files come and go; the next look sees them.
                return Set.of();
            }
        }

        private void dieIfAllowed() {
            for (int death = 0; death < deathsMax; death++) {
                try {
                    Files.createFile(deaths.resolve("death-" + death));
                } catch (FileAlreadyExistsException e) {
                    continue;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                kill();
                return;
            }
        }

        private static void kill() {
            try {
                int unused =
                        new ProcessBuilder("kill", "-KILL", "" + ProcessHandle.current().pid())
                                .start()
                                .waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
