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
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/** Which buckets rows with given bucket keys are in. Pure functions. */
final class BucketPruning {
    /** More combinations of key values than this are not worked out. */
    private static final int KEYS_MAX = 10_000;

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
        if (keys.isEmpty() || !keys.stream().allMatch(k -> isHashable(k.type()))) {
            return Optional.empty();
        }
        Map<String, List<Object>> values = new HashMap<>();
        filters.forEach(f -> collect(f, keys, values));
        long combinations = 1;
        for (Column k : keys) {
            combinations *= values.getOrDefault(k.name(), List.of()).size();
            if (combinations == 0 || combinations > KEYS_MAX) {
                return Optional.empty();
            }
        }
        return hashed(table, keys, values);
    }

    /** Equal values must have equal key bytes, and Spark must see all digits of a value. */
    private static boolean isHashable(DataType type) {
        return type instanceof DataType.BooleanType
                || type instanceof DataType.TinyIntType
                || type instanceof DataType.SmallIntType
                || type instanceof DataType.IntType
                || type instanceof DataType.BigIntType
                || type instanceof DataType.CharType
                || type instanceof DataType.StringType
                || type instanceof DataType.BinaryType
                || type instanceof DataType.BytesType
                || type instanceof DataType.DateType;
    }

    private static void collect(Predicate p, List<Column> keys, Map<String, List<Object>> values) {
        if (p instanceof And and) {
            collect(and.left(), keys, values);
            collect(and.right(), keys, values);
            return;
        }
        boolean isEquality =
                p.name().equals("=") || p.name().equals("<=>") || p.name().equals("IN");
        Expression first = p.children().length > 1 ? p.children()[0] : p;
        if (!isEquality || !(first instanceof NamedReference r) || r.fieldNames().length != 1) {
            return;
        }
        for (Column k : keys) {
            if (k.name().equals(r.fieldNames()[0])) {
                ConstantPredicate.literals(p, SparkTypes.of(k.type()))
                        .ifPresent(l -> values.merge(k.name(), l, BucketPruning::fewer));
            }
        }
    }

    private static List<Object> fewer(List<Object> a, List<Object> b) {
        return a.size() <= b.size() ? a : b;
    }

    private static Optional<SortedSet<Integer>> hashed(
            TableInfo table, List<Column> keys, Map<String, List<Object>> values) {
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
            for (List<Object> key : combinations(keys, values)) {
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

    private static List<List<Object>> combinations(
            List<Column> keys, Map<String, List<Object>> values) {
        List<List<Object>> out = List.of(List.of());
        for (Column k : keys) {
            List<List<Object>> longer = new ArrayList<>();
            for (List<Object> head : out) {
                for (Object v : values.getOrDefault(k.name(), List.of())) {
                    List<Object> key = new ArrayList<>(head);
                    key.add(v);
                    longer.add(key);
                }
            }
            out = longer;
        }
        return out;
    }
}
