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
import io.fluss.client.BucketLocation;
import io.fluss.client.Connection;
import io.fluss.client.ServerNode;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fluss status}. */
@Command(
        name = "status",
        description = "Shows servers, tables and buckets that nobody leads.",
        footer = {
            "%nEnds with 0 if all is well, with 1 if the coordinator or a leader is missing.",
            "%nExamples:",
            "  fluss status -b localhost:9123",
            "  fluss status --summary -o json"
        })
final class StatusCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin private ClusterOptions options = new ClusterOptions();

    @Option(
            names = {"-s", "--summary"},
            description = "Without a line for each table.")
    private boolean isSummary;

    StatusCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (Connection connection = options.connect(terminal)) {
            Admin admin = connection.admin();
            List<ServerNode> nodes = ClusterOptions.get(admin.serverNodes());
            List<Map<String, @Nullable Object>> tables = new ArrayList<>();
            int databaseCount = 0;
            for (String d : ClusterOptions.get(admin.listDatabases())) {
                databaseCount++;
                for (String t :
                        ClusterOptions.get(admin.listTables(d)).stream().sorted().toList()) {
                    tables.add(table(admin, TablePath.of(d, t)));
                }
            }
            long buckets = sum(tables, "buckets");
            long leaderless = sum(tables, "without_leader");
            boolean hasCoordinator =
                    nodes.stream().anyMatch(n -> n.role() == ServerNode.Role.COORDINATOR);
            boolean isWell = hasCoordinator && leaderless == 0;
            Map<String, @Nullable Object> about =
                    Answers.map(
                            "cluster",
                            options.bootstrap(terminal),
                            "health",
                            health(hasCoordinator, leaderless),
                            "databases",
                            databaseCount,
                            "tables",
                            tables.size(),
                            "buckets",
                            buckets,
                            "buckets_without_leader",
                            leaderless,
                            "rows",
                            sum(tables, "rows"));
            print(about, nodes, tables);
            return isWell ? ExitCodes.OK : ExitCodes.FAILED;
        }
    }

    private static String health(boolean hasCoordinator, long leaderless) {
        if (!hasCoordinator) {
            return "no coordinator: tables cannot be changed";
        }
        return leaderless == 0
                ? "good"
                : leaderless + " buckets without leader: they cannot be read or written";
    }

    private static long sum(List<Map<String, @Nullable Object>> tables, String key) {
        return tables.stream()
                .mapToLong(t -> t.get(key) instanceof Number n ? n.longValue() : 0)
                .sum();
    }

    private Map<String, @Nullable Object> table(Admin admin, TablePath path) {
        TableInfo table = ClusterOptions.get(admin.tableInfo(path));
        List<OptionalLong> partitions = new ArrayList<>();
        if (table.isPartitioned()) {
            for (PartitionInfo p : ClusterOptions.get(admin.listPartitions(path))) {
                partitions.add(OptionalLong.of(p.partitionId()));
            }
        } else {
            partitions.add(OptionalLong.empty());
        }
        int buckets = 0;
        int leaderless = 0;
        long rows = 0;
        for (OptionalLong p : partitions) {
            List<BucketLocation> locations = ClusterOptions.get(admin.bucketLocations(table, p));
            List<Integer> led = new ArrayList<>();
            for (BucketLocation l : locations) {
                if (l.leader().isPresent()) {
                    led.add(l.bucket().bucket());
                }
            }
            buckets += table.bucketCount();
            leaderless += table.bucketCount() - led.size();
            if (!led.isEmpty() && !table.hasPrimaryKey()) {
                rows +=
                        ClusterOptions.get(admin.rowCounts(table, p, led)).values().stream()
                                .mapToLong(Long::longValue)
                                .sum();
            }
        }
        return Answers.map(
                "table",
                path.toString(),
                "kind",
                table.hasPrimaryKey() ? "primary key" : "log",
                "partitions",
                table.isPartitioned() ? partitions.size() : null,
                "buckets",
                buckets,
                "without_leader",
                leaderless,
                "rows",
                table.hasPrimaryKey() ? null : rows);
    }

    private void print(
            Map<String, @Nullable Object> about,
            List<ServerNode> nodes,
            List<Map<String, @Nullable Object>> tables) {
        Answers answers = new Answers(terminal, options);
        List<Map<String, @Nullable Object>> servers =
                nodes.stream()
                        .map(
                                n ->
                                        Answers.map(
                                                "server",
                                                n.role()
                                                        .name()
                                                        .toLowerCase(Locale.ROOT)
                                                        .replace('_', ' '),
                                                "id",
                                                n.id() < 0 ? null : n.id(),
                                                "address",
                                                n.host() + ":" + n.port(),
                                                "rack",
                                                n.rack().orElse(null)))
                        .toList();
        if (answers.isJson()) {
            about.put("servers", servers);
            if (!isSummary) {
                about.put("table_status", tables);
            }
            answers.json(about);
            return;
        }
        answers.object(about);
        terminal.out().println();
        answers.objects(List.of("server", "id", "address", "rack"), servers);
        if (!isSummary && !tables.isEmpty()) {
            terminal.out().println();
            answers.objects(
                    List.of("table", "kind", "partitions", "buckets", "without_leader", "rows"),
                    tables);
        }
    }
}
