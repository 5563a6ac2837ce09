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
import io.fluss.spark.FlussOptions;
import io.fluss.spark.FlussOptions.ReadMode;
import io.fluss.spark.lake.LakeScanProvider.Bounds;
import io.fluss.spark.pruning.Pruning;
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.TableInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.aggregate.AggregateFunc;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.aggregate.CountStar;
import org.apache.spark.sql.connector.expressions.aggregate.Max;
import org.apache.spark.sql.connector.expressions.aggregate.Min;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Answers {@code count(*)}, {@code min} and {@code max} over all rows out of log offsets and the
 * metadata of the lake, where that is exact. Driver only.
 */
final class MetadataAggregates {
    /** Types whose values in the lake's metadata are those of its rows in Spark. */
    private static final Set<DataType> BOUNDED =
            Set.of(
                    DataTypes.IntegerType,
                    DataTypes.LongType,
                    DataTypes.DateType,
                    DataTypes.TimestampType,
                    DataTypes.TimestampNTZType);

    private final TableInfo table;
    private final FlussOptions options;
    private final PinnedLake lake;

    MetadataAggregates(TableInfo table, FlussOptions options, PinnedLake lake) {
        this.table = table;
        this.options = options;
        this.lake = lake;
    }

    /** Whether such aggregates can have an answer; asks nobody. */
    static boolean isPossible(Aggregation aggregation) {
        return aggregation.groupByExpressions().length == 0
                && aggregation.aggregateExpressions().length > 0
                && Arrays.stream(aggregation.aggregateExpressions())
                        .allMatch(f -> f instanceof CountStar || column(f).isPresent());
    }

    /**
     * Asks cluster and lake; blocks.
     *
     * @return empty if rows have to be read
     */
    Optional<MetadataScan> answer(Aggregation aggregation, Pruning pruning) {
        Optional<Tiers> known = table.hasPrimaryKey() ? keyedTiers(pruning) : logTiers(pruning);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Tiers tiers = known.get();
        List<AggregateFunc> wanted = List.of(aggregation.aggregateExpressions());
        List<String> columns = wanted.stream().flatMap(f -> column(f).stream()).distinct().toList();
        StructType types = SparkTypes.of(table.schema());
        boolean isBounded = columns.stream().allMatch(c -> isBounded(types, c));
        if (!columns.isEmpty() && (tiers.logRows() > 0 || !isBounded)) {
            return Optional.empty();
        }
        Map<String, Bounds> bounds = bounds(tiers, columns);
        boolean isCounted = wanted.stream().anyMatch(CountStar.class::isInstance);
        OptionalLong rows = isCounted ? rows(tiers) : OptionalLong.of(0);
        if (rows.isEmpty() || !bounds.keySet().containsAll(columns)) {
            return Optional.empty();
        }
        StructType schema = new StructType();
        Object[] values = new Object[wanted.size()];
        for (int i = 0; i < values.length; i++) {
            AggregateFunc f = wanted.get(i);
            Optional<String> column = column(f);
            if (column.isEmpty()) {
                schema = schema.add("count_" + i, DataTypes.LongType, false);
                values[i] = rows.getAsLong();
            } else {
                String name = (f instanceof Min ? "min_" : "max_") + i;
                schema = schema.add(name, types.apply(column.get()).dataType(), true);
                Bounds b = Objects.requireNonNull(bounds.get(column.get()));
                values[i] = (f instanceof Min ? b.least() : b.greatest()).orElse(null);
            }
        }
        return Optional.of(new MetadataScan(table.path(), schema, new GenericInternalRow(values)));
    }

    /** Columns of row metadata are not in the schema, and never are. */
    private static boolean isBounded(StructType types, String column) {
        return types.getFieldIndex(column).isDefined()
                && BOUNDED.contains(types.apply(column).dataType());
    }

    /** The column whose least or greatest value is asked for. */
    private static Optional<String> column(AggregateFunc f) {
        Expression of =
                f instanceof Min min ? min.column() : f instanceof Max max ? max.column() : null;
        return of instanceof NamedReference r && r.fieldNames().length == 1
                ? Optional.of(r.fieldNames()[0])
                : Optional.empty();
    }

    /** Where the rows are, all of them and no others. */
    private record Tiers(Optional<LakeSnapshot> lake, long logRows) {}

    /** Each offset of a log table is a row. */
    private Optional<Tiers> logTiers(Pruning pruning) {
        ReadPlan plan = ReadPlan.pin(table, options, lake, pruning);
        return Optional.of(new Tiers(plan.lake(), plan.logRecords()));
    }

    private Optional<Tiers> keyedTiers(Pruning pruning) {
        Optional<LakeSnapshot> snapshot = lake.snapshot();
        if (snapshot.isEmpty()) {
            return Optional.empty();
        }
        boolean isLakeAlone =
                options.readMode() == ReadMode.LAKE
                        || KeyedPlan.pin(table, options, lake, pruning).isLakeAlone(table);
        return isLakeAlone ? Optional.of(new Tiers(snapshot, 0)) : Optional.empty();
    }

    private OptionalLong rows(Tiers tiers) {
        if (tiers.lake().isEmpty()) {
            return OptionalLong.of(tiers.logRows());
        }
        OptionalLong inLake = LakeTier.rowCount(table, options, tiers.lake().get().snapshotId());
        return inLake.isEmpty() ? inLake : OptionalLong.of(inLake.getAsLong() + tiers.logRows());
    }

    private Map<String, Bounds> bounds(Tiers tiers, List<String> columns) {
        if (columns.isEmpty() || tiers.lake().isEmpty()) {
            return Map.of();
        }
        return LakeTier.bounds(table, options, tiers.lake().get().snapshotId(), columns);
    }
}
