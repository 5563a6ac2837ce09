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

import io.fluss.spark.FlussOptions;
import io.fluss.spark.pruning.Pruning;
import io.fluss.spark.stream.LogMicroBatchStream;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
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
 * A read of a table: bounded over both tiers, or a stream of it. What a bounded read covers is
 * pinned once, when Spark first asks for statistics or partitions. Used by the thread that plans
 * the query.
 */
public final class FlussScan
        implements SupportsReportStatistics, SupportsRuntimeV2Filtering, Batch {
    private final TableInfo table;
    private final FlussOptions options;
    private final StructType schema;
    private final PinnedLake pinned;
    private final PushedDown pushed;
    private final LogSource log;
    private @Nullable ReadPlan plan;
    private @Nullable Scan lakeScan;
    private LakeTier.@Nullable Planned lake;
    private List<Predicate> runtimeFilters = List.of();
    private boolean isStream;

    FlussScan(
            TableInfo table,
            FlussOptions options,
            PinnedLake pinned,
            StructType schema,
            PushedDown pushed) {
        this.table = table;
        this.options = options;
        this.pinned = pinned;
        this.schema = schema;
        this.pushed = pushed;
        this.log = LogSource.of(table, options, schema, pushed.rowsMax());
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
                + options.readMode()
                + ") "
                + schema.simpleString()
                + pushed.description(table)
                + (runtimeFilters.isEmpty() ? "" : ", runtime filters " + runtimeFilters);
    }

    @Override
    public Batch toBatch() {
        return this;
    }

    @Override
    public MicroBatchStream toMicroBatchStream(String checkpointLocation) {
        isStream = true;
        return stream(table, options, schema, log, checkpointLocation);
    }

    /** The stream of a table of either kind. */
    static MicroBatchStream stream(
            TableInfo table,
            FlussOptions options,
            StructType schema,
            LogSource log,
            String checkpointLocation) {
        // Spark does not tell streams which columns are wanted: it takes those of the table, and
        // behind them all metadata if the query names some.
        List<RowMetadata> metadata = RowMetadata.of(table.schema());
        StructType all = schema;
        for (RowMetadata m : metadata) {
            all = all.add(m.field());
        }
        return LogMicroBatchStream.open(
                table, options, all, log.showing(metadata), checkpointLocation);
    }

    @Override
    public Statistics estimateStatistics() {
        if (isStream) {
            return Size.UNKNOWN;
        }
        long rows = plan().logRecords();
        Scan l = lakeScan();
        if (l != null) {
            if (!(l instanceof SupportsReportStatistics s)) {
                return Size.UNKNOWN;
            }
            OptionalLong lakeRows = s.estimateStatistics().numRows();
            if (lakeRows.isEmpty()) {
                return Size.UNKNOWN;
            }
            rows += lakeRows.getAsLong();
        }
        return Size.of(OptionalLong.of(rows), schema);
    }

    @Override
    public InputPartition[] planInputPartitions() {
        List<InputPartition> out = new ArrayList<>();
        LakeTier.Planned l = lake();
        if (l != null) {
            out.addAll(l.partitions());
        }
        List<LogRangePartition> ranges = new ArrayList<>();
        OptionalLong recordsMax = OptionalLong.of(options.split().recordsMax(fetchedBytes()));
        plan().log(Pruning.of(table, runtimeFilters))
                .forEach(r -> LogRanges.split(r, recordsMax, ranges));
        out.addAll(ranges);
        return out.toArray(InputPartition[]::new);
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
        LakeTier.Planned l = lake();
        LogSource filtered = log.where(pushed.onColumns(table, runtimeFilters));
        return l == null ? TierReaderFactory.logOnly(filtered) : l.readers(filtered);
    }

    /** Partition columns and bucket keys that are read, and what the lake can use. */
    @Override
    public NamedReference[] filterAttributes() {
        Set<String> wanted = new LinkedHashSet<>(table.descriptor().partitionKeys());
        List<String> keys = table.descriptor().bucketKeys();
        if (keys.size() == 1) {
            wanted.addAll(keys);
        }
        if (!isStream && lakeScan() instanceof SupportsRuntimeV2Filtering l) {
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
        if (lakeScan() instanceof SupportsRuntimeV2Filtering l) {
            l.filter(predicates);
            lake = null;
        }
    }

    private ReadPlan plan() {
        ReadPlan p = plan;
        if (p == null) {
            p = ReadPlan.pin(table, options, pinned, pushed.pruning(table));
            plan = p;
        }
        return p;
    }

    private @Nullable Scan lakeScan() {
        Scan s = lakeScan;
        if (s == null && plan().lake().isPresent()) {
            s =
                    LakeTier.scan(
                            table,
                            options,
                            plan().lake().get().snapshotId(),
                            lakeColumns(),
                            pushed.onColumns(table, List.of()));
            lakeScan = s;
        }
        return s;
    }

    private LakeTier.@Nullable Planned lake() {
        LakeTier.Planned l = lake;
        Scan s = lakeScan();
        if (l == null && s != null) {
            l = LakeTier.Planned.of(s, schema, pinned.use(), table);
            lake = l;
        }
        return l;
    }

    /** Names of the columns read from the lake: at least one, or it would not read in columns. */
    private List<String> lakeColumns() {
        List<String> names = new ArrayList<>();
        for (int position : log.columns()) {
            names.add(table.schema().columns().get(position).name());
        }
        names.addAll(RowMetadata.lakeColumns(log.metadata()));
        return names;
    }

    /** Estimated bytes of what is fetched for a row. */
    private long fetchedBytes() {
        return log.columns().stream()
                .mapToLong(i -> ColumnWidth.of(table.schema().columns().get(i).type()))
                .sum();
    }

    /** Rows of a result, and an estimate of their bytes. */
    record Size(OptionalLong numRows, OptionalLong sizeInBytes) implements Statistics {
        static final Size UNKNOWN = new Size(OptionalLong.empty(), OptionalLong.empty());

        static Size of(OptionalLong rows, StructType schema) {
            if (rows.isEmpty()) {
                return UNKNOWN;
            }
            long width = 8;
            for (var field : schema.fields()) {
                width += field.dataType().defaultSize();
            }
            return new Size(rows, OptionalLong.of(rows.getAsLong() * width));
        }
    }
}
