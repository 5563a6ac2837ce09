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

import io.fluss.client.Connection;
import io.fluss.errors.ErrorReason;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TablePath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fluss partition}. */
@Command(
        name = "partition",
        description = "Lists, creates and drops partitions.",
        synopsisSubcommandLabel = "(list | create | drop)",
        footer = {
            "%nExamples:",
            "  fluss partition list shop.events",
            "  fluss partition create shop.events day=2024-05-06",
            "  fluss partition drop shop.sales year=2024,region=north"
        })
final class PartitionCommand {
    private final Terminal terminal;

    PartitionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(
            name = "list",
            description = "Lists the partitions of a table.",
            footer = "%nExample: fluss partition list shop.sales year=2024")
    int list(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "DATABASE.TABLE", description = "Name of the table.")
                    String name,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "KEY=VALUE[,...]",
                            description = "Only those with these values.")
                    @Nullable String spec) {
        try (Connection connection = options.connect(terminal)) {
            List<PartitionInfo> partitions =
                    ClusterOptions.get(
                            connection
                                    .admin()
                                    .listPartitions(
                                            TablePath.parse(name),
                                            spec == null ? Map.of() : spec(spec)));
            List<Map<String, @Nullable Object>> rows =
                    partitions.stream()
                            .sorted(java.util.Comparator.comparing(PartitionInfo::name))
                            .map(
                                    p ->
                                            Answers.map(
                                                    "name",
                                                    p.name(),
                                                    "id",
                                                    p.partitionId(),
                                                    "spec",
                                                    p.spec()))
                            .toList();
            new Answers(terminal, options).objects(List.of("name", "id"), rows);
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "create",
            description = "Creates a partition. Writers do so by themselves.",
            footer = "%nExample: fluss partition create shop.events day=2024-05-06")
    int create(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "DATABASE.TABLE", description = "Name of the table.")
                    String name,
            @Parameters(
                            paramLabel = "KEY=VALUE[,...]",
                            description = "A value for each partition key.")
                    String spec,
            @Option(names = "--if-not-exists", description = "Fine if it is there already.")
                    boolean isIgnored) {
        TablePath path = TablePath.parse(name);
        Map<String, String> values = spec(spec);
        try (Connection connection = options.connect(terminal)) {
            ClusterOptions.get(connection.admin().createPartition(path, values, isIgnored));
            new Answers(terminal, options).done("created partition " + spec + " of " + path);
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "drop",
            description = "Drops a partition and its rows.",
            footer = "%nExample: fluss partition drop shop.events day=2024-05-06")
    int drop(
            @Mixin ClusterOptions options,
            @Parameters(paramLabel = "DATABASE.TABLE", description = "Name of the table.")
                    String name,
            @Parameters(
                            paramLabel = "KEY=VALUE[,...]",
                            description = "A value for each partition key.")
                    String spec,
            @Option(names = "--if-exists", description = "Fine if there is none.")
                    boolean isIgnored) {
        TablePath path = TablePath.parse(name);
        Map<String, String> values = spec(spec);
        try (Connection connection = options.connect(terminal)) {
            ClusterOptions.get(connection.admin().dropPartition(path, values, isIgnored));
            new Answers(terminal, options).done("dropped partition " + spec + " of " + path);
            return ExitCodes.OK;
        }
    }

    /** Reads {@code key=value,key=value}. */
    static Map<String, String> spec(String text) {
        Map<String, String> spec = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals <= 0) {
                throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                        "'" + text + "' is not a partition; write it as KEY=VALUE[,KEY=VALUE]");
            }
            spec.put(part.substring(0, equals).trim(), part.substring(equals + 1).trim());
        }
        return spec;
    }
}
