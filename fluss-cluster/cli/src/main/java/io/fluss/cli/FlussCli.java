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
package io.fluss.cli;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs one command and says in the exit code how it ended. */
@Command(
        name = "fluss",
        description = "Works with a Fluss cluster.",
        footer = "%nExit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.")
public final class FlussCli {
    private final Terminal terminal;

    private FlussCli(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] arguments) {
        PrintWriter out = writer(FileDescriptor.out);
        PrintWriter err = writer(FileDescriptor.err);
        int status = ExitCodes.FAILED;
        try {
            status =
                    new FlussCli(new Terminal(System.in, out, err, System.getenv())).run(arguments);
        } finally {
            out.flush();
            err.flush();
            // Daemon or not: a command that is done does not wait for threads of its libraries.
            Runtime.getRuntime().halt(status);
        }
    }

    private static PrintWriter writer(FileDescriptor to) {
        return new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(to), StandardCharsets.UTF_8), false);
    }

    /** Runs a command in this process. */
    static int run(Terminal terminal, String... arguments) {
        return new FlussCli(terminal).run(arguments);
    }

    private int run(String[] arguments) {
        CommandLine root = new CommandLine(this);
        Map<String, Supplier<Object>> verbs = verbs();
        // Reading the annotations of all commands takes longer than most commands do.
        Optional<String> only =
                arguments.length > 0 && verbs.containsKey(arguments[0])
                        ? Optional.of(arguments[0])
                        : Optional.empty();
        verbs.forEach(
                (name, verb) -> {
                    if (only.isEmpty() || only.get().equals(name)) {
                        root.addSubcommand(name, verb.get());
                    }
                });
        root.addSubcommand(new CommandLine.HelpCommand());
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setUsageHelpAutoWidth(true);
        root.setOut(terminal.out());
        root.setErr(terminal.err());
        root.setParameterExceptionHandler((e, ignored) -> usage(e));
        root.setExecutionExceptionHandler((e, line, result) -> failed(e, isVerbose(result)));
        try {
            return arguments.length == 0 ? help(root) : root.execute(arguments);
        } finally {
            terminal.out().flush();
            terminal.err().flush();
        }
    }

    private int help(CommandLine root) {
        root.usage(terminal.err());
        return ExitCodes.USAGE;
    }

    private Map<String, Supplier<Object>> verbs() {
        Map<String, Supplier<Object>> verbs = new LinkedHashMap<>();
        verbs.put("database", () -> new DatabaseCommand(terminal));
        verbs.put("table", () -> new TableCommand(terminal));
        verbs.put("partition", () -> new PartitionCommand(terminal));
        verbs.put("produce", () -> new ProduceCommand(terminal));
        verbs.put("consume", () -> new ConsumeCommand(terminal));
        verbs.put("lookup", () -> new LookupCommand(terminal));
        verbs.put("offsets", () -> new OffsetsCommand(terminal));
        verbs.put("status", () -> new StatusCommand(terminal));
        verbs.put("tiering", () -> new TieringCommand(terminal));
        return verbs;
    }

    private int usage(CommandLine.ParameterException e) {
        terminal.err().println("error: " + e.getMessage());
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        terminal.err().println("'" + command + " --help' tells how to use it");
        return ExitCodes.USAGE;
    }

    private int failed(Exception e, boolean isVerbose) {
        FlussException error = FlussException.from(e);
        String message =
                e instanceof FlussException
                                || error.reason() != ErrorReason.UNKNOWN_SERVER_ERROR
                                || error.getCause() == null
                        ? String.valueOf(error.getMessage())
                        : e.getClass().getSimpleName() + ": " + e.getMessage();
        terminal.err().println("error: " + message);
        if (isVerbose) {
            e.printStackTrace(terminal.err());
        }
        return ExitCodes.FAILED;
    }

    private boolean isVerbose(CommandLine.ParseResult result) {
        CommandLine.ParseResult last = result;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last.hasMatchedOption("-v") || terminal.variable("FLUSS_VERBOSE").isPresent();
    }
}
