package io.fluss.quickstart;

import io.fluss.errors.FlussException;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs a command: errors are one line for people, with the stack trace only when {@code FLUSS_VERBOSE} is set. */
final class CommandErrors {
    private CommandErrors() {}

    static int run(Callable<Integer> command, String[] args) {
        return new CommandLine(command)
                .setExecutionExceptionHandler(
                        (error, line, parsed) -> {
                            line.getErr().println("error: " + describe(error));
                            if (System.getenv("FLUSS_VERBOSE") != null) {
                                error.printStackTrace(line.getErr());
                            }
                            return 1;
                        })
                .execute(args);
    }

    /** The most telling message in a chain of causes: that of a Fluss error if there is one. */
    static String describe(Throwable error) {
        for (Throwable t = error; t != null; t = t.getCause()) {
            if (t instanceof FlussException) {
                return String.valueOf(t.getMessage());
            }
        }
        return error.getMessage() == null ? error.getClass().getName() : error.getMessage();
    }
}
