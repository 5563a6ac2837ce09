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
import io.fluss.spark.stream.LogMicroBatchStream;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A read of a table: bounded over both tiers, or a stream of its log. What a bounded read covers is
 * pinned once, when Spark first asks for statistics or partitions. Used by the thread that plans
 * the query.
 */
public final class FlussScan implements Scan, SupportsReportStatistics, Batch {
    private final TableInfo table;
    private final FlussOptions options;
    private final StructType schema;
    private final List<Predicate> filters;
    private final LogSource log;
    private @Nullable ReadPlan plan;
    private @Nullable PlannedLake lake;
    private boolean isStream;

    FlussScan(TableInfo table, FlussOptions options, StructType schema, List<Predicate> filters) {
        this.table = table;
        this.options = options;
        this.schema = schema;
        this.filters = filters;
        List<Integer> positions = new ArrayList<>();
        for (String name : schema.fieldNames()) {
            positions.add(table.schema().positionOf(name).orElseThrow());
        }
        this.log = LogSource.of(options.shippedClientSettings(), table, positions);
    }

    @Override
    public StructType readSchema() {
        return schema;
    }

    @Override
    public String description() {
        return "fluss " + table.path() + " (" + options.readMode() + ") " + schema.simpleString();
    }

    @Override
    public Batch toBatch() {
        return this;
    }

    @Override
    public MicroBatchStream toMicroBatchStream(String checkpointLocation) {
        isStream = true;
        return LogMicroBatchStream.open(table, options, log, checkpointLocation);
    }

    @Override
    public Statistics estimateStatistics() {
        if (isStream) {
            return new Size(OptionalLong.empty(), OptionalLong.empty());
        }
        ReadPlan p = plan();
        long rows = p.logRecords();
        if (p.lake().isPresent()) {
            if (!(p.lake().get() instanceof SupportsReportStatistics s)) {
                return new Size(OptionalLong.empty(), OptionalLong.empty());
            }
            OptionalLong lakeRows = s.estimateStatistics().numRows();
            if (lakeRows.isEmpty()) {
                return new Size(OptionalLong.empty(), OptionalLong.empty());
            }
            rows += lakeRows.getAsLong();
        }
        return new Size(OptionalLong.of(rows), OptionalLong.of(rows * rowWidth()));
    }

    @Override
    public InputPartition[] planInputPartitions() {
        List<InputPartition> out = new ArrayList<>();
        PlannedLake l = lake();
        if (l != null) {
            for (InputPartition p : l.partitions()) {
                out.add(new LakePartition(p));
            }
        }
        out.addAll(plan().log());
        return out.toArray(InputPartition[]::new);
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
        PlannedLake l = lake();
        return l == null
                ? TierReaderFactory.logOnly(log)
                : TierReaderFactory.union(log, l.factory(), l.columns(), l.isColumnar());
    }

    private ReadPlan plan() {
        ReadPlan p = plan;
        if (p == null) {
            p = ReadPlan.pin(table, options, lakeColumns(), filters);
            plan = p;
        }
        return p;
    }

    /** Names of the columns read from the lake: at least one, or it would not read in columns. */
    private List<String> lakeColumns() {
        List<String> names = List.of(schema.fieldNames());
        return names.isEmpty()
                ? List.of(table.schema().columns().get(LogSource.cheapest(table)).name())
                : names;
    }

    private @Nullable PlannedLake lake() {
        PlannedLake l = lake;
        if (l == null && plan().lake().isPresent()) {
            l = PlannedLake.of(plan().lake().get(), schema, table.path().toString());
            lake = l;
        }
        return l;
    }

    private long rowWidth() {
        long width = 8;
        for (String name : schema.fieldNames()) {
            width += ColumnWidth.of(table.schema().column(name).type());
        }
        return width;
    }

    /** Partitions and readers of the lake scan, planned once. */
    private record PlannedLake(
            List<InputPartition> partitions,
            PartitionReaderFactory factory,
            LakeColumns columns,
            boolean isColumnar) {
        static PlannedLake of(Scan scan, StructType wanted, String table) {
            Batch batch = scan.toBatch();
            List<InputPartition> partitions = List.of(batch.planInputPartitions());
            PartitionReaderFactory factory = batch.createReaderFactory();
            LakeColumns columns = new LakeColumns(wanted, scan.readSchema());
            columns.check(table);
            boolean isColumnar = partitions.stream().allMatch(factory::supportColumnarReads);
            return new PlannedLake(partitions, factory, columns, isColumnar);
        }
    }

    private record Size(OptionalLong numRows, OptionalLong sizeInBytes) implements Statistics {}
}
