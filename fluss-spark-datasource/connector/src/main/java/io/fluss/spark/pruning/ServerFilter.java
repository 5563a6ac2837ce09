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

import io.fluss.formats.filter.Literal;
import io.fluss.formats.filter.Predicate.Comparison;
import io.fluss.formats.filter.Predicate.Match;
import io.fluss.formats.filter.Predicate.Membership;
import io.fluss.formats.filter.Predicate.Nullness;
import io.fluss.formats.filter.Predicate.Operator;
import io.fluss.formats.filter.Predicate.Place;
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.Decimal;

/**
 * Spark's filters as the cluster understands them, which leaves out whole batches by their
 * statistics. What cannot be said exactly says nothing, so Spark always filters the rows too.
 */
public record ServerFilter(TableSchema schema) {
    /** Digits of a second that Spark sees; more are cut, so that comparisons mean another thing. */
    private static final int PRECISION_MAX = 6;

    /** The predicate of filters that all hold; {@code UNKNOWN} if it would rule nothing out. */
    public static io.fluss.formats.filter.Predicate of(
            TableSchema schema, List<Predicate> filters) {
        ServerFilter f = new ServerFilter(schema);
        return io.fluss.formats.filter.Predicate.and(filters.stream().map(f::of).toList());
    }

    private io.fluss.formats.filter.Predicate of(Expression e) {
        if (!(e instanceof Predicate p)) {
            return io.fluss.formats.filter.Predicate.UNKNOWN;
        }
        return switch (p.name()) {
            case "AND" -> io.fluss.formats.filter.Predicate.and(children(p));
            case "OR" -> io.fluss.formats.filter.Predicate.or(children(p));
            case "NOT" -> of(p.children()[0]).not();
            default ->
                    column(p)
                            .flatMap(c -> leaf(p, c))
                            .orElse(io.fluss.formats.filter.Predicate.UNKNOWN);
        };
    }

    private List<io.fluss.formats.filter.Predicate> children(Predicate p) {
        return Arrays.stream(p.children()).map(this::of).toList();
    }

    private Optional<Column> column(Predicate p) {
        if (p.children().length == 0
                || !(p.children()[0] instanceof NamedReference r)
                || r.fieldNames().length != 1) {
            return Optional.empty();
        }
        OptionalInt position = schema.positionOf(r.fieldNames()[0]);
        return position.isPresent()
                ? Optional.of(schema.columns().get(position.getAsInt()))
                : Optional.empty();
    }

    private static Optional<io.fluss.formats.filter.Predicate> leaf(Predicate p, Column c) {
        return switch (p.name()) {
            case "IS_NULL" -> Optional.of(new Nullness(c.id(), true));
            case "IS_NOT_NULL" -> Optional.of(new Nullness(c.id(), false));
            case "=" -> comparison(Operator.EQUAL, p, c);
            case "<>" -> comparison(Operator.NOT_EQUAL, p, c);
            case "<" -> comparison(Operator.LESS, p, c);
            case "<=" -> comparison(Operator.LESS_OR_EQUAL, p, c);
            case ">" -> comparison(Operator.GREATER, p, c);
            case ">=" -> comparison(Operator.GREATER_OR_EQUAL, p, c);
            case "IN" -> literals(p, c).map(l -> new Membership(c.id(), l, false));
            case "STARTS_WITH" -> match(Place.START, p, c);
            case "CONTAINS" -> match(Place.ANYWHERE, p, c);
            case "ENDS_WITH" -> match(Place.END, p, c);
            default -> Optional.empty();
        };
    }

    private static Optional<io.fluss.formats.filter.Predicate> comparison(
            Operator operator, Predicate p, Column c) {
        return literals(p, c).map(l -> new Comparison(operator, c.id(), l.get(0)));
    }

    private static Optional<io.fluss.formats.filter.Predicate> match(
            Place place, Predicate p, Column c) {
        return literals(p, c).map(l -> new Match(place, c.id(), l.get(0)));
    }

    /** The literals behind the column, at least one; empty if one of them cannot be expressed. */
    private static Optional<List<Literal>> literals(Predicate p, Column c) {
        if (!Literal.isSupported(c.type()) || !isWhole(c.type())) {
            return Optional.empty();
        }
        return ConstantPredicate.literals(p, SparkTypes.of(c.type()))
                .filter(l -> !l.isEmpty())
                .map(l -> l.stream().map(v -> new Literal(c.type(), value(v, c.type()))).toList());
    }

    /** Whether Spark sees all digits of the values. */
    private static boolean isWhole(DataType type) {
        if (type instanceof DataType.TimestampType t) {
            return t.precision() <= PRECISION_MAX;
        }
        if (type instanceof DataType.TimestampLtzType t) {
            return t.precision() <= PRECISION_MAX;
        }
        return !(type instanceof DataType.TimeType);
    }

    private static Comparable<?> value(Object v, DataType type) {
        if (type instanceof DataType.TimestampType || type instanceof DataType.TimestampLtzType) {
            return Instant.EPOCH.plus((Long) v, ChronoUnit.MICROS);
        }
        if (type instanceof DataType.DecimalType t) {
            return ((Decimal) v).toJavaBigDecimal().setScale(t.scale()).unscaledValue();
        }
        if (v instanceof Boolean || v instanceof Float || v instanceof Double) {
            return (Comparable<?>) v;
        }
        return v instanceof Number n ? (Comparable<?>) n.longValue() : v.toString();
    }
}
