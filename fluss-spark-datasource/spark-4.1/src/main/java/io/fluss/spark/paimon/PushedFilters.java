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
package io.fluss.spark.paimon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.paimon.data.BinaryString;
import org.apache.paimon.data.Decimal;
import org.apache.paimon.data.Timestamp;
import org.apache.paimon.predicate.Predicate;
import org.apache.paimon.predicate.PredicateBuilder;
import org.apache.paimon.types.DataType;
import org.apache.paimon.types.DecimalType;
import org.apache.paimon.types.RowType;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Or;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Spark's predicates in Paimon's terms, as hints: what has no equal there is left out, and Spark
 * evaluates all of them again. FLOAT and DOUBLE are left out, since a file's bounds say nothing of
 * NaN, which Spark orders last.
 */
final class PushedFilters {
    private final RowType columns;
    private final PredicateBuilder builder;

    private PushedFilters(RowType columns) {
        this.columns = columns;
        this.builder = new PredicateBuilder(columns);
    }

    static List<Predicate> of(
            RowType columns,
            List<org.apache.spark.sql.connector.expressions.filter.Predicate> filters) {
        PushedFilters self = new PushedFilters(columns);
        return filters.stream().map(self::convert).flatMap(Optional::stream).toList();
    }

    private Optional<Predicate> convert(
            org.apache.spark.sql.connector.expressions.filter.Predicate filter) {
        if (filter instanceof And and) {
            Optional<Predicate> left = convert(and.left());
            Optional<Predicate> right = convert(and.right());
            // Half of a conjunction is a hint as well.
            return left.isPresent() && right.isPresent()
                    ? Optional.of(PredicateBuilder.and(left.get(), right.get()))
                    : left.or(() -> right);
        }
        if (filter instanceof Or or) {
            Optional<Predicate> left = convert(or.left());
            Optional<Predicate> right = convert(or.right());
            return left.isPresent() && right.isPresent()
                    ? Optional.of(PredicateBuilder.or(left.get(), right.get()))
                    : Optional.empty();
        }
        Expression[] children = filter.children();
        if (children.length == 0 || column(children[0]) < 0) {
            return children.length == 2 && column(children[1]) >= 0
                    ? comparison(mirrored(filter.name()), children[1], children[0])
                    : Optional.empty();
        }
        int at = column(children[0]);
        return switch (filter.name()) {
            case "IS_NULL" -> Optional.of(builder.isNull(at));
            case "IS_NOT_NULL" -> Optional.of(builder.isNotNull(at));
            case "IN" -> in(at, children);
            default ->
                    children.length == 2
                            ? comparison(filter.name(), children[0], children[1])
                            : Optional.empty();
        };
    }

    private static String mirrored(String comparison) {
        return switch (comparison) {
            case "<" -> ">";
            case "<=" -> ">=";
            case ">" -> "<";
            case ">=" -> "<=";
            case "=" -> "=";
            default -> "";
        };
    }

    private Optional<Predicate> comparison(String name, Expression reference, Expression literal) {
        int at = column(reference);
        Optional<Object> value = value(columns.getTypeAt(at), literal);
        return value.flatMap(
                v ->
                        switch (name) {
                            case "=" -> Optional.of(builder.equal(at, v));
                            case "<" -> Optional.of(builder.lessThan(at, v));
                            case "<=" -> Optional.of(builder.lessOrEqual(at, v));
                            case ">" -> Optional.of(builder.greaterThan(at, v));
                            case ">=" -> Optional.of(builder.greaterOrEqual(at, v));
                            case "STARTS_WITH" ->
                                    v instanceof BinaryString
                                            ? Optional.of(builder.startsWith(at, v))
                                            : Optional.empty();
                            default -> Optional.empty();
                        });
    }

    private Optional<Predicate> in(int at, Expression[] children) {
        List<Object> values = new ArrayList<>();
        for (Expression e : Arrays.asList(children).subList(1, children.length)) {
            Optional<Object> v = value(columns.getTypeAt(at), e);
            if (v.isEmpty()) {
                return Optional.empty();
            }
            values.add(v.get());
        }
        return values.isEmpty() ? Optional.empty() : Optional.of(builder.in(at, values));
    }

    private int column(Expression e) {
        return e instanceof NamedReference r && r.fieldNames().length == 1
                ? columns.getFieldIndex(r.fieldNames()[0])
                : -1;
    }

    /** A literal of the column's own type; empty if it is another one, or null. */
    private static Optional<Object> value(DataType type, Expression e) {
        if (!(e instanceof Literal<?> literal) || literal.value() == null) {
            return Optional.empty();
        }
        Object v = literal.value();
        Object out =
                switch (type.getTypeRoot()) {
                    case BOOLEAN -> v instanceof Boolean ? v : null;
                    case TINYINT -> v instanceof Byte ? v : null;
                    case SMALLINT -> v instanceof Short ? v : null;
                    case INTEGER, DATE -> v instanceof Integer ? v : null;
                    case BIGINT -> v instanceof Long ? v : null;
                    case VARCHAR ->
                            v instanceof UTF8String s ? BinaryString.fromBytes(s.getBytes()) : null;
                    case DECIMAL -> decimal((DecimalType) type, v);
                    case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
                            v instanceof Long micros
                                            && SparkValues.timestampPrecision(type) <= MICRO_DIGITS
                                    ? Timestamp.fromMicros(micros)
                                    : null;
                    default -> null;
                };
        return Optional.ofNullable(out);
    }

    /**
     * Finer timestamps are rounded down for Spark, so its comparisons are not those of the file.
     */
    private static final int MICRO_DIGITS = 6;

    private static @org.jspecify.annotations.Nullable Object decimal(DecimalType type, Object v) {
        return v instanceof org.apache.spark.sql.types.Decimal d && d.scale() == type.getScale()
                ? Decimal.fromBigDecimal(d.toJavaBigDecimal(), type.getPrecision(), type.getScale())
                : null;
    }
}
