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
import io.fluss.client.OffsetSpec;
import io.fluss.client.scan.RowScanner;
import io.fluss.client.scan.ScanRecord;
import io.fluss.errors.ErrorReason;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.time.SystemClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
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

/** {@code fluss consume}. */
@Command(
        name = "consume",
        description =
                "Prints the rows of a table: those that are there, or for ever with --follow. Of a"
                        + " table with a primary key it prints its changes, or with --current its"
                        + " rows.",
        footer = {
            "%nRows of one bucket come in order. JSON is one object a line, which produce reads.",
            "%nExamples:",
            "  fluss consume shop.orders --max 10",
            "  fluss consume shop.orders --follow --from latest -o json",
            "  fluss consume shop.orders --from 2024-05-06T07:00:00Z --columns id,price -o csv",
            "  fluss consume shop.users --current --follow",
            "  fluss consume shop.events --partition day=2024-05-06 --from 10m --meta"
        })
final class ConsumeCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final String FROM_DEFAULT = "earliest";
    private static final String ROWS_PER_POLL = "1000";

    private final Terminal terminal;

    @Mixin private ClusterOptions options = new ClusterOptions();

    @Parameters(paramLabel = "DATABASE.TABLE", description = "Table to read.")
    private String name = "";

    @Option(
            names = {"-F", "--follow"},
            description = "Goes on with rows that arrive later, new partitions included.")
    private boolean isFollowing;

    @Option(
            names = "--from",
            paramLabel = "PLACE",
            description =
                    "earliest, latest, an offset (of every bucket), a time such as"
                            + " 2024-05-06T07:08:09Z, or how long ago, such as 10m. Default:"
                            + " earliest.")
    private String from = FROM_DEFAULT;

    @Option(
            names = "--current",
            description =
                    "Of a table with a primary key the rows as they are now; with --follow then"
                            + " their changes.")
    private boolean isCurrent;

    @Option(
            names = {"-n", "--max"},
            paramLabel = "ROWS",
            description = "Ends after so many rows.")
    private long max = Long.MAX_VALUE;

    @Option(
            names = "--columns",
            paramLabel = "COLUMN[,...]",
            hideParamSyntax = true,
            split = ",",
            description = "Only these columns, in this order.")
    private List<String> columns = new ArrayList<>();

    @Option(
            names = "--partition",
            paramLabel = "KEY=VALUE[,...]",
            description = "Only the partitions with these values.")
    private @Nullable String partition;

    @Option(
            names = "--bucket",
            paramLabel = "N[,...]",
            hideParamSyntax = true,
            split = ",",
            description = "Only these buckets.")
    private List<Integer> buckets = new ArrayList<>();

    @Option(
            names = {"-m", "--meta"},
            description = "Also partition, bucket, offset and time of each row.")
    private boolean hasMeta;

    private final Map<Long, String> partitionNames = new HashMap<>();

    ConsumeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        TablePath path = TablePath.parse(name);
        StartPlace start =
                StartPlace.parse(
                        from,
                        Instant.ofEpochMilli(SystemClock.INSTANCE.nowMs()),
                        ZoneId.systemDefault());
        if (max < 1) {
            throw ErrorReason.INVALID_SCAN_REQUEST.exception(
                    "--max is " + max + ", but must be at least 1");
        }
        options.useUnlessGiven("client.scanner.log.max-poll-records", ROWS_PER_POLL);
        try (Connection connection = options.connect(terminal)) {
            TableInfo table = ClusterOptions.get(connection.admin().tableInfo(path));
            checkCurrent(table);
            List<String> wanted =
                    columns.isEmpty()
                            ? table.schema().columnNames()
                            : columns.stream().map(String::trim).toList();
            RecordWriter writer =
                    new RecordWriter(
                            terminal.out(),
                            options.format(),
                            wanted,
                            hasMeta,
                            table.hasPrimaryKey() && (isFollowing || !isCurrent),
                            r -> partitionName(connection, table, r));
            try (RowScanner scanner = connection.rowScanner(table, wanted)) {
                if (isCurrent && !isFollowing) {
                    readCurrent(connection, table, scanner, writer);
                } else if (isFollowing) {
                    follow(connection, table, scanner, start, writer);
                } else {
                    readToTheEnd(connection, table, scanner, start, writer);
                }
                writer.finish();
            }
            return ExitCodes.OK;
        }
    }

    private String partitionName(Connection connection, TableInfo table, ScanRecord record) {
        if (!record.bucket().isPartitioned()) {
            return "";
        }
        long id = record.bucket().partitionId();
        if (!partitionNames.containsKey(id)) {
            ClusterOptions.get(connection.admin().listPartitions(table.path()))
                    .forEach(p -> partitionNames.put(p.partitionId(), p.name()));
        }
        return partitionNames.getOrDefault(id, "(dropped)");
    }

    private void follow(
            Connection connection,
            TableInfo table,
            RowScanner scanner,
            StartPlace start,
            RecordWriter writer) {
        if (isCurrent) {
            subscribeWithRows(connection, table, scanner);
        } else if (start.offset().isEmpty() && partition == null && buckets.isEmpty()) {
            scanner.subscribeAll(start.spec());
        } else {
            offsets(connection, table, start).forEach(scanner::subscribe);
        }
        long left = max;
        boolean isRead = true;
        while (left > 0 && isRead) {
            List<ScanRecord> records = scanner.poll(POLL).all();
            isRead =
                    records.isEmpty()
                            ? !terminal.out().checkError()
                            : writer.write(upTo(records, left));
            left -= records.size();
        }
    }

    private void checkCurrent(TableInfo table) {
        if (isCurrent && !table.hasPrimaryKey()) {
            throw ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    table.path() + " has no primary key; leave --current out");
        }
        if (isCurrent && !from.equals(FROM_DEFAULT)) {
            throw ErrorReason.INVALID_SCAN_REQUEST.exception(
                    "--current is now, and --from "
                            + from
                            + " is another place; leave one of them out");
        }
    }

    private void subscribeWithRows(Connection connection, TableInfo table, RowScanner scanner) {
        if (partition == null && buckets.isEmpty()) {
            scanner.subscribeAllWithRows();
        } else {
            List<Integer> wanted = wantedBuckets(table);
            for (OptionalLong p : partitions(connection, table)) {
                wanted.forEach(
                        b -> scanner.subscribeWithRows(TableBucket.of(table.tableId(), p, b)));
            }
        }
    }

    /** The rows of all buckets, until the changes of the last would come. */
    private void readCurrent(
            Connection connection, TableInfo table, RowScanner scanner, RecordWriter writer) {
        subscribeWithRows(connection, table, scanner);
        long left = max;
        boolean isRead = true;
        while (!scanner.subscription().isEmpty() && left > 0 && isRead) {
            List<ScanRecord> rows =
                    scanner.poll(Duration.ZERO).all().stream()
                            .filter(r -> r.offset() == ScanRecord.NONE)
                            .toList();
            if (!rows.isEmpty()) {
                isRead = writer.write(upTo(rows, left));
                left -= rows.size();
            }
            for (TableBucket b : scanner.subscription()) {
                if (scanner.position(b) != ScanRecord.NONE) {
                    scanner.unsubscribe(b);
                }
            }
        }
    }

    private void readToTheEnd(
            Connection connection,
            TableInfo table,
            RowScanner scanner,
            StartPlace start,
            RecordWriter writer) {
        Map<TableBucket, Long> ends =
                offsets(
                        connection,
                        table,
                        new StartPlace(new OffsetSpec.Latest(), OptionalLong.empty()));
        Map<TableBucket, Long> starts = offsets(connection, table, start);
        starts.forEach(
                (bucket, offset) -> {
                    if (offset < ends.getOrDefault(bucket, 0L)) {
                        scanner.subscribe(bucket, offset);
                    }
                });
        long left = max;
        boolean isRead = true;
        while (!scanner.subscription().isEmpty() && left > 0 && isRead) {
            List<ScanRecord> records =
                    scanner.poll(POLL).all().stream()
                            .filter(r -> r.offset() < ends.getOrDefault(r.bucket(), 0L))
                            .toList();
            if (!records.isEmpty()) {
                isRead = writer.write(upTo(records, left));
                left -= records.size();
            }
            for (TableBucket b : scanner.subscription()) {
                if (scanner.position(b) >= ends.getOrDefault(b, 0L)) {
                    scanner.unsubscribe(b);
                }
            }
        }
    }

    private static List<ScanRecord> upTo(List<ScanRecord> records, long count) {
        return records.size() <= count ? records : records.subList(0, (int) count);
    }

    /** Where the wanted buckets are at a place. */
    private Map<TableBucket, Long> offsets(Connection connection, TableInfo table, StartPlace at) {
        List<Integer> wanted = wantedBuckets(table);
        Map<TableBucket, Long> offsets = new HashMap<>();
        for (OptionalLong p : partitions(connection, table)) {
            if (at.offset().isPresent()) {
                wanted.forEach(
                        b ->
                                offsets.put(
                                        TableBucket.of(table.tableId(), p, b),
                                        at.offset().getAsLong()));
            } else {
                offsets.putAll(
                        ClusterOptions.get(
                                connection.admin().listOffsets(table, p, wanted, at.spec())));
            }
        }
        return offsets;
    }

    private List<Integer> wantedBuckets(TableInfo table) {
        List<Integer> wanted =
                buckets.isEmpty()
                        ? IntStream.range(0, table.bucketCount()).boxed().toList()
                        : buckets;
        for (int b : wanted) {
            if (b < 0 || b >= table.bucketCount()) {
                throw ErrorReason.UNKNOWN_TABLE_OR_BUCKET.exception(
                        table.path()
                                + " has no bucket "
                                + b
                                + "; its buckets are 0 to "
                                + (table.bucketCount() - 1));
            }
        }
        return wanted;
    }

    private List<OptionalLong> partitions(Connection connection, TableInfo table) {
        String spec = partition;
        if (!table.isPartitioned()) {
            if (spec != null) {
                throw ErrorReason.TABLE_NOT_PARTITIONED.exception(
                        table.path() + " is not partitioned; leave --partition out");
            }
            return List.of(OptionalLong.empty());
        }
        List<PartitionInfo> all =
                ClusterOptions.get(
                        connection
                                .admin()
                                .listPartitions(
                                        table.path(),
                                        spec == null ? Map.of() : PartitionCommand.spec(spec)));
        if (all.isEmpty() && spec != null) {
            throw ErrorReason.PARTITION_NOT_EXIST.exception(
                    table.path()
                            + " has no partition "
                            + spec
                            + "; 'fluss partition list "
                            + table.path()
                            + "' lists what it has");
        }
        all.forEach(p -> partitionNames.put(p.partitionId(), p.name()));
        return all.stream().map(p -> OptionalLong.of(p.partitionId())).toList();
    }
}
