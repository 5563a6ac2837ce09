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

import io.fluss.errors.FlussException;
import io.fluss.formats.keys.BucketFunction;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/** Which buckets rows with given bucket keys are in. Pure functions. */
final class BucketPruning {
    private BucketPruning() {}

    /**
     * The buckets that rows can be in; empty if they can be in any.
     *
     * @param filters all hold; only equality and IN on all bucket key columns narrow the buckets
     */
    static Optional<SortedSet<Integer>> buckets(TableInfo table, List<Predicate> filters) {
        List<Column> keys =
                table.descriptor().bucketKeys().stream()
                        .map(k -> table.schema().column(k))
                        .toList();
        return FixedKeys.of(keys, filters).flatMap(values -> hashed(table, keys, values));
    }

    private static Optional<SortedSet<Integer>> hashed(
            TableInfo table, List<Column> keys, List<List<Object>> values) {
        Optional<KeyEncoder> encoder = KeyEncoder.forBucketKey(table.descriptor());
        if (encoder.isEmpty()) {
            return Optional.empty();
        }
        BucketFunction function = BucketFunction.of(table.options().lakeFormat());
        List<DataType> types = table.schema().columns().stream().map(Column::type).toList();
        List<Integer> positions =
                keys.stream().map(k -> table.schema().positionOf(k.name()).orElseThrow()).toList();
        SortedSet<Integer> out = new TreeSet<>();
        try {
            for (List<Object> key : values) {
                Object[] row = new Object[types.size()];
                for (int i = 0; i < positions.size(); i++) {
                    row[positions.get(i)] = key.get(i);
                }
                SparkRow values1 = new SparkRow(new GenericInternalRow(row), types);
                out.add(function.bucket(encoder.get().encode(values1), table.bucketCount()));
            }
        } catch (FlussException e) {
            // A key that cannot be encoded, such as an empty one: no row has it, but let rows say.
            return Optional.empty();
        }
        return Optional.of(out);
    }
}
