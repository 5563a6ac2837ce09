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
import io.fluss.table.Column;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/** The keys that filters by equality and IN leave. Pure functions. */
public final class FixedKeys {
    /** More combinations of key values than this are not worked out. */
    private static final int KEYS_MAX = 10_000;

    /** Digits of a second that Spark sees. */
    private static final int PRECISION_MAX = 6;

    private FixedKeys() {}

    /**
     * All keys that matching rows can have, each once, as Spark's own values in the order of the
     * columns; empty if the filters leave one of the columns open.
     *
     * @param filters all hold
     */
    public static Optional<List<List<Object>>> of(List<Column> columns, List<Predicate> filters) {
        if (columns.isEmpty() || !columns.stream().allMatch(c -> isHashable(c.type()))) {
            return Optional.empty();
        }
        Map<String, List<Object>> values = new HashMap<>();
        filters.forEach(f -> collect(f, columns, values));
        long combinations = 1;
        for (Column c : columns) {
            combinations *= values.getOrDefault(c.name(), List.of()).size();
            if (combinations == 0 || combinations > KEYS_MAX) {
                return Optional.empty();
            }
        }
        return Optional.of(combinations(columns, values));
    }

    /** Equal values must have equal key bytes, and Spark must see all digits of a value. */
    private static boolean isHashable(DataType type) {
        if (type instanceof DataType.TimestampType t) {
            return t.precision() <= PRECISION_MAX;
        }
        if (type instanceof DataType.TimestampLtzType t) {
            return t.precision() <= PRECISION_MAX;
        }
        return type instanceof DataType.BooleanType
                || type instanceof DataType.TinyIntType
                || type instanceof DataType.SmallIntType
                || type instanceof DataType.IntType
                || type instanceof DataType.BigIntType
                || type instanceof DataType.DecimalType
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
                        .ifPresent(l -> values.merge(k.name(), l, FixedKeys::fewer));
            }
        }
    }

    private static List<Object> fewer(List<Object> a, List<Object> b) {
        return a.size() <= b.size() ? a : b;
    }

    private static List<List<Object>> combinations(
            List<Column> keys, Map<String, List<Object>> values) {
        List<List<Object>> out = List.of(List.of());
        for (Column k : keys) {
            List<List<Object>> longer = new ArrayList<>();
            for (List<Object> head : out) {
                for (Object v : distinct(values.getOrDefault(k.name(), List.of()))) {
                    List<Object> key = new ArrayList<>(head);
                    key.add(v);
                    longer.add(key);
                }
            }
            out = longer;
        }
        return out;
    }

    private static List<Object> distinct(List<Object> values) {
        Map<Object, Object> seen = new LinkedHashMap<>();
        values.forEach(v -> seen.putIfAbsent(v instanceof byte[] b ? ByteBuffer.wrap(b) : v, v));
        return List.copyOf(seen.values());
    }
}
