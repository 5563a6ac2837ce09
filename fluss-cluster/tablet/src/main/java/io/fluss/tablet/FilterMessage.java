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
package io.fluss.tablet;

import io.fluss.formats.filter.Literal;
import io.fluss.formats.filter.Predicate;
import io.fluss.protocol.messages.PbLeafPredicate;
import io.fluss.protocol.messages.PbLiteralValue;
import io.fluss.protocol.messages.PbPredicate;
import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the predicate of a fetch (wire protocol document, section 4.22). What cannot be understood,
 * or does not fit the columns, gives nothing: a filter is only a hint. The parser of messages
 * bounds how deep predicates are nested. Pure functions.
 */
final class FilterMessage {
    private static final int LEAF = 0;
    private static final int COMPOUND = 1;
    private static final int AND = 0;
    private static final int OR = 1;

    private static final List<Predicate.Operator> OPERATORS =
            List.of(
                    Predicate.Operator.EQUAL,
                    Predicate.Operator.NOT_EQUAL,
                    Predicate.Operator.LESS,
                    Predicate.Operator.LESS_OR_EQUAL,
                    Predicate.Operator.GREATER,
                    Predicate.Operator.GREATER_OR_EQUAL);

    private FilterMessage() {}

    static Optional<Predicate> read(PbPredicate message, TableSchema schema) {
        if (message.getType() == LEAF && message.hasLeaf()) {
            return leaf(message.getLeaf(), schema);
        }
        if (message.getType() != COMPOUND || message.getCompound().getChildrenCount() == 0) {
            return Optional.empty();
        }
        List<Predicate> children = new ArrayList<>();
        for (PbPredicate child : message.getCompound().getChildrenList()) {
            Optional<Predicate> read = read(child, schema);
            if (read.isEmpty()) {
                return Optional.empty();
            }
            children.add(read.get());
        }
        return switch (message.getCompound().getFunction()) {
            case AND -> Optional.of(Predicate.and(children));
            case OR -> Optional.of(Predicate.or(children));
            default -> Optional.empty();
        };
    }

    private static Optional<Predicate> leaf(PbLeafPredicate leaf, TableSchema schema) {
        int id = leaf.getFieldId();
        Optional<DataType> type =
                schema.columns().stream().filter(c -> c.id() == id).map(Column::type).findFirst();
        if (type.isEmpty()) {
            return Optional.empty();
        }
        int function = leaf.getFunction();
        if (function == 6 || function == 7) {
            return Optional.of(new Predicate.Nullness(id, function == 6));
        }
        List<Literal> literals = new ArrayList<>();
        for (PbLiteralValue value : leaf.getLiteralsList()) {
            if (value.getIsNull() || !Literal.isSupported(type.get())) {
                return Optional.empty();
            }
            Optional<Literal> literal = type.get().accept(new FromMessage(value));
            if (literal.isEmpty()) {
                return Optional.empty();
            }
            literals.add(literal.get());
        }
        if (literals.isEmpty() || (literals.size() > 1 && function < 11)) {
            return Optional.empty();
        }
        return compared(function, id, literals);
    }

    private static Optional<Predicate> compared(int function, int id, List<Literal> literals) {
        Literal first = literals.get(0);
        return switch (function) {
            case 0, 1, 2, 3, 4, 5 ->
                    Optional.of(new Predicate.Comparison(OPERATORS.get(function), id, first));
            case 8 -> match(Predicate.Place.START, id, first);
            case 9 -> match(Predicate.Place.ANYWHERE, id, first);
            case 10 -> match(Predicate.Place.END, id, first);
            case 11, 12 -> Optional.of(new Predicate.Membership(id, literals, function == 12));
            default -> Optional.empty();
        };
    }

    private static Optional<Predicate> match(Predicate.Place place, int id, Literal text) {
        return text.value() instanceof String
                ? Optional.of(new Predicate.Match(place, id, text))
                : Optional.empty();
    }

    /** The literal of a column of that type; empty if the message has another type. */
    private record FromMessage(PbLiteralValue value) implements DataType.Cases<Optional<Literal>> {
        private Optional<Literal> literal(
                DataType type, boolean isPresent, int code, Comparable<?> literal) {
            return isPresent && value.getLiteralType() == code
                    ? Optional.of(new Literal(type, literal))
                    : Optional.empty();
        }

        private Optional<Literal> integer(DataType type, int code) {
            return literal(type, value.hasIntValue(), code, (long) value.getIntValue());
        }

        private Optional<Literal> text(DataType type) {
            boolean isText = value.getLiteralType() == 7 || value.getLiteralType() == 8;
            return literal(
                    type,
                    isText && value.hasStringValue(),
                    value.getLiteralType(),
                    value.getStringValue());
        }

        private Optional<Literal> instant(DataType type, int code) {
            long ms = value.getTimestampMillisValue();
            int nanos = value.getTimestampNanoOfMillisValue();
            boolean isPresent = value.hasTimestampMillisValue() && nanos >= 0 && nanos < 1_000_000;
            return literal(
                    type,
                    isPresent,
                    code,
                    Instant.ofEpochSecond(
                            Math.floorDiv(ms, 1000L),
                            Math.floorMod(ms, 1000L) * 1_000_000L + nanos));
        }

        @Override
        public Optional<Literal> bool(DataType.BooleanType type) {
            return literal(type, value.hasBooleanValue(), 0, value.getBooleanValue());
        }

        @Override
        public Optional<Literal> tinyInt(DataType.TinyIntType type) {
            return integer(type, 1);
        }

        @Override
        public Optional<Literal> smallInt(DataType.SmallIntType type) {
            return integer(type, 2);
        }

        @Override
        public Optional<Literal> integer(DataType.IntType type) {
            return integer(type, 3);
        }

        @Override
        public Optional<Literal> bigInt(DataType.BigIntType type) {
            return literal(type, value.hasBigintValue(), 4, value.getBigintValue());
        }

        @Override
        public Optional<Literal> floating(DataType.FloatType type) {
            return literal(type, value.hasFloatValue(), 5, value.getFloatValue());
        }

        @Override
        public Optional<Literal> doubling(DataType.DoubleType type) {
            return literal(type, value.hasDoubleValue(), 6, value.getDoubleValue());
        }

        @Override
        public Optional<Literal> character(DataType.CharType type) {
            return text(type);
        }

        @Override
        public Optional<Literal> string(DataType.StringType type) {
            return text(type);
        }

        @Override
        public Optional<Literal> binary(DataType.BinaryType type) {
            return Optional.empty();
        }

        @Override
        public Optional<Literal> bytes(DataType.BytesType type) {
            return Optional.empty();
        }

        @Override
        public Optional<Literal> decimal(DataType.DecimalType type) {
            BigInteger unscaled =
                    value.hasDecimalBytes() && !value.getDecimalBytes().isEmpty()
                            ? new BigInteger(value.getDecimalBytes().toByteArray())
                            : BigInteger.valueOf(value.getDecimalValue());
            boolean isPresent =
                    value.hasDecimalValue()
                            || (value.hasDecimalBytes() && !value.getDecimalBytes().isEmpty());
            return literal(type, isPresent, 9, unscaled);
        }

        @Override
        public Optional<Literal> date(DataType.DateType type) {
            return literal(type, value.hasBigintValue(), 10, value.getBigintValue());
        }

        @Override
        public Optional<Literal> time(DataType.TimeType type) {
            return integer(type, 11);
        }

        @Override
        public Optional<Literal> timestamp(DataType.TimestampType type) {
            return instant(type, 12);
        }

        @Override
        public Optional<Literal> timestampLtz(DataType.TimestampLtzType type) {
            return instant(type, 13);
        }

        @Override
        public Optional<Literal> array(DataType.ArrayType type) {
            return Optional.empty();
        }

        @Override
        public Optional<Literal> map(DataType.MapType type) {
            return Optional.empty();
        }

        @Override
        public Optional<Literal> row(DataType.RowType type) {
            return Optional.empty();
        }
    }
}
