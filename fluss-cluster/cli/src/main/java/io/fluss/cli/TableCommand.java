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
import io.fluss.client.TableChange;
import io.fluss.errors.ErrorReason;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fluss table}. */
@Command(
        name = "table",
        description = "Lists, creates, describes, alters and drops tables.",
        synopsisSubcommandLabel = "(list | create | describe | alter | drop)",
        footer = {
            "%nExamples:",
            "  fluss table list shop",
            "  fluss table create shop.orders --column 'id BIGINT NOT NULL' \\",
            "      --column 'price DECIMAL(10, 2)' --buckets 4 --bucket-key id",
            "  fluss table create shop.events --columns 'day STRING, at TIMESTAMP_LTZ(3), what STRING' \\",
            "      --partitioned-by day --property table.log.ttl=30d",
            "  fluss table describe shop.orders",
            "  fluss table alter shop.orders --add-column 'note STRING' ",
            "  fluss table drop shop.orders"
        })
final class TableCommand {
    private final Terminal terminal;

    TableCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(
            name = "list",
            description = "Lists tables.",
            footer = "%nExample: fluss table list shop")
    int list(
            @Mixin ClusterOptions options,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "DATABASE",
                            description = "Only the tables of this database.")
                    @Nullable String database) {
        try (Connection connection = options.connect(terminal)) {
            Admin admin = connection.admin();
            List<String> databases =
                    database == null
                            ? ClusterOptions.get(admin.listDatabases())
                            : List.of(database);
            List<String> names = new ArrayList<>();
            for (String d : databases) {
                ClusterOptions.get(admin.listTables(d)).forEach(t -> names.add(d + "." + t));
            }
            new Answers(terminal, options).names(names.stream().sorted().toList());
            return ExitCodes.OK;
        }
    }

    /** What a new table is. */
    static final class Shape {
        @Option(
                names = {"-c", "--column"},
                paramLabel = "'NAME TYPE [NOT NULL] [COMMENT ...]'",
                description = "A column; once for each.")
        private List<String> columns = new ArrayList<>();

        @Option(
                names = "--columns",
                paramLabel = "'NAME TYPE, ...'",
                description = "All columns in one text.")
        private @Nullable String allColumns;

        @Option(
                names = "--primary-key",
                paramLabel = "COLUMN[,...]",
                hideParamSyntax = true,
                split = ",",
                description =
                        "Columns that name a row: there is one for each value of them, the last"
                                + " that was written.")
        private List<String> primaryKey = new ArrayList<>();

        @Option(
                names = "--partitioned-by",
                paramLabel = "COLUMN[,...]",
                hideParamSyntax = true,
                split = ",",
                description = "Columns that name the partition of a row.")
        private List<String> partitionKeys = new ArrayList<>();

        @Option(
                names = "--bucket-key",
                paramLabel = "COLUMN[,...]",
                hideParamSyntax = true,
                split = ",",
                description = "Rows with the same values stay in one bucket and in order.")
        private List<String> bucketKeys = new ArrayList<>();

        @Option(
                names = "--buckets",
                paramLabel = "N",
                description = "Number of buckets. Default: that of the cluster.")
        private @Nullable Integer buckets;

        @Option(names = "--comment", paramLabel = "TEXT", description = "What it is for.")
        private @Nullable String comment;

        @Option(
                names = {"-p", "--property"},
                paramLabel = "KEY=VALUE",
                description = "Option of the table (table.*) or property of your own.")
        private Map<String, String> properties = new TreeMap<>();

        TableDescriptor descriptor() {
            List<Column> all = new ArrayList<>();
            columns.forEach(c -> all.add(TypeParser.column(c)));
            if (allColumns != null) {
                all.addAll(TypeParser.columns(allColumns));
            }
            if (all.isEmpty()) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "a table needs columns: --column 'id BIGINT NOT NULL' --column 'name"
                                + " STRING'");
            }
            Map<String, String> options = new TreeMap<>();
            Map<String, String> own = new TreeMap<>();
            properties.forEach((k, v) -> (k.startsWith("table.") ? options : own).put(k, v));
            return new TableDescriptor(
                    TableSchema.of(all, trimmed(primaryKey)),
                    Optional.ofNullable(comment),
                    trimmed(partitionKeys),
                    trimmed(bucketKeys),
                    buckets == null ? OptionalInt.empty() : OptionalInt.of(buckets),
                    options,
                    own);
        }

        private static List<String> trimmed(List<String> names) {
            return names.stream().map(String::trim).filter(n -> !n.isEmpty()).toList();
        }
    }

    @Command(
            name = "create",
            description = "Creates a log table, or one with a primary key.",
            footer = {
                "%nTypes: BOOLEAN TINYINT SMALLINT INT BIGINT FLOAT DOUBLE DECIMAL(p, s) CHAR(n)",
                "STRING BINARY(n) BYTES DATE TIME(p) TIMESTAMP(p) TIMESTAMP_LTZ(p) ARRAY<t>",
                "MAP<k, v> ROW<name type, ...>; nullable unless NOT NULL follows.",
                "%nExamples:",
                "  fluss table create shop.orders --column 'id BIGINT NOT NULL' \\",
                "      --column 'price DECIMAL(10, 2)' --buckets 4 --bucket-key id",
                "  fluss table create shop.events --columns 'day STRING, what STRING' \\",
                "      --partitioned-by day --property table.log.ttl=30d",
                "  fluss table create shop.users --columns 'id BIGINT, name STRING' --primary-key id"
            })
    int create(
            @Mixin ClusterOptions options,
            @Mixin Shape shape,
            @Parameters(paramLabel = "DATABASE.TABLE", description = "Name of the table.")
                    String name,
            @Option(names = "--if-not-exists", description = "Fine if it is there already.")
                    boolean isIgnored) {
        TablePath path = TablePath.parse(name);
        TableDescriptor descriptor = shape.descriptor();
        try (Connection connection = options.connect(terminal)) {
            ClusterOptions.get(connection.admin().createTable(path, descriptor, isIgnored));
            new Answers(terminal, options).done("created table " + path);
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "describe",
            description = "Shows columns and options of a table.",
            footer = "%nExample: fluss table describe shop.orders -o json")
    int describe(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "DATABASE.TABLE", description = "Name of the table.")
                    String name) {
        try (Connection connection = options.connect(terminal)) {
            TableInfo table =
                    ClusterOptions.get(connection.admin().tableInfo(TablePath.parse(name)));
            Answers answers = new Answers(terminal, options);
            Map<String, @Nullable Object> about = about(table);
            List<Map<String, @Nullable Object>> columns =
                    table.schema().columns().stream()
                            .map(
                                    c ->
                                            Answers.map(
                                                    "name",
                                                    c.name(),
                                                    "type",
                                                    c.type().toString(),
                                                    "comment",
                                                    c.comment().orElse(null)))
                            .toList();
            if (answers.isJson()) {
                about.put("columns", columns);
                answers.json(about);
            } else {
                answers.object(about);
                terminal.out().println();
                answers.objects(List.of("name", "type", "comment"), columns);
            }
            return ExitCodes.OK;
        }
    }

    private static Map<String, @Nullable Object> about(TableInfo table) {
        return Answers.map(
                "table",
                table.path().toString(),
                "id",
                table.tableId(),
                "schema_id",
                table.schemaId(),
                "comment",
                table.descriptor().comment().orElse(null),
                "created",
                Instant.ofEpochMilli(table.createdTimeMs()),
                "modified",
                Instant.ofEpochMilli(table.modifiedTimeMs()),
                "buckets",
                table.bucketCount(),
                "bucket_key",
                table.descriptor().bucketKeys(),
                "partitioned_by",
                table.descriptor().partitionKeys(),
                "primary_key",
                table.schema().primaryKey(),
                "options",
                new TreeMap<>(table.descriptor().properties()),
                "properties",
                new TreeMap<>(table.descriptor().customProperties()));
    }

    @Command(
            name = "alter",
            description = "Adds columns, or sets and resets options; not both at once.",
            footer = {
                "%nExamples:",
                "  fluss table alter shop.orders --add-column 'note STRING'",
                "  fluss table alter shop.orders --set table.log.ttl=30d --reset owner"
            })
    int alter(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "DATABASE.TABLE", description = "Name of the table.")
                    String name,
            @Option(
                            names = "--add-column",
                            paramLabel = "'NAME TYPE'",
                            description = "A column at the end; it must be nullable.")
                    @Nullable List<String> columns,
            @Option(names = "--set", paramLabel = "KEY=VALUE", description = "An option.")
                    @Nullable Map<String, String> set,
            @Option(
                            names = "--reset",
                            paramLabel = "KEY",
                            description = "An option, back to its default.")
                    @Nullable List<String> reset,
            @Option(names = "--if-exists", description = "Fine if there is no such table.")
                    boolean isIgnored) {
        TablePath path = TablePath.parse(name);
        List<TableChange> changes = new ArrayList<>();
        if (columns != null) {
            columns.forEach(c -> changes.add(new TableChange.AddColumn(TypeParser.column(c))));
        }
        if (set != null) {
            set.forEach((k, v) -> changes.add(new TableChange.SetOption(k, v)));
        }
        if (reset != null) {
            reset.forEach(k -> changes.add(new TableChange.ResetOption(k)));
        }
        if (changes.isEmpty()) {
            throw ErrorReason.INVALID_ALTER_TABLE.exception(
                    "nothing to change: give --add-column, --set or --reset");
        }
        try (Connection connection = options.connect(terminal)) {
            ClusterOptions.get(connection.admin().alterTable(path, changes, isIgnored));
            new Answers(terminal, options).done("altered table " + path);
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "drop",
            description = "Drops a table and its rows.",
            footer = "%nExample: fluss table drop shop.orders --if-exists")
    int drop(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "DATABASE.TABLE", description = "Name of the table.")
                    String name,
            @Option(names = "--if-exists", description = "Fine if there is none.")
                    boolean isIgnored) {
        TablePath path = TablePath.parse(name);
        try (Connection connection = options.connect(terminal)) {
            ClusterOptions.get(connection.admin().dropTable(path, isIgnored));
            new Answers(terminal, options).done("dropped table " + path);
            return ExitCodes.OK;
        }
    }
}
