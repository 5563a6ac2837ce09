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

import io.fluss.errors.FlussException;
import io.fluss.spark.FlussOptions;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.mask.KeyColumns;
import io.fluss.spark.pruning.FixedKeys;
import io.fluss.spark.pruning.PartitionValues;
import io.fluss.spark.pruning.Pruning;
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.connector.read.SupportsRuntimeV2Filtering;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a table with a primary key holds: looked up where filters of the query or of a join
 * at run time fix the key; otherwise, if the table has a lake, its snapshot with the changes behind
 * it; otherwise bucket by bucket, each as it is when its task begins. Belongs to the driver's
 * planning thread.
 *
 * <p>The lake part is read in any order and in parallel: rows whose key has changed since are left
 * out, and a task for each bucket hands out what the changes left.
 */
public final class KeyedScan
        implements SupportsReportStatistics, SupportsRuntimeV2Filtering, Batch {
    /** Keys that one task looks up; more are shared among tasks. */
    private static final int KEYS_OF_A_TASK = 1_000;

    /** With fewer changes than this behind the lake it is not asked whether they are many. */
    private static final long CHANGES_FEW = 50_000;

    /** More changes of a bucket than this are not folded. */
    private static final long CHANGES_MAX = 1L << 30;

    /** What it costs to fold a change, in rows read from the lake: it is read three times. */
    private static final long COST_OF_CHANGE = 4;

    /** What it costs to read a row from the cluster, in rows read from the lake. */
    private static final long COST_OF_HOT_ROW = 3;

    /** More partitions than this are left out of the lake by looking at rows only. */
    private static final int PARTITION_FILTERS_MAX = 200;

    private final TableInfo table;
    private final FlussOptions options;
    private final StructType schema;
    private final PushedDown pushed;
    private final PinnedLake pinned;
    private final LogSource source;
    private @Nullable KeyedPlan plan;
    private @Nullable Scan lakeScan;
    private LakeTier.@Nullable Planned lake;
    private @Nullable Tails tails;
    private List<Predicate> runtimeFilters = List.of();
    private boolean isStream;

    KeyedScan(
            TableInfo table,
            FlussOptions options,
            PinnedLake pinned,
            StructType schema,
            PushedDown pushed) {
        this.table = table;
        this.pinned = pinned;
        this.options = options;
        this.schema = schema;
        this.pushed = pushed;
        this.source = LogSource.of(table, options, schema, pushed.rowsMax());
    }

    @Override
    public StructType readSchema() {
        return schema;
    }

    @Override
    public String description() {
        return "fluss "
                + table.path()
                + " ("
                + keys().map(k -> "lookup of " + k.size() + " keys").orElseGet(this::shownTiers)
                + ") "
                + schema.simpleString()
                + pushed.description(table)
                + (runtimeFilters.isEmpty() ? "" : ", runtime filters " + runtimeFilters);
    }

    private String shownTiers() {
        KeyedPlan p = plan;
        return p == null
                ? "rows"
                : "rows"
                        + p.lake().map(l -> " of lake snapshot " + l.snapshotId()).orElse("")
                        + (p.tails().isEmpty() ? "" : ", " + p.changes() + " changes")
                        + (p.hot().isEmpty() ? "" : ", " + p.hot().size() + " hot buckets");
    }

    @Override
    public Batch toBatch() {
        return this;
    }

    @Override
    public MicroBatchStream toMicroBatchStream(String checkpointLocation) {
        isStream = true;
        return FlussScan.stream(table, options, schema, source, checkpointLocation);
    }

    @Override
    public Statistics estimateStatistics() {
        if (isStream) {
            return FlussScan.Size.UNKNOWN;
        }
        OptionalLong rows = keys().map(k -> OptionalLong.of(k.size())).orElseGet(this::allRows);
        return FlussScan.Size.of(rows, schema);
    }

    private OptionalLong allRows() {
        if (pinned.snapshot().isEmpty()) {
            return rowCount();
        }
        KeyedPlan p = plan();
        Scan l = lakeScan();
        if (l == null || !p.hot().isEmpty()) {
            return rowCount();
        }
        OptionalLong inLake = rowsOf(l);
        return inLake.isEmpty() ? rowCount() : OptionalLong.of(inLake.getAsLong() + p.changes());
    }

    private static OptionalLong rowsOf(Scan lake) {
        return lake instanceof SupportsReportStatistics s
                ? s.estimateStatistics().numRows()
                : OptionalLong.empty();
    }

    /** By the cluster's counters, which tables with a WAL image do not have. */
    private OptionalLong rowCount() {
        try (SharedConnections.Lease lease = SharedConnections.lease(options.clientSettings())) {
            Pruning pruning = pushed.pruning(table);
            List<CompletableFuture<Map<TableBucket, Long>>> asked = new ArrayList<>();
            for (TablePartition p : partitions(lease, pruning)) {
                asked.add(lease.admin().rowCounts(table, p.id(), buckets(pruning)));
            }
            return OptionalLong.of(
                    asked.stream()
                            .map(Await::value)
                            .map(Map::values)
                            .flatMap(Collection::stream)
                            .mapToLong(Long::longValue)
                            .sum());
        } catch (FlussException unknown) {
            return OptionalLong.empty();
        }
    }

    @Override
    public InputPartition[] planInputPartitions() {
        Optional<List<InternalRow>> keys = keys();
        if (keys.isPresent()) {
            return lookups(keys.get());
        }
        Pruning pruning = Pruning.of(table, filters());
        KeyedPlan p = plan();
        List<InputPartition> out = new ArrayList<>();
        LakeTier.Planned l = lake();
        if (l != null) {
            out.addAll(l.partitions());
        }
        out.addAll(tails().ranges());
        p.hot().stream()
                .filter(b -> p.keeps(pruning, b))
                .forEach(b -> out.add(new BucketRowsPartition(b)));
        return out.toArray(InputPartition[]::new);
    }

    private KeyedPlan plan() {
        KeyedPlan p = plan;
        if (p == null) {
            p = KeyedPlan.pin(table, options, pinned, pushed.pruning(table));
            plan = p;
            if (p.lake().isPresent() && isHotBetter(p)) {
                p = p.allHot(table, pushed.pruning(table));
                plan = p;
                lakeScan = null;
            }
        }
        return p;
    }

    /** Whether reading all rows from the cluster costs less than lake and changes. */
    private boolean isHotBetter(KeyedPlan p) {
        if (p.tails().stream().anyMatch(r -> r.to() - r.from() > CHANGES_MAX)) {
            return true;
        }
        if (p.changes() < CHANGES_FEW) {
            return false;
        }
        OptionalLong hotRows = rowCount();
        Scan l = lakeScan();
        if (hotRows.isEmpty() || l == null) {
            return false;
        }
        long lakeRows = rowsOf(l).orElse(hotRows.getAsLong());
        return lakeRows + COST_OF_CHANGE * p.changes() > COST_OF_HOT_ROW * hotRows.getAsLong();
    }

    /** The changes behind the lake that filters leave. */
    private Tails tails() {
        Tails t = tails;
        if (t == null) {
            Pruning pruning = Pruning.of(table, filters());
            KeyedPlan p = plan();
            t =
                    Tails.of(
                            source,
                            table,
                            p.tails().stream().filter(r -> p.keeps(pruning, r.bucket())).toList());
            tails = t;
        }
        return t;
    }

    private @Nullable Scan lakeScan() {
        Scan s = lakeScan;
        KeyedPlan p = plan();
        if (s == null && p.lake().isPresent()) {
            List<Predicate> filters = new ArrayList<>(pushed.onColumns(table, List.of()));
            filters.addAll(otherPartitions(p));
            s =
                    LakeTier.scan(
                            table,
                            options,
                            p.lake().get().snapshotId(),
                            lakeColumns(),
                            List.copyOf(filters));
            lakeScan = s;
        }
        return s;
    }

    /** Whether rows of the lake have to be looked at one by one. */
    private boolean isMasked() {
        KeyedPlan p = plan();
        return !p.tails().isEmpty() || (table.isPartitioned() && !p.withoutLake().isEmpty());
    }

    /** Hints that leave out partitions with all of their buckets. */
    private List<Predicate> otherPartitions(KeyedPlan p) {
        boolean isAllHot = p.tails().isEmpty() && p.hot().equals(p.withoutLake());
        int buckets = TableOffsets.allBuckets(table).size();
        boolean isWhole = p.hot().size() == p.partitions().size() * buckets;
        if (!table.isPartitioned()
                || !isAllHot
                || !isWhole
                || p.partitions().size() > PARTITION_FILTERS_MAX) {
            return List.of();
        }
        return p.partitions().values().stream()
                .map(living -> PartitionFilters.isNot(table, living.spec()))
                .toList();
    }

    /** Names of the columns read from the lake: at least one, or it would not read in columns. */
    private List<String> lakeColumns() {
        Set<String> names = new LinkedHashSet<>();
        for (int position : source.columns()) {
            names.add(table.schema().columns().get(position).name());
        }
        names.addAll(RowMetadata.lakeColumns(source.metadata()));
        if (isMasked()) {
            names.addAll(table.schema().primaryKey());
        }
        return List.copyOf(names);
    }

    /** The columns of the scan and, behind them, those that only the mask needs. */
    private StructType withKey() {
        StructType all = schema;
        if (isMasked()) {
            List<String> shown = List.of(schema.fieldNames());
            for (String key : table.schema().primaryKey()) {
                if (!shown.contains(key)) {
                    all = all.add(key, SparkTypes.of(table.schema().column(key).type()), false);
                }
            }
        }
        return all;
    }

    private LakeTier.@Nullable Planned lake() {
        LakeTier.Planned l = lake;
        Scan s = lakeScan();
        if (l == null && s != null) {
            l = LakeTier.Planned.of(s, withKey(), pinned.use(), table);
            l = isMasked() ? l.masked(mask()) : l;
            lake = l;
        }
        return l;
    }

    private LakeMask mask() {
        KeyedPlan p = plan();
        StructType columns = withKey();
        return new LakeMask(
                tails(),
                KeyColumns.of(table, columns, table.schema().primaryKey()),
                table.isPartitioned() && !p.withoutLake().isEmpty()
                        ? HotBuckets.of(table, columns, p.withoutLake(), p.partitions())
                        : null,
                schema.length());
    }

    private static InputPartition[] lookups(List<InternalRow> keys) {
        List<InputPartition> out = new ArrayList<>();
        for (int at = 0; at < keys.size(); at += KEYS_OF_A_TASK) {
            out.add(
                    new LookupPartition(
                            keys.subList(at, Math.min(keys.size(), at + KEYS_OF_A_TASK))));
        }
        return out.toArray(InputPartition[]::new);
    }

    private List<TablePartition> partitions(SharedConnections.Lease lease, Pruning pruning) {
        return TableOffsets.partitions(lease.admin(), table).stream()
                .filter(p -> pruning.keepsPartition(p.spec()))
                .toList();
    }

    private List<Integer> buckets(Pruning pruning) {
        return TableOffsets.allBuckets(table).stream().filter(pruning::keepsBucket).toList();
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
        if (keys().isPresent() || plan().lake().isEmpty()) {
            return new KeyedReaderFactory(source, null, null);
        }
        LakeTier.Planned l = lake();
        return new KeyedReaderFactory(source, l == null ? null : l.lake(), tails());
    }

    /** The columns of the primary key that are read, and what the lake can use. */
    @Override
    public NamedReference[] filterAttributes() {
        Set<String> wanted = new LinkedHashSet<>(table.schema().primaryKey());
        if (!isStream
                && pinned.snapshot().isPresent()
                && keys().isEmpty()
                && lakeScan() instanceof SupportsRuntimeV2Filtering l) {
            for (NamedReference r : l.filterAttributes()) {
                if (r.fieldNames().length == 1) {
                    wanted.add(r.fieldNames()[0]);
                }
            }
        }
        wanted.retainAll(List.of(schema.fieldNames()));
        return wanted.stream().map(Expressions::column).toArray(NamedReference[]::new);
    }

    @Override
    public void filter(Predicate[] predicates) {
        runtimeFilters = List.of(predicates);
        tails = null;
        lake = null;
        if (pinned.snapshot().isPresent()
                && keys().isEmpty()
                && lakeScan() instanceof SupportsRuntimeV2Filtering l) {
            l.filter(predicates);
        }
    }

    private List<Predicate> filters() {
        return Stream.concat(pushed.filters().stream(), runtimeFilters.stream()).toList();
    }

    /** The keys that filters leave; empty if there are other rows than those of a few keys. */
    private Optional<List<InternalRow>> keys() {
        if (source.metadata().contains(RowMetadata.BUCKET)) {
            // A lookup does not tell where it found a row.
            return Optional.empty();
        }
        List<Column> columns =
                table.schema().primaryKey().stream().map(table.schema()::column).toList();
        return FixedKeys.of(columns, filters())
                .map(
                        keys ->
                                keys.stream()
                                        .map(k -> (InternalRow) new GenericInternalRow(k.toArray()))
                                        .toList())
                .filter(this::isInCluster);
    }

    /** The texts of a partition; empty if no partition can have these values. */
    private Optional<Map<String, String>> spec(Object[] values) {
        try {
            return Optional.of(PartitionValues.of(table).spec(new GenericInternalRow(values)));
        } catch (FlussException noPartition) {
            return Optional.empty();
        }
    }

    /** Whether the cluster has all partitions of keys; rows of others are in the lake only. */
    private boolean isInCluster(List<InternalRow> keys) {
        if (!table.isPartitioned() || pinned.snapshot().isEmpty()) {
            return true;
        }
        List<String> partitionKeys = table.descriptor().partitionKeys();
        List<String> primaryKey = table.schema().primaryKey();
        StructType types = PartitionValues.of(table).schema();
        Set<Map<String, String>> living =
                plan().partitions().values().stream()
                        .map(TablePartition::spec)
                        .collect(Collectors.toSet());
        return keys.stream()
                .allMatch(
                        key -> {
                            Object[] values = new Object[partitionKeys.size()];
                            for (int i = 0; i < values.length; i++) {
                                int at = primaryKey.indexOf(partitionKeys.get(i));
                                values[i] = key.get(at, types.apply(i).dataType());
                            }
                            return spec(values).map(living::contains).orElse(false);
                        });
    }
}
