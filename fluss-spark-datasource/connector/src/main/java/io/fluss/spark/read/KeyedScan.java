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
import io.fluss.spark.pruning.FixedKeys;
import io.fluss.spark.pruning.Pruning;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.connector.read.SupportsRuntimeV2Filtering;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.types.StructType;

/**
 * The rows that a table with a primary key holds now: looked up where filters of the query or of a
 * join at run time fix the key, otherwise bucket by bucket, each as it is when its task begins.
 * Belongs to the driver's planning thread.
 */
public final class KeyedScan
        implements SupportsReportStatistics, SupportsRuntimeV2Filtering, Batch {
    /** Keys that one task looks up; more are shared among tasks. */
    private static final int KEYS_OF_A_TASK = 1_000;

    private final TableInfo table;
    private final FlussOptions options;
    private final StructType schema;
    private final PushedDown pushed;
    private final LogSource source;
    private List<Predicate> runtimeFilters = List.of();

    KeyedScan(TableInfo table, FlussOptions options, StructType schema, PushedDown pushed) {
        this.table = table;
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
                + keys().map(k -> "lookup of " + k.size() + " keys").orElse("rows")
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
        return FlussScan.stream(table, options, schema, source, checkpointLocation);
    }

    @Override
    public Statistics estimateStatistics() {
        OptionalLong rows = keys().map(k -> OptionalLong.of(k.size())).orElseGet(this::rowCount);
        return FlussScan.Size.of(rows, schema);
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
        List<InputPartition> out = new ArrayList<>();
        try (SharedConnections.Lease lease = SharedConnections.lease(options.clientSettings())) {
            for (TablePartition p : partitions(lease, pruning)) {
                for (int bucket : buckets(pruning)) {
                    out.add(
                            new BucketRowsPartition(
                                    TableBucket.of(table.tableId(), p.id(), bucket)));
                }
            }
        }
        return out.toArray(InputPartition[]::new);
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
        return new KeyedReaderFactory(source);
    }

    /** The columns of the primary key that are read. */
    @Override
    public NamedReference[] filterAttributes() {
        List<String> shown = List.of(schema.fieldNames());
        return table.schema().primaryKey().stream()
                .filter(shown::contains)
                .map(Expressions::column)
                .toArray(NamedReference[]::new);
    }

    @Override
    public void filter(Predicate[] predicates) {
        runtimeFilters = List.of(predicates);
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
                                        .toList());
    }
}
