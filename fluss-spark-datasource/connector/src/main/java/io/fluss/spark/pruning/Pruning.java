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
package io.fluss.spark.pruning;

import io.fluss.spark.types.SparkTypes;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.DataType;

/**
 * What filters leave of the partitions and buckets of a table. Immutable.
 *
 * <p>The buckets follow from the writers' rule for bucket keys: a row that was put elsewhere would
 * not be found by its key.
 */
public final class Pruning {
    private final Optional<PartitionValues> partitionValues;
    private final List<String> partitionKeys;
    private final List<ConstantPredicate> onPartitions;
    private final Optional<SortedSet<Integer>> buckets;

    private Pruning(
            Optional<PartitionValues> partitionValues,
            List<String> partitionKeys,
            List<ConstantPredicate> onPartitions,
            Optional<SortedSet<Integer>> buckets) {
        this.partitionValues = partitionValues;
        this.partitionKeys = partitionKeys;
        this.onPartitions = onPartitions;
        this.buckets = buckets;
    }

    /**
     * What filters leave.
     *
     * @param filters all hold for the wanted rows
     */
    public static Pruning of(TableInfo table, List<Predicate> filters) {
        List<ConstantPredicate> onPartitions = new ArrayList<>();
        Map<String, DataType> types = partitionTypes(table);
        for (Predicate p : filters) {
            if (namesOneOf(p, types.keySet())) {
                onPartitions.add(new ConstantPredicate(p, types));
            }
        }
        return new Pruning(
                table.isPartitioned() ? Optional.of(PartitionValues.of(table)) : Optional.empty(),
                table.descriptor().partitionKeys(),
                List.copyOf(onPartitions),
                BucketPruning.buckets(table, filters));
    }

    /** Whether the values of a partition alone decide a filter, for all of its rows. */
    public static boolean isDecidedByPartition(TableInfo table, Predicate filter) {
        return table.isPartitioned()
                && new ConstantPredicate(filter, partitionTypes(table)).isExact();
    }

    private static Map<String, DataType> partitionTypes(TableInfo table) {
        Map<String, DataType> types = new HashMap<>();
        for (String key : table.descriptor().partitionKeys()) {
            types.put(key, SparkTypes.of(table.schema().column(key).type()));
        }
        return types;
    }

    private static boolean namesOneOf(Predicate p, Set<String> columns) {
        for (NamedReference r : p.references()) {
            if (r.fieldNames().length == 1 && columns.contains(r.fieldNames()[0])) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a partition can have rows that match.
     *
     * @param spec texts by partition key; empty for a table without partitions
     * @throws io.fluss.errors.FlussException with PARTITION_SPEC_INVALID if a filter that a
     *     partition decides meets a text that is no value of the column
     */
    public boolean keepsPartition(Map<String, String> spec) {
        if (partitionValues.isEmpty() || onPartitions.isEmpty()) {
            return true;
        }
        List<Optional<Object>> found = partitionValues.get().values(spec);
        Map<String, Object> values = new HashMap<>();
        for (int i = 0; i < found.size(); i++) {
            String key = partitionKeys.get(i);
            found.get(i).ifPresent(v -> values.put(key, v));
        }
        for (ConstantPredicate p : onPartitions) {
            Optional<Boolean> answer = p.matches(values);
            if (answer.isEmpty() && p.isExact()) {
                // Spark may have left this filter to us, so there is nobody to look at the rows.
                Object[] unused = partitionValues.get().row(spec);
            }
            if (!answer.orElse(true)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a bucket can have rows that match. */
    public boolean keepsBucket(int bucket) {
        return buckets.isEmpty() || buckets.get().contains(bucket);
    }

    /** For EXPLAIN: what is left out, empty text if nothing. */
    public String description() {
        String partitions =
                onPartitions.isEmpty()
                        ? ""
                        : ", partitions with "
                                + onPartitions.stream().map(p -> p.predicate().toString()).toList();
        return partitions + buckets.map(b -> ", buckets " + b).orElse("");
    }
}
