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
import io.fluss.client.OffsetSpec;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.time.SystemClock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fluss offsets}. */
@Command(
        name = "offsets",
        description = "Shows first and end offset of each bucket of a table.",
        footer = {
            "%nThe end is the offset of the next row; rows = end - earliest.",
            "%nExamples:",
            "  fluss offsets shop.orders",
            "  fluss offsets shop.orders --at 2024-05-06T07:08:09Z",
            "  fluss offsets shop.events --partition day=2024-05-06 -o json"
        })
final class OffsetsCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin private ClusterOptions options = new ClusterOptions();

    @Parameters(paramLabel = "DATABASE.TABLE", description = "Name of the table.")
    private String name = "";

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Also the offset at this time, such as 2024-05-06T07:08:09Z or 10m ago.")
    private @Nullable String at;

    @Option(
            names = "--partition",
            paramLabel = "KEY=VALUE[,...]",
            description = "Only the partitions with these values.")
    private @Nullable String partition;

    OffsetsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (Connection connection = options.connect(terminal)) {
            Admin admin = connection.admin();
            TableInfo table = ClusterOptions.get(admin.tableInfo(TablePath.parse(name)));
            List<Map<String, @Nullable Object>> rows = new ArrayList<>();
            for (Map.Entry<String, OptionalLong> p : partitions(admin, table).entrySet()) {
                rows.addAll(offsets(admin, table, p.getKey(), p.getValue()));
            }
            List<String> keys = new ArrayList<>();
            if (table.isPartitioned()) {
                keys.add("partition");
            }
            keys.addAll(List.of("bucket", "earliest", "end", "rows"));
            if (at != null) {
                keys.add("at_time");
            }
            new Answers(terminal, options).objects(keys, rows);
            return ExitCodes.OK;
        }
    }

    private Map<String, OptionalLong> partitions(Admin admin, TableInfo table) {
        Map<String, OptionalLong> partitions = new LinkedHashMap<>();
        if (!table.isPartitioned() && partition == null) {
            partitions.put("", OptionalLong.empty());
            return partitions;
        }
        ClusterOptions.get(
                        admin.listPartitions(
                                table.path(),
                                partition == null ? Map.of() : PartitionCommand.spec(partition)))
                .stream()
                .sorted(java.util.Comparator.comparing(PartitionInfo::name))
                .forEach(p -> partitions.put(p.name(), OptionalLong.of(p.partitionId())));
        return partitions;
    }

    private List<Map<String, @Nullable Object>> offsets(
            Admin admin, TableInfo table, String partitionName, OptionalLong id) {
        Map<TableBucket, Long> first = ask(admin, table, id, new OffsetSpec.Earliest());
        Map<TableBucket, Long> end = ask(admin, table, id, new OffsetSpec.Latest());
        String time = at;
        Map<TableBucket, Long> then =
                time == null
                        ? Map.of()
                        : ask(
                                admin,
                                table,
                                id,
                                StartPlace.parse(
                                                time,
                                                Instant.ofEpochMilli(SystemClock.INSTANCE.nowMs()),
                                                ZoneId.systemDefault())
                                        .spec());
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (TableBucket b : end.keySet().stream().sorted().toList()) {
            long firstOffset = first.getOrDefault(b, 0L);
            long endOffset = end.getOrDefault(b, 0L);
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            if (!partitionName.isEmpty()) {
                row.put("partition", partitionName);
            }
            row.put("bucket", b.bucket());
            row.put("earliest", firstOffset);
            row.put("end", endOffset);
            row.put("rows", endOffset - firstOffset);
            if (time != null) {
                row.put("at_time", then.get(b));
            }
            rows.add(row);
        }
        return rows;
    }

    private static Map<TableBucket, Long> ask(
            Admin admin, TableInfo table, OptionalLong partition, OffsetSpec spec) {
        return ClusterOptions.get(
                admin.listOffsets(
                        table,
                        partition,
                        IntStream.range(0, table.bucketCount()).boxed().toList(),
                        spec));
    }
}
