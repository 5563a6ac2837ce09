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
package io.fluss.client.row;

import io.fluss.errors.FlussException;
import io.fluss.types.DataType;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a Java value that is not null into what {@link JavaRow} holds for a type. */
@FunctionalInterface
interface ValueConverter {
    /**
     * The converted value.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN if it does not fit
     */
    Object convert(Object value);

    static ValueConverter of(DataType type) {
        return type.accept(Converters.INSTANCE);
    }

    /** CHAR in the log format INDEXED, which has room for the declared bytes only. */
    static ValueConverter boundedText(DataType.CharType type) {
        ValueConverter text = of(type);
        return value -> {
            byte[] bytes = (byte[]) text.convert(value);
            if (bytes.length > type.length()) {
                throw ValueRefused.of(
                        "takes that many bytes in the log format INDEXED, but got " + bytes.length);
            }
            return bytes;
        };
    }

    /** One converter for each type. */
    enum Converters implements DataType.Cases<ValueConverter> {
        INSTANCE;

        private static final int NANOS_PER_MS = 1_000_000;

        private static ValueConverter whole(long min, long max) {
            return value -> {
                long number = wholeNumber(value, "a whole number");
                if (number < min || number > max) {
                    throw ValueRefused.outOfRange(value);
                }
                return number;
            };
        }

        private static long wholeNumber(Object value, String wanted) {
            if (value instanceof BigInteger big) {
                if (big.bitLength() > 63) {
                    throw ValueRefused.outOfRange(value);
                }
                return big.longValue();
            }
            if (isWhole(value)) {
                return ((Number) value).longValue();
            }
            throw ValueRefused.notA(wanted, value);
        }

        private static boolean isWhole(Object value) {
            return value instanceof Long
                    || value instanceof Integer
                    || value instanceof Short
                    || value instanceof Byte;
        }

        @Override
        public ValueConverter bool(DataType.BooleanType type) {
            return value -> {
                if (value instanceof Boolean) {
                    return value;
                }
                throw ValueRefused.notA("a Boolean", value);
            };
        }

        @Override
        public ValueConverter tinyInt(DataType.TinyIntType type) {
            return whole(Byte.MIN_VALUE, Byte.MAX_VALUE);
        }

        @Override
        public ValueConverter smallInt(DataType.SmallIntType type) {
            return whole(Short.MIN_VALUE, Short.MAX_VALUE);
        }

        @Override
        public ValueConverter integer(DataType.IntType type) {
            return whole(Integer.MIN_VALUE, Integer.MAX_VALUE);
        }

        @Override
        public ValueConverter bigInt(DataType.BigIntType type) {
            return whole(Long.MIN_VALUE, Long.MAX_VALUE);
        }

        @Override
        public ValueConverter floating(DataType.FloatType type) {
            return value -> {
                if (value instanceof Float) {
                    return value;
                }
                double number = doubleOf(value);
                float narrow = (float) number;
                if (!Double.isNaN(number) && narrow != number) {
                    throw ValueRefused.of(
                            "cannot hold "
                                    + ValueRefused.described(value)
                                    + " without loss; give it as a Float");
                }
                return narrow;
            };
        }

        @Override
        public ValueConverter doubling(DataType.DoubleType type) {
            return Converters::doubleOf;
        }

        private static double doubleOf(Object value) {
            if (value instanceof Double || value instanceof Float) {
                return ((Number) value).doubleValue();
            }
            if (isWhole(value)) {
                long whole = ((Number) value).longValue();
                double number = (double) whole;
                if ((long) number != whole || number == 0x1p63) {
                    throw ValueRefused.outOfRange(value);
                }
                return number;
            }
            throw ValueRefused.notA("a Float, a Double or a whole number", value);
        }

        @Override
        public ValueConverter character(DataType.CharType type) {
            return Converters::utf8;
        }

        @Override
        public ValueConverter string(DataType.StringType type) {
            return Converters::utf8;
        }

        private static byte[] utf8(Object value) {
            if (value instanceof CharSequence text) {
                return text.toString().getBytes(StandardCharsets.UTF_8);
            }
            throw ValueRefused.notA("text", value);
        }

        @Override
        public ValueConverter binary(DataType.BinaryType type) {
            return value -> {
                byte[] bytes = byteArray(value);
                if (bytes.length != type.length()) {
                    throw ValueRefused.of("takes exactly that many bytes, but got " + bytes.length);
                }
                return bytes;
            };
        }

        @Override
        public ValueConverter bytes(DataType.BytesType type) {
            return Converters::byteArray;
        }

        private static byte[] byteArray(Object value) {
            if (value instanceof byte[] bytes) {
                return bytes;
            }
            if (value instanceof ByteBuffer buffer) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.duplicate().get(bytes);
                return bytes;
            }
            throw ValueRefused.notA("bytes", value);
        }

        @Override
        public ValueConverter decimal(DataType.DecimalType type) {
            return value -> {
                BigDecimal exact = scaled(decimalOf(value), type.scale(), value);
                if (exact.precision() > type.precision()) {
                    throw ValueRefused.outOfRange(value);
                }
                return exact.unscaledValue();
            };
        }

        private static BigDecimal decimalOf(Object value) {
            if (value instanceof BigDecimal decimal) {
                return decimal;
            }
            if (value instanceof BigInteger big) {
                return new BigDecimal(big);
            }
            return BigDecimal.valueOf(wholeNumber(value, "a BigDecimal or a whole number"));
        }

        private static BigDecimal scaled(BigDecimal decimal, int scale, Object value) {
            // Before any arithmetic: 1e999999999 would take all memory when it is written out.
            if (decimal.signum() != 0 && (long) decimal.precision() - decimal.scale() > 38) {
                throw ValueRefused.outOfRange(value);
            }
            if (decimal.signum() == 0) {
                return BigDecimal.ZERO.setScale(scale);
            }
            try {
                return decimal.setScale(scale, RoundingMode.UNNECESSARY);
            } catch (ArithmeticException e) {
                throw ValueRefused.of(
                        "cannot hold " + ValueRefused.described(value) + " without loss");
            }
        }

        @Override
        public ValueConverter date(DataType.DateType type) {
            return value -> {
                if (!(value instanceof LocalDate date)) {
                    throw ValueRefused.notA("a LocalDate", value);
                }
                long days = date.toEpochDay();
                if (days < Integer.MIN_VALUE || days > Integer.MAX_VALUE) {
                    throw ValueRefused.outOfRange(value);
                }
                return days;
            };
        }

        @Override
        public ValueConverter time(DataType.TimeType type) {
            return value -> {
                if (value instanceof LocalTime time) {
                    return type.precision() == 0
                            ? time.toSecondOfDay() * 1_000L
                            : time.toNanoOfDay() / NANOS_PER_MS;
                }
                throw ValueRefused.notA("a LocalTime", value);
            };
        }

        @Override
        public ValueConverter timestamp(DataType.TimestampType type) {
            return value -> {
                if (value instanceof LocalDateTime time) {
                    return moment(time.toInstant(ZoneOffset.UTC), type.precision(), value);
                }
                throw ValueRefused.notA("a LocalDateTime", value);
            };
        }

        @Override
        public ValueConverter timestampLtz(DataType.TimestampLtzType type) {
            return value -> moment(instant(value), type.precision(), value);
        }

        private static Instant instant(Object value) {
            if (value instanceof Instant instant) {
                return instant;
            }
            if (value instanceof OffsetDateTime time) {
                return time.toInstant();
            }
            if (value instanceof ZonedDateTime time) {
                return time.toInstant();
            }
            throw ValueRefused.notA("an Instant, an OffsetDateTime or a ZonedDateTime", value);
        }

        /** Cut to the digits of the type; whole vectors of finer units reach less far. */
        private static JavaRow.Moment moment(Instant instant, int precision, Object value) {
            int unit = 1;
            for (int digit = precision; digit < 9; digit++) {
                unit *= 10;
            }
            int nano = instant.getNano() - instant.getNano() % unit;
            try {
                var unused =
                        Math.addExact(
                                Math.multiplyExact(instant.getEpochSecond(), perSecond(precision)),
                                perSecond(precision));
                return new JavaRow.Moment(
                        Math.addExact(
                                Math.multiplyExact(instant.getEpochSecond(), 1_000L),
                                nano / NANOS_PER_MS),
                        nano % NANOS_PER_MS);
            } catch (ArithmeticException e) {
                throw ValueRefused.outOfRange(value);
            }
        }

        private static long perSecond(int precision) {
            if (precision <= 3) {
                return 1_000L;
            }
            return precision <= 6 ? 1_000_000L : 1_000_000_000L;
        }

        @Override
        public ValueConverter array(DataType.ArrayType type) {
            ValueConverter element = orNull(type.elementType());
            return value -> list(elements(value), element, "element");
        }

        private static List<?> elements(Object value) {
            if (value instanceof Collection<?> all) {
                return new ArrayList<>(all);
            }
            if (value instanceof Object[] array) {
                return Arrays.asList(array);
            }
            if (value.getClass().isArray()) {
                List<Object> boxed = new ArrayList<>();
                for (int i = 0; i < Array.getLength(value); i++) {
                    boxed.add(Array.get(value, i));
                }
                return boxed;
            }
            throw ValueRefused.notA("a Collection or an array", value);
        }

        private static JavaRow list(
                List<? extends @Nullable Object> elements, ValueConverter each, String what) {
            @Nullable Object[] converted = new Object[elements.size()];
            for (int i = 0; i < converted.length; i++) {
                Object element = elements.get(i);
                try {
                    converted[i] = element == null ? nothing(each) : each.convert(element);
                } catch (FlussException e) {
                    throw ValueRefused.of("has " + what + " " + i + ", which " + e.getMessage());
                }
            }
            return new JavaRow(converted);
        }

        /** A converter that also says whether nulls are allowed. */
        private record Checked(DataType type, ValueConverter converter) implements ValueConverter {
            @Override
            public Object convert(Object value) {
                try {
                    return converter.convert(value);
                } catch (FlussException e) {
                    throw ValueRefused.of("of type " + type + " " + e.getMessage());
                }
            }
        }

        private static ValueConverter orNull(DataType type) {
            return new Checked(type, ValueConverter.of(type));
        }

        private static @Nullable Object nothing(ValueConverter each) {
            if (each instanceof Checked c && !c.type.isNullable()) {
                throw ValueRefused.of("is NOT NULL, but has no value");
            }
            return null;
        }

        @Override
        public ValueConverter map(DataType.MapType type) {
            ValueConverter key = orNull(type.keyType());
            ValueConverter item = orNull(type.valueType());
            return value -> {
                if (!(value instanceof Map<?, ?> map)) {
                    throw ValueRefused.notA("a Map", value);
                }
                List<@Nullable Object> keys = new ArrayList<>(map.keySet());
                List<@Nullable Object> items = new ArrayList<>();
                keys.forEach(k -> items.add(map.get(k)));
                return new JavaRow.Pairs(list(keys, key, "key"), list(items, item, "value"));
            };
        }

        @Override
        public ValueConverter row(DataType.RowType type) {
            List<ValueConverter> fields =
                    type.fields().stream().map(f -> orNull(f.type())).toList();
            return value -> {
                @Nullable Object[] given = RowFields.of(type, value);
                @Nullable Object[] converted = new Object[given.length];
                for (int i = 0; i < given.length; i++) {
                    Object field = given[i];
                    try {
                        converted[i] =
                                field == null
                                        ? nothing(fields.get(i))
                                        : fields.get(i).convert(field);
                    } catch (FlussException e) {
                        throw ValueRefused.of(
                                "has field '"
                                        + type.fields().get(i).name()
                                        + "', which "
                                        + e.getMessage());
                    }
                }
                return new JavaRow(converted);
            };
        }
    }

    /** The values of a nested row in the order of its fields. */
    final class RowFields {
        private RowFields() {}

        static @Nullable Object[] of(DataType.RowType type, Object value) {
            if (value instanceof Row row) {
                return row.values();
            }
            if (value instanceof Map<?, ?> map) {
                return byName(type, map);
            }
            if (value instanceof GenericRow row) {
                return row.valuesOf(type);
            }
            throw ValueRefused.notA("a GenericRow, a Row or a Map", value);
        }

        static @Nullable Object[] byName(DataType.RowType type, Map<?, ?> map) {
            Map<Object, Object> left = new HashMap<>(map);
            @Nullable Object[] values = new Object[type.fields().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = left.remove(type.fields().get(i).name());
            }
            if (!left.isEmpty()) {
                throw ValueRefused.of("has no fields " + left.keySet());
            }
            return values;
        }
    }
}
