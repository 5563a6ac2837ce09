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

import io.fluss.client.lake.LakeSnapshot;
import io.fluss.errors.ErrorReason;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.hold.DriverHolds;
import io.fluss.spark.hold.LakeUse;
import io.fluss.spark.lake.LakeParts;
import io.fluss.spark.lake.LakeScanProvider;
import io.fluss.spark.mask.KeyColumns;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LakeFormatName;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.StructType;

/** The lake part of a read: one snapshot, in the columns of the table. Driver only. */
public final class LakeTier {
    private LakeTier() {}

    /**
     * The snapshot that readers may use now; empty if the table has none.
     *
     * @throws io.fluss.errors.FlussException with TABLE_NOT_EXIST if the table of this name is
     *     another one by now
     */
    public static Optional<LakeSnapshot> readable(SharedConnections.Lease lease, TableInfo table) {
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

    /** A scan of a snapshot by the lake format's own reader; filters are hints. */
    static Scan scan(
            TableInfo table,
            FlussOptions options,
            long snapshotId,
            List<String> columns,
            List<Predicate> filters) {
        return provider(table).scan(request(table, options, snapshotId, columns, filters));
    }

    /** A use of a snapshot by a batch query, which is held for it if it lasts long. */
    static LakeUse use(TableInfo table, FlussOptions options, long snapshotId) {
        return DriverHolds.use(
                format(table),
                request(table, options, snapshotId, List.of(), List.of()),
                options.holdAfter());
    }

    /** The exact number of rows of a snapshot; empty if the lake's metadata does not tell. */
    static OptionalLong rowCount(TableInfo table, FlussOptions options, long snapshotId) {
        return provider(table).rowCount(request(table, options, snapshotId, List.of(), List.of()));
    }

    /** Exact bounds of columns in a snapshot; only of those whose bounds the lake tells. */
    static Map<String, LakeScanProvider.Bounds> bounds(
            TableInfo table, FlussOptions options, long snapshotId, List<String> columns) {
        return provider(table).bounds(request(table, options, snapshotId, columns, List.of()));
    }

    private static LakeScanProvider provider(TableInfo table) {
        return LakeScanProvider.load(format(table));
    }

    private static String format(TableInfo table) {
        return table.options().lakeFormat().map(LakeFormatName::identifier).orElseThrow();
    }

    private static LakeScanProvider.Request request(
            TableInfo table,
            FlussOptions options,
            long snapshotId,
            List<String> columns,
            List<Predicate> filters) {
        Map<String, String> catalog = new HashMap<>(table.options().lakeCatalogProperties());
        catalog.putAll(options.lakeOverrides(format(table)));
        return new LakeScanProvider.Request(table.path(), catalog, snapshotId, columns, filters);
    }

    /**
     * A whole snapshot in parts, for a stream that begins with it.
     *
     * @param schema wanted columns, at least one
     */
    public static LakeParts parts(
            TableInfo table, FlussOptions options, long snapshotId, StructType schema) {
        List<String> columns =
                Stream.of(schema.fieldNames())
                        .map(
                                n ->
                                        RowMetadata.of(table.schema(), n)
                                                .map(RowMetadata::lakeColumn)
                                                .orElse(n))
                        .filter(n -> !n.isEmpty())
                        .distinct()
                        .toList();
        return provider(table).parts(request(table, options, snapshotId, columns, List.of()));
    }

    /** Keeps a snapshot from being expired; whether the format can. */
    public static boolean hold(
            TableInfo table, FlussOptions options, long snapshotId, String name, Duration atMost) {
        return provider(table)
                .hold(request(table, options, snapshotId, List.of(), List.of()), name, atMost);
    }

    /** Ends a hold, if it is still there. */
    public static void release(
            TableInfo table, FlussOptions options, long snapshotId, String name) {
        provider(table).release(request(table, options, snapshotId, List.of(), List.of()), name);
    }

    /**
     * The partitions and readers of some parts, without the rows of some buckets.
     *
     * @param snapshotId of the parts; held by whoever asks for them
     * @param schema wanted columns, among them all of the table
     * @param withoutLake buckets whose rows in the lake do not count
     * @param partitions the living ones, by id
     */
    public static Planned part(
            Scan scan,
            TableInfo table,
            long snapshotId,
            StructType schema,
            Collection<TableBucket> withoutLake,
            Map<Long, TablePartition> partitions) {
        Planned all =
                Planned.of(scan, schema, new LakeUse(table.path().toString(), snapshotId), table);
        return table.isPartitioned() && !withoutLake.isEmpty()
                ? all.masked(
                        new LakeMask(
                                null,
                                KeyColumns.of(table, schema, table.schema().primaryKey()),
                                HotBuckets.of(table, schema, withoutLake, partitions),
                                schema.length()))
                : all;
    }

    /** Partitions and readers of a lake scan. */
    public record Planned(List<InputPartition> partitions, LakeReaders lake) {
        public Planned {
            partitions = List.copyOf(partitions);
        }

        static Planned of(Scan scan, StructType wanted, LakeUse use, TableInfo table) {
            Batch batch = scan.toBatch();
            List<InputPartition> found = plan(batch, use);
            PartitionReaderFactory factory = batch.createReaderFactory();
            LakeColumns columns = new LakeColumns(wanted, scan.readSchema());
            columns.check(table.path().toString());
            boolean isColumnar = found.stream().allMatch(factory::supportColumnarReads);
            return new Planned(
                    found.stream().map(p -> (InputPartition) new LakePartition(p)).toList(),
                    new LakeReaders(factory, columns, isColumnar, null, use));
        }

        private static List<InputPartition> plan(Batch batch, LakeUse use) {
            try {
                return List.of(batch.planInputPartitions());
            } catch (RuntimeException e) {
                LakeFiles.refuseMissing(use, e);
                throw e;
            }
        }

        Planned masked(LakeMask mask) {
            return new Planned(partitions, lake.masked(mask));
        }

        /** Opens readers of both tiers. */
        public TierReaderFactory readers(LogSource log) {
            return TierReaderFactory.union(log, lake);
        }
    }
}
