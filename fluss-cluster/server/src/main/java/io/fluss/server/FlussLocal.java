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

import io.fluss.errors.FlussException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code local}: a whole cluster in the foreground until the process is told to end. */
@Command(name = "fluss", description = "Runs a Fluss cluster.")
public final class FlussLocal {
    private FlussLocal() {}

    public static void main(String[] arguments) {
        Preloading.start();
        CommandLine command = new CommandLine(new FlussLocal());
        command.addSubcommand(new Local());
        command.setExecutionExceptionHandler(
                (e, line, result) -> {
                    report(line.getErr(), e);
                    return 1;
                });
        command.setParameterExceptionHandler(
                (e, ignored) -> {
                    e.getCommandLine().getErr().println("error: " + e.getMessage());
                    return 2;
                });
        int status = 1;
        try {
            status = command.execute(arguments);
        } finally {
            // Also after an error of the Java runtime: threads of a half-started part may be left.
            System.exit(status);
        }
    }

    /** One line; the stack trace too if the environment asks for it. */
    private static void report(PrintWriter err, Exception e) {
        err.println("error: " + FlussException.from(e).getMessage());
        if ("1".equals(System.getenv("FLUSS_VERBOSE"))) {
            e.printStackTrace(err);
        }
        err.flush();
    }

    @Command(
            name = "local",
            description = "Runs metadata store, coordinator and a tablet server in one process.")
    private static final class Local implements Callable<Integer> {
        @Option(names = "--help", usageHelp = true, description = "Prints this text.")
        @SuppressWarnings("UnusedVariable") // Set and read by picocli.
        private boolean isHelpWanted;

        @Option(names = "--dir", required = true, description = "Directory of all data.")
        private Path directory = Path.of("");

        @Option(
                names = "--port",
                defaultValue = "9123",
                description = "Port of the coordinator; the tablet server takes the next. 0: free.")
        private int port;

        @Option(names = "-D", paramLabel = "KEY=VALUE", description = "Server option.")
        private Map<String, String> options = new LinkedHashMap<>();

        @Spec private @org.jspecify.annotations.Nullable CommandSpec spec;

        @Override
        public Integer call() throws InterruptedException {
            CountDownLatch stopped = new CountDownLatch(1);
            LocalCluster cluster = LocalCluster.start(directory, port, options);
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(
                                    () -> {
                                        cluster.close();
                                        stopped.countDown();
                                    },
                                    "shutdown"));
            if (spec != null) {
                PrintWriter out = spec.commandLine().getOut();
                out.println("ready bootstrap=" + cluster.bootstrap());
                out.flush();
            }
            stopped.await();
            return 0;
        }
    }
}
