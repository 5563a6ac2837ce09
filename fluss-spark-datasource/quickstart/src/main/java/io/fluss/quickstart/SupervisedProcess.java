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
package io.fluss.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A child process that is started again when it dies, as an init system would do. Its standard
 * output is read line by line on a thread of its own, its errors go to a log file. Thread-safe.
 */
final class SupervisedProcess implements AutoCloseable {
    private static final long STOP_WAIT_SECONDS = 20;

    /** A process that ends this often in a row without having become ready will not get better. */
    private static final int FAILED_STARTS_MAX = 3;

    private final String name;
    private final List<String> command;
    private final Path log;
    private final String readyPrefix;
    private final Consumer<String> news;
    private final CompletableFuture<String> firstReady = new CompletableFuture<>();

    private volatile boolean closing;
    private volatile Process process;

    /**
     * @param readyPrefix the line that starts with this says that the process is ready
     * @param news told in words when the process ends and is started again
     */
    SupervisedProcess(
            String name,
            List<String> command,
            Path log,
            String readyPrefix,
            Consumer<String> news) {
        this.name = name;
        this.command = List.copyOf(command);
        this.log = log;
        this.readyPrefix = readyPrefix;
        this.news = news;
        this.process = launch();
        Thread watcher = new Thread(this::watch, name + "-watcher");
        watcher.setDaemon(true);
        watcher.start();
    }

    /** The rest of the first ready line; fails if the process does not become ready. */
    CompletableFuture<String> ready() {
        return firstReady;
    }

    long pid() {
        return process.pid();
    }

    /** Asks the process to end (SIGTERM), then makes it. */
    @Override
    public void close() {
        closing = true;
        Process p = process;
        p.destroy();
        try {
            if (!p.waitFor(STOP_WAIT_SECONDS, TimeUnit.SECONDS)) {
                p.destroyForcibly();
            }
        } catch (InterruptedException e) {
            p.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private Process launch() {
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": cannot start " + command.get(0), e);
        }
    }

    private void watch() {
        int failedStarts = 0;
        while (true) {
            Process current = process;
            boolean becameReady = readUntilEnd(current);
            if (closing) {
                return;
            }
            failedStarts = becameReady ? 0 : failedStarts + 1;
            int exit = current.onExit().join().exitValue();
            if (failedStarts >= FAILED_STARTS_MAX) {
                String words =
                        name + " ended with exit code " + exit + " before it was ready; see " + log;
                news.accept(words);
                firstReady.completeExceptionally(new IllegalStateException(words));
                return;
            }
            news.accept(
                    name
                            + " (pid "
                            + current.pid()
                            + ") ended with exit code "
                            + exit
                            + "; starting it again");
            synchronized (this) {
                if (closing) {
                    return;
                }
                process = launch();
            }
        }
    }

    private boolean readUntilEnd(Process current) {
        boolean becameReady = false;
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(current.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            while (line != null) {
                if (line.startsWith(readyPrefix)) {
                    becameReady = true;
                    firstReady.complete(line.substring(readyPrefix.length()).trim());
                }
                line = out.readLine();
            }
        } catch (IOException e) {
            // The pipe breaks when the process is killed; its exit tells the rest.
            return becameReady;
        }
        return becameReady;
    }
}
