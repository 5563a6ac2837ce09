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
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** SQL on a cluster, with Spark in this process. */
@Command(
        name = "sql",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Runs Spark SQL; the tables of the cluster are fluss.<database>.<table>.",
        footer = {
            "",
            "Examples:",
            "  fluss sql --bootstrap 127.0.0.1:9123 -e \"SHOW TABLES IN fluss.demo\"",
            "  fluss sql --bootstrap 127.0.0.1:9123            statements from standard input, each ended by ;"
        })
public final class SqlShell implements Callable<Integer> {
    @Option(
            names = "--bootstrap",
            required = true,
            paramLabel = "HOST:PORT",
            description = "Addresses of the cluster, separated by commas.")
    private String bootstrap;

    @Option(
            names = {"-e", "--execute"},
            paramLabel = "SQL",
            description = "One statement to run instead of reading standard input.")
    private @Nullable String statement;

    /** Runs the shell; exit code 0 if all statements succeeded. */
    public static void main(String[] args) {
        System.exit(CommandErrors.run(new SqlShell(), args));
    }

    @Override
    public Integer call() throws Exception {
        Path dir = Files.createTempDirectory("fluss-sql-");
        try (SparkSession spark = Sessions.local("fluss-sql", dir)) {
            Sessions.registerCatalog(spark, bootstrap);
            String single = statement;
            if (single != null) {
                TextTable.print(System.out, spark.sql(single));
                return 0;
            }
            return readStatements(spark, System.out);
        } finally {
            DirectoryTrees.delete(dir);
        }
    }

    // On JDK 22 and later there is a console without a terminal too: then only the prompt is too
    // much.
    @SuppressWarnings("SystemConsoleNull")
    private static int readStatements(SparkSession spark, PrintStream out) throws IOException {
        boolean interactive = System.console() != null;
        int failures = 0;
        StringBuilder pending = new StringBuilder();
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        prompt(out, interactive, pending);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            pending.append(line).append('\n');
            if (line.stripTrailing().endsWith(";")) {
                failures +=
                        run(spark, out, pending.toString().strip().replaceAll(";+$", "")) ? 0 : 1;
                pending.setLength(0);
            }
            prompt(out, interactive, pending);
        }
        if (!pending.toString().isBlank()) {
            failures += run(spark, out, pending.toString()) ? 0 : 1;
        }
        return failures == 0 ? 0 : 1;
    }

    private static boolean run(SparkSession spark, PrintStream out, String sql) {
        if (sql.isBlank()) {
            return true;
        }
        try {
            TextTable.print(out, spark.sql(sql));
            return true;
        } catch (Exception e) {
            System.err.println("error: " + CommandErrors.describe(e));
            return false;
        }
    }

    private static void prompt(PrintStream out, boolean interactive, StringBuilder pending) {
        if (interactive) {
            out.print(pending.length() == 0 ? "fluss> " : "     > ");
            out.flush();
        }
    }
}
