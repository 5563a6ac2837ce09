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
package io.fluss.client.scan;

import com.google.protobuf.ByteString;
import io.fluss.formats.filter.BatchFilter;
import io.fluss.formats.filter.Literal;
import io.fluss.formats.filter.Predicate;
import io.fluss.protocol.messages.PbCompoundPredicate;
import io.fluss.protocol.messages.PbLeafPredicate;
import io.fluss.protocol.messages.PbLiteralValue;
import io.fluss.protocol.messages.PbPredicate;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The message of a predicate (wire protocol document, section 4.22). What has no message filters
 * nothing: it is left out of a conjunction and makes all else useless. Pure functions.
 */
final class FilterMessage {
    /** Parsers stop at 100 messages within each other; each level of a predicate is two. */
    private static final int DEPTH_MAX = 40;

    private FilterMessage() {}

    /** Empty if nothing can be filtered. */
    static Optional<PbPredicate> of(Predicate predicate, TableSchema schema) {
        return BatchFilter.of(predicate, schema).isPresent()
                ? predicate.accept(new ToMessage(0))
                : Optional.empty();
    }

    private record ToMessage(int depth) implements Predicate.Cases<Optional<PbPredicate>> {
        private static Optional<PbPredicate> leaf(
                int function, int columnId, List<Literal> literals) {
            PbLeafPredicate.Builder leaf =
                    PbLeafPredicate.newBuilder().setFunction(function).setFieldId(columnId);
            literals.forEach(l -> leaf.addLiterals(message(l)));
            return Optional.of(PbPredicate.newBuilder().setType(0).setLeaf(leaf).build());
        }

        private static Optional<PbPredicate> compound(int function, List<PbPredicate> children) {
            if (children.isEmpty()) {
                return Optional.empty();
            }
            if (children.size() == 1) {
                return Optional.of(children.get(0));
            }
            return Optional.of(
                    PbPredicate.newBuilder()
                            .setType(1)
                            .setCompound(
                                    PbCompoundPredicate.newBuilder()
                                            .setFunction(function)
                                            .addAllChildren(children))
                            .build());
        }

        private List<PbPredicate> messages(List<Predicate> children) {
            ToMessage deeper = new ToMessage(depth + 1);
            return depth >= DEPTH_MAX
                    ? List.of()
                    : children.stream().flatMap(c -> c.accept(deeper).stream()).toList();
        }

        @Override
        public Optional<PbPredicate> comparison(Predicate.Comparison p) {
            int function =
                    switch (p.operator()) {
                        case EQUAL -> 0;
                        case NOT_EQUAL -> 1;
                        case LESS -> 2;
                        case LESS_OR_EQUAL -> 3;
                        case GREATER -> 4;
                        case GREATER_OR_EQUAL -> 5;
                    };
            return leaf(function, p.columnId(), List.of(p.literal()));
        }

        @Override
        public Optional<PbPredicate> membership(Predicate.Membership p) {
            return leaf(p.isNegated() ? 12 : 11, p.columnId(), p.literals());
        }

        @Override
        public Optional<PbPredicate> nullness(Predicate.Nullness p) {
            return leaf(p.isNull() ? 6 : 7, p.columnId(), List.of());
        }

        @Override
        public Optional<PbPredicate> match(Predicate.Match p) {
            int function =
                    switch (p.place()) {
                        case START -> 8;
                        case ANYWHERE -> 9;
                        case END -> 10;
                    };
            return leaf(function, p.columnId(), List.of(p.text()));
        }

        @Override
        public Optional<PbPredicate> and(Predicate.And p) {
            return compound(0, messages(p.children()));
        }

        @Override
        public Optional<PbPredicate> or(Predicate.Or p) {
            List<PbPredicate> children = messages(p.children());
            return children.size() == p.children().size()
                    ? compound(1, children)
                    : Optional.empty();
        }

        @Override
        public Optional<PbPredicate> unknown(Predicate.Unknown p) {
            return Optional.empty();
        }
    }

    private static PbLiteralValue message(Literal literal) {
        PbLiteralValue.Builder message = PbLiteralValue.newBuilder().setIsNull(false);
        literal.type().accept(new Value(message, literal.value()));
        return message.build();
    }

    /** Sets code and value. */
    private record Value(PbLiteralValue.Builder message, Comparable<?> value)
            implements DataType.Cases<PbLiteralValue.Builder> {
        private PbLiteralValue.Builder integer(int code) {
            return message.setLiteralType(code).setIntValue(Math.toIntExact((Long) value));
        }

        private PbLiteralValue.Builder instant(int code) {
            Instant t = (Instant) value;
            int nanos = t.getNano();
            return message.setLiteralType(code)
                    .setTimestampMillisValue(t.getEpochSecond() * 1_000 + nanos / 1_000_000)
                    .setTimestampNanoOfMillisValue(nanos % 1_000_000);
        }

        private static IllegalStateException none(DataType type) {
            return new IllegalStateException("no literals of " + type);
        }

        @Override
        public PbLiteralValue.Builder bool(DataType.BooleanType type) {
            return message.setLiteralType(0).setBooleanValue((Boolean) value);
        }

        @Override
        public PbLiteralValue.Builder tinyInt(DataType.TinyIntType type) {
            return integer(1);
        }

        @Override
        public PbLiteralValue.Builder smallInt(DataType.SmallIntType type) {
            return integer(2);
        }

        @Override
        public PbLiteralValue.Builder integer(DataType.IntType type) {
            return integer(3);
        }

        @Override
        public PbLiteralValue.Builder bigInt(DataType.BigIntType type) {
            return message.setLiteralType(4).setBigintValue((Long) value);
        }

        @Override
        public PbLiteralValue.Builder floating(DataType.FloatType type) {
            return message.setLiteralType(5).setFloatValue((Float) value);
        }

        @Override
        public PbLiteralValue.Builder doubling(DataType.DoubleType type) {
            return message.setLiteralType(6).setDoubleValue((Double) value);
        }

        @Override
        public PbLiteralValue.Builder character(DataType.CharType type) {
            return message.setLiteralType(7).setStringValue((String) value);
        }

        @Override
        public PbLiteralValue.Builder string(DataType.StringType type) {
            return message.setLiteralType(8).setStringValue((String) value);
        }

        @Override
        public PbLiteralValue.Builder binary(DataType.BinaryType type) {
            throw none(type);
        }

        @Override
        public PbLiteralValue.Builder bytes(DataType.BytesType type) {
            throw none(type);
        }

        @Override
        public PbLiteralValue.Builder decimal(DataType.DecimalType type) {
            BigInteger unscaled = (BigInteger) value;
            message.setLiteralType(9);
            return type.isCompact()
                    ? message.setDecimalValue(unscaled.longValueExact())
                    : message.setDecimalBytes(ByteString.copyFrom(unscaled.toByteArray()));
        }

        @Override
        public PbLiteralValue.Builder date(DataType.DateType type) {
            return message.setLiteralType(10).setBigintValue((Long) value);
        }

        @Override
        public PbLiteralValue.Builder time(DataType.TimeType type) {
            return integer(11);
        }

        @Override
        public PbLiteralValue.Builder timestamp(DataType.TimestampType type) {
            return instant(12);
        }

        @Override
        public PbLiteralValue.Builder timestampLtz(DataType.TimestampLtzType type) {
            return instant(13);
        }

        @Override
        public PbLiteralValue.Builder array(DataType.ArrayType type) {
            throw none(type);
        }

        @Override
        public PbLiteralValue.Builder map(DataType.MapType type) {
            throw none(type);
        }

        @Override
        public PbLiteralValue.Builder row(DataType.RowType type) {
            throw none(type);
        }
    }
}
