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
import io.fluss.spark.FlussOptions.ReadMode;
import io.fluss.spark.pruning.Pruning;
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.TableInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownAggregates;
import org.apache.spark.sql.connector.read.SupportsPushDownLimit;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Takes what Spark pushes down. Filters that the values of a partition decide are ours alone when
 * only the log is read; all others are hints - for partitions, buckets and the lake's files -, and
 * Spark evaluates them again.
 */
public final class FlussScanBuilder
        implements SupportsPushDownRequiredColumns,
                SupportsPushDownV2Filters,
                SupportsPushDownLimit,
                SupportsPushDownAggregates {
    private final TableInfo table;
    private final FlussOptions options;
    private final PinnedLake lake;
    private StructType schema;
    private PushedDown pushed = PushedDown.NOTHING;
    private Predicate[] takenOver = new Predicate[0];
    private @Nullable MetadataScan aggregated;
    private @Nullable Answered answered;

    public FlussScanBuilder(TableInfo table, FlussOptions options) {
        this.table = table;
        this.options = options;
        this.lake = new PinnedLake(table, options);
        this.schema = SparkTypes.of(table.schema());
    }

    @Override
    public void pruneColumns(StructType requiredSchema) {
        // Whole columns only: nested fields stay together, since the cluster cannot cut them.
        List<String> wanted = List.of(requiredSchema.fieldNames());
        StructType pruned = new StructType();
        for (var field : SparkTypes.of(table.schema()).fields()) {
            pruned = wanted.contains(field.name()) ? pruned.add(field) : pruned;
        }
        for (String name : wanted) {
            var metadata = RowMetadata.of(table.schema(), name);
            if (metadata.isPresent()) {
                pruned = pruned.add(metadata.get().field());
            }
        }
        schema = pruned;
    }

    @Override
    public Predicate[] pushPredicates(Predicate[] predicates) {
        pushed = new PushedDown(List.of(predicates), OptionalInt.empty());
        takenOver =
                Arrays.stream(predicates)
                        .filter(
                                p ->
                                        !isCurrentRows()
                                                && Pruning.isDecidedByPartition(table, p)
                                                && isLogOnly())
                        .toArray(Predicate[]::new);
        List<Predicate> ours = List.of(takenOver);
        return Arrays.stream(predicates).filter(p -> !ours.contains(p)).toArray(Predicate[]::new);
    }

    /** Whether the rows of a table with a primary key are read, not its changes or its lake. */
    private boolean isCurrentRows() {
        return table.hasPrimaryKey()
                && !options.isChangelog()
                && options.readMode() != ReadMode.LAKE;
    }

    /** Whether no row comes from the lake, whose reader takes filters as hints. */
    private boolean isLogOnly() {
        return options.readMode() != ReadMode.LAKE && lake.snapshot().isEmpty();
    }

    @Override
    public Predicate[] pushedPredicates() {
        return takenOver.clone();
    }

    @Override
    public boolean pushLimit(int limit) {
        pushed = new PushedDown(pushed.filters(), OptionalInt.of(limit));
        return true;
    }

    @Override
    public boolean supportCompletePushDown(Aggregation aggregation) {
        return answer(aggregation).isPresent();
    }

    /** Answers by offsets and metadata; Spark asks only if no filter is left to it. */
    @Override
    public boolean pushAggregation(Aggregation aggregation) {
        aggregated = answer(aggregation).orElse(null);
        return aggregated != null;
    }

    /** The answer, if it is known without reading rows; looked for once. */
    private Optional<MetadataScan> answer(Aggregation aggregation) {
        if (takenOver.length != pushed.filters().size()
                || !MetadataAggregates.isPossible(aggregation)) {
            return Optional.empty();
        }
        Question question =
                new Question(pushed, Arrays.toString(aggregation.aggregateExpressions()));
        Answered a = answered;
        if (a == null || !a.question().equals(question)) {
            MetadataAggregates metadata = new MetadataAggregates(table, options, lake);
            a = new Answered(question, metadata.answer(aggregation, pushed.pruning(table)));
            answered = a;
        }
        return a.answer();
    }

    private record Question(PushedDown of, String aggregates) {}

    private record Answered(Question question, Optional<MetadataScan> answer) {}

    @Override
    public Scan build() {
        MetadataScan known = aggregated;
        if (known != null) {
            return known;
        }
        return isCurrentRows()
                ? new KeyedScan(table, options, lake, schema, pushed)
                : new FlussScan(table, options, lake, schema, pushed);
    }
}
