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

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A pushed predicate, evaluated over columns that have one known value each. An answer may be open:
 * then the rows decide.
 *
 * @param types of the columns that have a known value; none of them is null
 */
record ConstantPredicate(Predicate predicate, Map<String, DataType> types) {
    ConstantPredicate {
        types = Map.copyOf(types);
    }

    /** Whether every answer is final, so that no row needs to be looked at. */
    boolean isExact() {
        return isExact(predicate);
    }

    private boolean isExact(Predicate p) {
        return switch (p.name()) {
            case "AND", "OR", "NOT" ->
                    Arrays.stream(p.children())
                            .allMatch(c -> c instanceof Predicate child && isExact(child));
            case "ALWAYS_TRUE", "ALWAYS_FALSE" -> true;
            case "IS_NULL", "IS_NOT_NULL" -> column(p, 0).isPresent();
            case "=", "<=>", "<>", "<", "<=", ">", ">=", "IN" ->
                    isComparable(p) && literals(p).map(l -> !l.isEmpty()).orElse(false);
            case "STARTS_WITH", "ENDS_WITH", "CONTAINS" ->
                    isComparable(p) && literals(p).map(l -> l.size() == 1).orElse(false);
            default -> false;
        };
    }

    /** Spark orders NaN and signed zeros in its own way; those columns are left to it. */
    private boolean isComparable(Predicate p) {
        return column(p, 0)
                .map(types::get)
                .filter(t -> !(t instanceof FloatType) && !(t instanceof DoubleType))
                .isPresent();
    }

    /**
     * Whether rows with these values match; empty if it is open.
     *
     * @param values in Spark's own form; one that is missing is not known
     */
    Optional<Boolean> matches(Map<String, Object> values) {
        return eval(predicate, values);
    }

    private Optional<Boolean> eval(Predicate p, Map<String, Object> values) {
        return switch (p.name()) {
            case "ALWAYS_TRUE" -> Optional.of(true);
            case "ALWAYS_FALSE" -> Optional.of(false);
            case "AND" -> both(p, values, false);
            case "OR" -> both(p, values, true);
            case "NOT" ->
                    p.children()[0] instanceof Predicate child
                            ? eval(child, values).map(b -> !b)
                            : Optional.empty();
            case "IS_NULL" -> column(p, 0).map(c -> false);
            case "IS_NOT_NULL" -> column(p, 0).map(c -> true);
            default -> leaf(p, values);
        };
    }

    /** AND and OR: one side with the deciding value decides, otherwise both must be known. */
    private Optional<Boolean> both(Predicate p, Map<String, Object> values, boolean deciding) {
        boolean isOpen = false;
        for (Expression e : p.children()) {
            Optional<Boolean> side =
                    e instanceof Predicate child ? eval(child, values) : Optional.empty();
            if (side.isPresent() && side.get() == deciding) {
                return side;
            }
            isOpen |= side.isEmpty();
        }
        return isOpen ? Optional.empty() : Optional.of(!deciding);
    }

    private Optional<Boolean> leaf(Predicate p, Map<String, Object> values) {
        Optional<Object> value = column(p, 0).map(values::get);
        Optional<List<Object>> literals = isComparable(p) ? literals(p) : Optional.empty();
        if (value.isEmpty() || literals.isEmpty() || literals.get().isEmpty()) {
            return Optional.empty();
        }
        Object v = value.get();
        Object first = literals.get().get(0);
        return switch (p.name()) {
            case "=", "<=>" -> Optional.of(compare(v, first) == 0);
            case "<>" -> Optional.of(compare(v, first) != 0);
            case "<" -> Optional.of(compare(v, first) < 0);
            case "<=" -> Optional.of(compare(v, first) <= 0);
            case ">" -> Optional.of(compare(v, first) > 0);
            case ">=" -> Optional.of(compare(v, first) >= 0);
            case "IN" -> Optional.of(literals.get().stream().anyMatch(l -> compare(v, l) == 0));
            case "STARTS_WITH" -> text(v, first, UTF8String::startsWith);
            case "ENDS_WITH" -> text(v, first, UTF8String::endsWith);
            case "CONTAINS" -> text(v, first, UTF8String::contains);
            default -> Optional.empty();
        };
    }

    private interface TextTest {
        boolean of(UTF8String value, UTF8String part);
    }

    private static Optional<Boolean> text(Object value, Object part, TextTest test) {
        return value instanceof UTF8String v && part instanceof UTF8String p
                ? Optional.of(test.of(v, p))
                : Optional.empty();
    }

    @SuppressWarnings("unchecked")
    private static int compare(Object value, Object literal) {
        return value instanceof byte[] v
                ? Arrays.compareUnsigned(v, (byte[]) literal)
                : ((Comparable<Object>) value).compareTo(literal);
    }

    /** The column at a place of a predicate, if its value is known and it is no nested field. */
    private Optional<String> column(Predicate p, int at) {
        return p.children().length > at
                        && p.children()[at] instanceof NamedReference r
                        && r.fieldNames().length == 1
                        && types.containsKey(r.fieldNames()[0])
                ? Optional.of(r.fieldNames()[0])
                : Optional.empty();
    }

    /** The literals behind the column; empty unless all are there, not null and of its type. */
    private Optional<List<Object>> literals(Predicate p) {
        return column(p, 0).map(types::get).flatMap(type -> literals(p, type));
    }

    /**
     * The values of the children behind the first; empty unless all are literals of a type and not
     * null.
     */
    static Optional<List<Object>> literals(Predicate p, DataType type) {
        Object[] out = new Object[p.children().length - 1];
        for (int i = 0; i < out.length; i++) {
            if (!(p.children()[i + 1] instanceof Literal<?> l)
                    || l.value() == null
                    || !l.dataType().equals(type)) {
                return Optional.empty();
            }
            out[i] = l.value();
        }
        return Optional.of(List.of(out));
    }
}
