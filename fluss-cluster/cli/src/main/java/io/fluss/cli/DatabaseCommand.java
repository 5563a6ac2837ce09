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

import io.fluss.client.Admin;
import io.fluss.client.Connection;
import io.fluss.client.DatabaseSummary;
import io.fluss.table.DatabaseDescriptor;
import io.fluss.table.DatabaseInfo;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fluss database}. */
@Command(
        name = "database",
        description = "Lists, creates, describes and drops databases.",
        synopsisSubcommandLabel = "(list | create | info | drop)",
        footer = {
            "%nExamples:",
            "  fluss database list",
            "  fluss database create shop --comment 'orders and customers'",
            "  fluss database info shop -o json",
            "  fluss database drop shop --if-exists --cascade"
        })
final class DatabaseCommand {
    private final Terminal terminal;

    DatabaseCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(
            name = "list",
            description = "Lists databases.",
            footer = "%nExample: fluss database list -b localhost:9123")
    int list(
            @Mixin ClusterOptions options,
            @Option(
                            names = {"-l", "--long"},
                            description = "With the number of tables and the time of creation.")
                    boolean isLong) {
        Answers answers = new Answers(terminal, options);
        try (Connection connection = options.connect(terminal)) {
            if (!isLong) {
                answers.names(
                        ClusterOptions.get(connection.admin().listDatabases()).stream()
                                .sorted()
                                .toList());
                return ExitCodes.OK;
            }
            List<Map<String, @Nullable Object>> rows =
                    ClusterOptions.get(connection.admin().listDatabaseSummaries()).stream()
                            .sorted(java.util.Comparator.comparing(DatabaseSummary::name))
                            .map(
                                    d ->
                                            Answers.map(
                                                    "name",
                                                    d.name(),
                                                    "tables",
                                                    d.tableCount(),
                                                    "created",
                                                    Instant.ofEpochMilli(d.createdTimeMs())))
                            .toList();
            answers.objects(List.of("name", "tables", "created"), rows);
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "create",
            description = "Creates a database.",
            footer = "%nExample: fluss database create shop --if-not-exists")
    int create(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "NAME", description = "Letters, digits, _ and -.") String name,
            @Option(names = "--if-not-exists", description = "Fine if it is there already.")
                    boolean isIgnored,
            @Option(names = "--comment", paramLabel = "TEXT", description = "What it is for.")
                    @Nullable String comment,
            @Option(
                            names = {"-p", "--property"},
                            paramLabel = "KEY=VALUE",
                            description = "Property of your own.")
                    @Nullable Map<String, String> properties) {
        try (Connection connection = options.connect(terminal)) {
            Map<String, String> all =
                    properties == null ? Map.of() : new LinkedHashMap<>(properties);
            ClusterOptions.get(
                    connection
                            .admin()
                            .createDatabase(
                                    name,
                                    new DatabaseDescriptor(Optional.ofNullable(comment), all),
                                    isIgnored));
            new Answers(terminal, options).done("created database " + name);
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "info",
            description = "Shows what a database is.",
            footer = "%nExample: fluss database info shop")
    int info(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "NAME", description = "Name of the database.") String name) {
        try (Connection connection = options.connect(terminal)) {
            Admin admin = connection.admin();
            DatabaseInfo info = ClusterOptions.get(admin.databaseInfo(name));
            new Answers(terminal, options)
                    .object(
                            Answers.map(
                                    "name",
                                    info.name(),
                                    "comment",
                                    info.descriptor().comment().orElse(null),
                                    "created",
                                    Instant.ofEpochMilli(info.createdTimeMs()),
                                    "modified",
                                    Instant.ofEpochMilli(info.modifiedTimeMs()),
                                    "properties",
                                    new java.util.TreeMap<>(info.descriptor().customProperties()),
                                    "tables",
                                    ClusterOptions.get(admin.listTables(name)).stream()
                                            .sorted()
                                            .toList()));
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "drop",
            description = "Drops a database.",
            footer = "%nExample: fluss database drop shop --cascade")
    int drop(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "NAME", description = "Name of the database.") String name,
            @Option(names = "--if-exists", description = "Fine if there is none.")
                    boolean isIgnored,
            @Option(names = "--cascade", description = "Drops its tables and their rows too.")
                    boolean isCascading) {
        try (Connection connection = options.connect(terminal)) {
            ClusterOptions.get(connection.admin().dropDatabase(name, isIgnored, isCascading));
            new Answers(terminal, options).done("dropped database " + name);
            return ExitCodes.OK;
        }
    }
}
