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

import io.fluss.errors.FlussException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.AnalysisException;
import picocli.CommandLine;

/**
 * Runs a command: errors are one line for people, with the stack trace only when {@code
 * FLUSS_VERBOSE} is set.
 */
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

    /**
     * The most telling message in a chain of causes: that of a Fluss error if there is one, that of
     * a wrong statement without its plan.
     */
    static String describe(Throwable error) {
        for (Throwable t = error; t != null; t = t.getCause()) {
            if (t instanceof FlussException) {
                return String.valueOf(t.getMessage());
            }
            if (t instanceof AnalysisException wrong) {
                return wrong.getSimpleMessage();
            }
        }
        return error.getMessage() == null ? error.getClass().getName() : error.getMessage();
    }
}
