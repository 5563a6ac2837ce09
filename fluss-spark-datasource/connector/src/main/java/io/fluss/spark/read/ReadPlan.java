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
package io.fluss.spark.read;

import io.fluss.client.OffsetSpec;
import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.ErrorReason;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.FlussOptions.ReadMode;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.lake.LakeScanProvider;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LakeFormatName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;

/**
 * What one read takes from which tier, fixed when it is made: a lake snapshot, then the log ranges
 * behind it. The order matters: a snapshot pinned after the stop offsets could hold records behind
 * them.
 */
record ReadPlan(Optional<Scan> lake, List<LogRangePartition> log) {
    ReadPlan {
        log = List.copyOf(log);
    }

    /** Asks the cluster now; blocks the calling thread. */
    static ReadPlan pin(
            TableInfo table, FlussOptions options, List<String> columns, List<Predicate> filters) {
        if (table.hasPrimaryKey() && options.readMode() != ReadMode.LAKE) {
            throw ErrorReason.UNSUPPORTED_VERSION.exception(
                    table.path()
                            + " has a primary key: only its lake part can be read so far, with"
                            + " option read.mode = lake");
        }
        try (SharedConnections.Lease lease = SharedConnections.lease(options.clientSettings())) {
            Optional<LakeSnapshot> snapshot =
                    options.readMode() == ReadMode.HOT ? Optional.empty() : readable(lease, table);
            List<LogRangePartition> log =
                    options.readMode() == ReadMode.LAKE
                            ? List.of()
                            : ranges(lease, table, snapshot, options.maxRecordsPerPartition());
            return new ReadPlan(
                    snapshot.map(s -> lakeScan(table, options, s, columns, filters)), log);
        }
    }

    private static Optional<LakeSnapshot> readable(SharedConnections.Lease lease, TableInfo table) {
        if (table.options().lakeFormat().isEmpty()) {
            return Optional.empty();
        }
        Optional<LakeSnapshot> snapshot =
                Await.value(lease.admin().readableLakeSnapshot(table.path()));
        snapshot.ifPresent(
                s -> {
                    if (s.tableId() != table.tableId()) {
                        throw ErrorReason.TABLE_NOT_EXIST.exception(
                                table.path()
                                        + " was dropped and created again while it was read: its id"
                                        + " was "
                                        + table.tableId()
                                        + ", now it is "
                                        + s.tableId());
                    }
                });
        return snapshot;
    }

    private static List<LogRangePartition> ranges(
            SharedConnections.Lease lease,
            TableInfo table,
            Optional<LakeSnapshot> snapshot,
            OptionalLong recordsMax) {
        List<OptionalLong> partitions = TableOffsets.partitions(lease.admin(), table);
        Map<TableBucket, Long> stops =
                TableOffsets.list(lease.admin(), table, partitions, new OffsetSpec.Latest());
        Map<TableBucket, Long> starts =
                TableOffsets.list(lease.admin(), table, partitions, new OffsetSpec.Earliest());
        return LogRanges.behindLake(
                table.path(),
                starts,
                stops,
                snapshot.map(LakeSnapshot::endOffsets).orElse(Map.of()),
                recordsMax);
    }

    private static Scan lakeScan(
            TableInfo table,
            FlussOptions options,
            LakeSnapshot snapshot,
            List<String> columns,
            List<Predicate> filters) {
        String format = table.options().lakeFormat().map(LakeFormatName::identifier).orElseThrow();
        Map<String, String> catalog = new HashMap<>(table.options().lakeCatalogProperties());
        catalog.putAll(options.lakeOverrides(format));
        return LakeScanProvider.load(format)
                .scan(
                        new LakeScanProvider.Request(
                                table.path(), catalog, snapshot.snapshotId(), columns, filters));
    }

    /** Records in the log ranges, counting offsets. */
    long logRecords() {
        return log.stream().mapToLong(r -> r.to() - Math.max(0, r.from())).sum();
    }
}
