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
package io.fluss.formats.filter;

import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes predicates over the columns of a table, by name. Immutable.
 *
 * <p>Values are given as Boolean; Byte, Short, Integer or Long; Float or Double; any CharSequence;
 * BigDecimal; LocalDate; LocalTime; LocalDateTime for TIMESTAMP; Instant for TIMESTAMP_LTZ. A value
 * that its column cannot hold exactly, a null, a NaN or a column of a type without order gives
 * {@link Predicate#UNKNOWN}: a predicate only ever takes away what surely nobody wants, so a caller
 * need not know what can be expressed. A name that is no column is an error.
 *
 * <pre>{@code
 * Predicates p = new Predicates(table.schema());
 * Predicate wanted = Predicate.and(List.of(
 *         p.compare("amount", Operator.GREATER, new BigDecimal("10.00")),
 *         p.in("country", List.of("de", "fr")).not()));
 * connection.logRange(table, bucket, from, to, columns, wanted, allocator);
 * }</pre>
 */
public final class Predicates {
    private final TableSchema schema;

    public Predicates(TableSchema schema) {
        this.schema = schema;
    }

    public Predicate compare(String column, Predicate.Operator operator, @Nullable Object value) {
        Column c = schema.column(column);
        return literal(c.type(), value)
                .<Predicate>map(l -> new Predicate.Comparison(operator, c.id(), l))
                .orElse(Predicate.UNKNOWN);
    }

    /** One of some values; {@code not()} gives none of them. */
    public Predicate in(String column, Collection<? extends @Nullable Object> values) {
        Column c = schema.column(column);
        List<Literal> literals = new ArrayList<>();
        for (Object value : values) {
            Optional<Literal> literal = literal(c.type(), value);
            if (literal.isEmpty()) {
                return Predicate.UNKNOWN;
            }
            literals.add(literal.get());
        }
        return literals.isEmpty()
                ? Predicate.UNKNOWN
                : new Predicate.Membership(c.id(), literals, false);
    }

    /** Is null; {@code not()} gives is not null. */
    public Predicate isNull(String column) {
        return new Predicate.Nullness(schema.column(column).id(), true);
    }

    /** A CHAR or STRING column that has a text at some place. */
    public Predicate match(String column, Predicate.Place place, CharSequence text) {
        Column c = schema.column(column);
        return isText(c.type())
                ? new Predicate.Match(place, c.id(), new Literal(c.type(), text.toString()))
                : Predicate.UNKNOWN;
    }

    private static boolean isText(DataType type) {
        return type instanceof DataType.StringType || type instanceof DataType.CharType;
    }

    private static Optional<Literal> literal(DataType type, @Nullable Object value) {
        if (value == null || !Literal.isSupported(type)) {
            return Optional.empty();
        }
        return type.accept(new FromObject(value))
                .map(v -> new Literal(type, v))
                .filter(l -> !l.isNaN());
    }

    /** The value as the column holds it; empty if it cannot. */
    private record FromObject(Object value) implements DataType.Cases<Optional<Comparable<?>>> {
        private Optional<Comparable<?>> integer(long min, long max) {
            boolean integral =
                    value instanceof Byte
                            || value instanceof Short
                            || value instanceof Integer
                            || value instanceof Long;
            long v = integral ? ((Number) value).longValue() : 0;
            return integral && v >= min && v <= max ? Optional.of(v) : Optional.empty();
        }

        private Optional<Comparable<?>> text() {
            return value instanceof CharSequence ? Optional.of(value.toString()) : Optional.empty();
        }

        private static ClassCastException wrong(DataType type) {
            return new ClassCastException("no literals of " + type);
        }

        @Override
        public Optional<Comparable<?>> bool(DataType.BooleanType type) {
            return value instanceof Boolean b ? Optional.of(b) : Optional.empty();
        }

        @Override
        public Optional<Comparable<?>> tinyInt(DataType.TinyIntType type) {
            return integer(Byte.MIN_VALUE, Byte.MAX_VALUE);
        }

        @Override
        public Optional<Comparable<?>> smallInt(DataType.SmallIntType type) {
            return integer(Short.MIN_VALUE, Short.MAX_VALUE);
        }

        @Override
        public Optional<Comparable<?>> integer(DataType.IntType type) {
            return integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
        }

        @Override
        public Optional<Comparable<?>> bigInt(DataType.BigIntType type) {
            return integer(Long.MIN_VALUE, Long.MAX_VALUE);
        }

        @Override
        public Optional<Comparable<?>> floating(DataType.FloatType type) {
            return value instanceof Float f ? Optional.of(f) : Optional.empty();
        }

        @Override
        public Optional<Comparable<?>> doubling(DataType.DoubleType type) {
            return value instanceof Double d ? Optional.of(d) : Optional.empty();
        }

        @Override
        public Optional<Comparable<?>> character(DataType.CharType type) {
            return text();
        }

        @Override
        public Optional<Comparable<?>> string(DataType.StringType type) {
            return text();
        }

        @Override
        public Optional<Comparable<?>> binary(DataType.BinaryType type) {
            throw wrong(type);
        }

        @Override
        public Optional<Comparable<?>> bytes(DataType.BytesType type) {
            throw wrong(type);
        }

        @Override
        public Optional<Comparable<?>> decimal(DataType.DecimalType type) {
            if (!(value instanceof BigDecimal d)) {
                return Optional.empty();
            }
            BigDecimal shortest = d.stripTrailingZeros();
            // The scale is looked at first: rescaling 1e999999999 would not fit into memory.
            boolean fits =
                    d.signum() == 0
                            || (shortest.scale() <= type.scale()
                                    && (long) shortest.precision() - shortest.scale()
                                            <= type.precision() - type.scale());
            return fits
                    ? Optional.of(shortest.setScale(type.scale()).unscaledValue())
                    : Optional.empty();
        }

        @Override
        public Optional<Comparable<?>> date(DataType.DateType type) {
            boolean fits =
                    value instanceof LocalDate d
                            && d.toEpochDay() >= Integer.MIN_VALUE
                            && d.toEpochDay() <= Integer.MAX_VALUE;
            return fits ? Optional.of(((LocalDate) value).toEpochDay()) : Optional.empty();
        }

        @Override
        public Optional<Comparable<?>> time(DataType.TimeType type) {
            return value instanceof LocalTime t && t.toNanoOfDay() % 1_000_000 == 0
                    ? Optional.of(t.toNanoOfDay() / 1_000_000)
                    : Optional.empty();
        }

        @Override
        public Optional<Comparable<?>> timestamp(DataType.TimestampType type) {
            return value instanceof LocalDateTime t
                    ? inRange(t.toInstant(ZoneOffset.UTC))
                    : Optional.empty();
        }

        @Override
        public Optional<Comparable<?>> timestampLtz(DataType.TimestampLtzType type) {
            return value instanceof Instant i ? inRange(i) : Optional.empty();
        }

        /** Instants of Java reach further than milliseconds in 64 bits. */
        private static Optional<Comparable<?>> inRange(Instant instant) {
            long secondsMax = Long.MAX_VALUE / 1000 - 1;
            return Math.abs(instant.getEpochSecond()) <= secondsMax
                    ? Optional.of(instant)
                    : Optional.empty();
        }

        @Override
        public Optional<Comparable<?>> array(DataType.ArrayType type) {
            throw wrong(type);
        }

        @Override
        public Optional<Comparable<?>> map(DataType.MapType type) {
            throw wrong(type);
        }

        @Override
        public Optional<Comparable<?>> row(DataType.RowType type) {
            throw wrong(type);
        }
    }
}
