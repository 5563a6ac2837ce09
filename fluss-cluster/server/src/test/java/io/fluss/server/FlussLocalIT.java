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
package io.fluss.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a process: what it says about bad input, and how it ends. */
class FlussLocalIT {
    private static final int FAILED = 1;
    private static final int BAD_USAGE = 2;
    private static final int TERMINATED = 143;

    @TempDir Path directory;
    private Path errors;
    private String data;

    @BeforeEach
    void paths() {
        errors = directory.resolve("err");
        data = directory.resolve("data").toString();
    }

    @Test
    void saysInOneLineWhatIsWrongWithTheArguments() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        refused(BAD_USAGE, "'--dir", "local");
        refused(BAD_USAGE, "'abc'", "local", "--dir", data, "--port", "abc");
        refused(FAILED, "port is 65535", "local", "--dir", data, "--port", "65535");
        refused(FAILED, "'" + file + "' is not a directory", "local", "--dir", file.toString());
        refused(FAILED, "/proc/nope", "local", "--dir", "/proc/nope");
        refused(BAD_USAGE, "KEY=VALUE", "local", "--dir", data, "-D", "nonsense");
        refused(
                FAILED,
                "'log.segment.file-size' has the value 'abc'",
                "local",
                "--dir",
                data,
                "-D",
                "log.segment.file-size=abc");
    }

    @Test
    void saysWhichPortIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            refused(FAILED, port, "local", "--dir", data, "--port", port);
        }
    }

    @Test
    void aSecondProcessIsRefusedAndTheFirstEndsCleanlyWhenTold() throws Exception {
        try (ServerProcess first =
                ServerProcess.start(errors, "local", "--dir", data, "--port", "0")) {
            assertThat(first.bootstrap()).startsWith("127.0.0.1:");
            refused(FAILED, "in use by another", "local", "--dir", data, "--port", "0");
            assertThat(first.terminate()).isEqualTo(TERMINATED);
            assertThat(first.errors()).doesNotContain("ERROR", "Exception");
        }
    }

    private void refused(int status, String what, String... arguments)
            throws IOException, InterruptedException {
        Path own = Files.createTempFile(directory, "refused", ".err");
        try (ServerProcess process = ServerProcess.start(own, arguments)) {
            assertThat(process.exitCode()).as("%s", List.of(arguments)).isEqualTo(status);
            try (Stream<String> lines = Files.lines(own)) {
                assertThat(lines.filter(l -> !l.startsWith("WARNING:")).toList())
                        .singleElement()
                        .asString()
                        .startsWith("error: ")
                        .contains(what);
            }
        }
    }
}
