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
package io.fluss.cli;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns text and JSON values into the Java values that a column takes. Text is read as what the
 * column is; a JSON value of another kind is left to the client to refuse. Immutable.
 */
@FunctionalInterface
interface TextValues {
    /** The value for a column; errors go on after the name of the column. */
    Object convert(Object given);

    static TextValues of(DataType type) {
        return type.accept(Converters.INSTANCE);
    }

    private static @Nullable Object orNull(TextValues values, @Nullable Object given) {
        return given == null ? null : values.convert(given);
    }

    /** One for each type. */
    enum Converters implements DataType.Cases<TextValues> {
        INSTANCE;

        private static FlussException unreadable(String wanted, Object given) {
            return ErrorReason.INVALID_TARGET_COLUMN.exception(
                    "takes " + wanted + ", but got '" + given + "'");
        }

        /** Reads text by a function that throws if it cannot. */
        private static TextValues parsed(
                String wanted, java.util.function.Function<String, ?> read) {
            return given -> {
                if (!(given instanceof String text)) {
                    return given;
                }
                try {
                    return read.apply(text.trim());
                } catch (DateTimeException | IllegalArgumentException e) {
                    throw unreadable(wanted, text);
                }
            };
        }

        private static TextValues whole() {
            TextValues text = parsed("a whole number", BigInteger::new);
            return given -> {
                if (given instanceof BigDecimal decimal) {
                    // 1e3 and 1.0 are whole numbers, too; the limit keeps 1e999999999 small.
                    if (decimal.precision() - (long) decimal.scale() > 40) {
                        throw unreadable("a whole number", given);
                    }
                    try {
                        return decimal.toBigIntegerExact();
                    } catch (ArithmeticException e) {
                        throw unreadable("a whole number", given);
                    }
                }
                return text.convert(given);
            };
        }

        @Override
        public TextValues bool(DataType.BooleanType type) {
            return parsed(
                    "true or false",
                    text -> {
                        if (text.equalsIgnoreCase("true")) {
                            return true;
                        }
                        if (text.equalsIgnoreCase("false")) {
                            return false;
                        }
                        throw new IllegalArgumentException(text);
                    });
        }

        @Override
        public TextValues tinyInt(DataType.TinyIntType type) {
            return whole();
        }

        @Override
        public TextValues smallInt(DataType.SmallIntType type) {
            return whole();
        }

        @Override
        public TextValues integer(DataType.IntType type) {
            return whole();
        }

        @Override
        public TextValues bigInt(DataType.BigIntType type) {
            return whole();
        }

        @Override
        public TextValues floating(DataType.FloatType type) {
            TextValues text = parsed("a number", Float::valueOf);
            return given ->
                    given instanceof Number n ? (Object) n.floatValue() : text.convert(given);
        }

        @Override
        public TextValues doubling(DataType.DoubleType type) {
            TextValues text = parsed("a number", Double::valueOf);
            return given ->
                    given instanceof Number n ? (Object) n.doubleValue() : text.convert(given);
        }

        @Override
        public TextValues character(DataType.CharType type) {
            return given -> given;
        }

        @Override
        public TextValues string(DataType.StringType type) {
            return given -> given;
        }

        @Override
        public TextValues binary(DataType.BinaryType type) {
            return parsed("bytes in Base64", Base64.getDecoder()::decode);
        }

        @Override
        public TextValues bytes(DataType.BytesType type) {
            return parsed("bytes in Base64", Base64.getDecoder()::decode);
        }

        @Override
        public TextValues decimal(DataType.DecimalType type) {
            return parsed("a number", BigDecimal::new);
        }

        @Override
        public TextValues date(DataType.DateType type) {
            return parsed("a date such as 2024-05-06", LocalDate::parse);
        }

        @Override
        public TextValues time(DataType.TimeType type) {
            return parsed("a time such as 07:08:09.123", LocalTime::parse);
        }

        @Override
        public TextValues timestamp(DataType.TimestampType type) {
            return parsed(
                    "a time such as 2024-05-06T07:08:09.123",
                    text -> LocalDateTime.parse(text.replace(' ', 'T')));
        }

        @Override
        public TextValues timestampLtz(DataType.TimestampLtzType type) {
            return parsed(
                    "a time with zone such as 2024-05-06T07:08:09.123Z or ...+02:00",
                    text ->
                            text.endsWith("]")
                                    ? ZonedDateTime.parse(text)
                                    : OffsetDateTime.parse(text.replace(' ', 'T')));
        }

        private static Object fromJson(Object given) {
            if (!(given instanceof String text)) {
                return given;
            }
            Object value = JsonText.read(text);
            if (value == null) {
                throw unreadable("a value", given);
            }
            return value;
        }

        @Override
        public TextValues array(DataType.ArrayType type) {
            TextValues element = type.elementType().accept(this);
            return given -> {
                if (!(fromJson(given) instanceof List<?> list)) {
                    throw unreadable("a JSON array", given);
                }
                List<@Nullable Object> all = new ArrayList<>();
                list.forEach(e -> all.add(orNull(element, e)));
                return all;
            };
        }

        @Override
        public TextValues map(DataType.MapType type) {
            TextValues key = type.keyType().accept(this);
            TextValues value = type.valueType().accept(this);
            return given -> {
                if (!(fromJson(given) instanceof Map<?, ?> map)) {
                    throw unreadable("a JSON object", given);
                }
                Map<Object, @Nullable Object> all = new LinkedHashMap<>();
                map.forEach((k, v) -> all.put(key.convert(k), orNull(value, v)));
                return all;
            };
        }

        @Override
        public TextValues row(DataType.RowType type) {
            Map<String, TextValues> fields = new LinkedHashMap<>();
            type.fields().forEach(f -> fields.put(f.name(), f.type().accept(this)));
            return given -> {
                if (!(fromJson(given) instanceof Map<?, ?> map)) {
                    throw unreadable("a JSON object", given);
                }
                Map<Object, @Nullable Object> all = new LinkedHashMap<>();
                map.forEach(
                        (name, v) -> {
                            TextValues field = fields.get(name);
                            all.put(name, field == null ? v : orNull(field, v));
                        });
                return all;
            };
        }
    }
}
