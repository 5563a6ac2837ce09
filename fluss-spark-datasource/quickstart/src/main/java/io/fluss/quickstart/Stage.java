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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The folder of a quick start and the processes in it. Closed once, either by the program or when
 * the Java process is told to end, so that no process outlives the quick start. Thread-safe.
 */
final class Stage implements AutoCloseable {
    private final Path base;
    private final boolean isTemporary;
    private final Deque<SupervisedProcess> processes = new ArrayDeque<>();
    private boolean closed;

    private Stage(Path base, boolean isTemporary) {
        this.base = base;
        this.isTemporary = isTemporary;
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "quickstart-stop"));
    }

    /** A new folder that is removed at the end. */
    static Stage temporary() throws IOException {
        return new Stage(Files.createTempDirectory("fluss-quickstart-"), true);
    }

    /** The given folder, which stays; it must not hold an earlier quick start. */
    static Stage in(Path dir) throws IOException {
        Path base = Files.createDirectories(dir.toAbsolutePath().normalize());
        if (Files.exists(base.resolve("feed"))) {
            throw new IllegalArgumentException(
                    base + " holds an earlier quick start; name another folder or remove it");
        }
        return new Stage(base, false);
    }

    Path base() {
        return base;
    }

    /** Ends the process with the stage; the last one first. */
    synchronized SupervisedProcess add(SupervisedProcess process) {
        processes.addFirst(process);
        return process;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        processes.forEach(SupervisedProcess::close);
        if (isTemporary) {
            try {
                DirectoryTrees.delete(base);
            } catch (IOException e) {
                System.err.println("could not remove " + base + ": " + e.getMessage());
            }
        }
    }
}
