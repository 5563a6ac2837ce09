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

import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * A value that a column is compared with, never null. Immutable.
 *
 * @param type of the column, nullable
 * @param value Boolean for BOOLEAN; Long for integers, DATE (days) and TIME (ms of the day); Float;
 *     Double; String for CHAR and STRING; BigInteger, unscaled at the scale of the type, for
 *     DECIMAL; Instant for TIMESTAMP (as if in UTC) and TIMESTAMP_LTZ
 */
public record Literal(DataType type, Comparable<?> value) {
    public Literal {
        type = type.nullable();
        Class<?> wanted =
                type.accept(ValueClass.INSTANCE)
                        .orElseThrow(() -> new IllegalArgumentException("no literals of a type"));
        if (!wanted.isInstance(value)) {
            throw new IllegalArgumentException(value + " is no value of " + type);
        }
    }

    /** Whether there are literals of a type: not for BINARY, BYTES and nested types. */
    public static boolean isSupported(DataType type) {
        return type.accept(ValueClass.INSTANCE).isPresent();
    }

    /** NaN, which engines put at different places. */
    boolean isNaN() {
        return (value instanceof Float f && f.isNaN()) || (value instanceof Double d && d.isNaN());
    }

    /** Compares this with a value of its column, which is not null and no NaN. */
    int compareTo(RowValues row, int column) {
        return type.accept(new Comparing(value, row, column));
    }

    byte[] utf8() {
        return ((String) value).getBytes(StandardCharsets.UTF_8);
    }

    /** Numbers by value: -0.0 equals 0.0. */
    private static int compare(double a, double b) {
        return a < b ? -1 : a > b ? 1 : 0;
    }

    private record Comparing(Comparable<?> value, RowValues row, int column)
            implements DataType.Cases<Integer> {
        private int integer() {
            return Long.compare((Long) value, row.integer(column));
        }

        private int text() {
            return Arrays.compareUnsigned(
                    ((String) value).getBytes(StandardCharsets.UTF_8), row.bytes(column));
        }

        private int instant() {
            Instant literal = (Instant) value;
            long ms = row.timestampMs(column);
            Instant stored =
                    Instant.ofEpochSecond(
                            Math.floorDiv(ms, 1000L),
                            Math.floorMod(ms, 1000L) * 1_000_000L + row.nanoOfMs(column));
            return literal.compareTo(stored);
        }

        private static IllegalStateException none(DataType type) {
            return new IllegalStateException("no literals of " + type);
        }

        @Override
        public Integer bool(DataType.BooleanType type) {
            return Boolean.compare((Boolean) value, row.bool(column));
        }

        @Override
        public Integer tinyInt(DataType.TinyIntType type) {
            return integer();
        }

        @Override
        public Integer smallInt(DataType.SmallIntType type) {
            return integer();
        }

        @Override
        public Integer integer(DataType.IntType type) {
            return integer();
        }

        @Override
        public Integer bigInt(DataType.BigIntType type) {
            return integer();
        }

        @Override
        public Integer floating(DataType.FloatType type) {
            return compare((Float) value, row.floating(column));
        }

        @Override
        public Integer doubling(DataType.DoubleType type) {
            return compare((Double) value, row.doubling(column));
        }

        @Override
        public Integer character(DataType.CharType type) {
            return text();
        }

        @Override
        public Integer string(DataType.StringType type) {
            return text();
        }

        @Override
        public Integer binary(DataType.BinaryType type) {
            throw none(type);
        }

        @Override
        public Integer bytes(DataType.BytesType type) {
            throw none(type);
        }

        @Override
        public Integer decimal(DataType.DecimalType type) {
            return ((BigInteger) value).compareTo(row.unscaled(column));
        }

        @Override
        public Integer date(DataType.DateType type) {
            return integer();
        }

        @Override
        public Integer time(DataType.TimeType type) {
            return integer();
        }

        @Override
        public Integer timestamp(DataType.TimestampType type) {
            return instant();
        }

        @Override
        public Integer timestampLtz(DataType.TimestampLtzType type) {
            return instant();
        }

        @Override
        public Integer array(DataType.ArrayType type) {
            throw none(type);
        }

        @Override
        public Integer map(DataType.MapType type) {
            throw none(type);
        }

        @Override
        public Integer row(DataType.RowType type) {
            throw none(type);
        }
    }

    private enum ValueClass implements DataType.Cases<Optional<Class<?>>> {
        INSTANCE;

        @Override
        public Optional<Class<?>> bool(DataType.BooleanType type) {
            return Optional.of(Boolean.class);
        }

        @Override
        public Optional<Class<?>> tinyInt(DataType.TinyIntType type) {
            return Optional.of(Long.class);
        }

        @Override
        public Optional<Class<?>> smallInt(DataType.SmallIntType type) {
            return Optional.of(Long.class);
        }

        @Override
        public Optional<Class<?>> integer(DataType.IntType type) {
            return Optional.of(Long.class);
        }

        @Override
        public Optional<Class<?>> bigInt(DataType.BigIntType type) {
            return Optional.of(Long.class);
        }

        @Override
        public Optional<Class<?>> floating(DataType.FloatType type) {
            return Optional.of(Float.class);
        }

        @Override
        public Optional<Class<?>> doubling(DataType.DoubleType type) {
            return Optional.of(Double.class);
        }

        @Override
        public Optional<Class<?>> character(DataType.CharType type) {
            return Optional.of(String.class);
        }

        @Override
        public Optional<Class<?>> string(DataType.StringType type) {
            return Optional.of(String.class);
        }

        @Override
        public Optional<Class<?>> binary(DataType.BinaryType type) {
            return Optional.empty();
        }

        @Override
        public Optional<Class<?>> bytes(DataType.BytesType type) {
            return Optional.empty();
        }

        @Override
        public Optional<Class<?>> decimal(DataType.DecimalType type) {
            return Optional.of(BigInteger.class);
        }

        @Override
        public Optional<Class<?>> date(DataType.DateType type) {
            return Optional.of(Long.class);
        }

        @Override
        public Optional<Class<?>> time(DataType.TimeType type) {
            return Optional.of(Long.class);
        }

        @Override
        public Optional<Class<?>> timestamp(DataType.TimestampType type) {
            return Optional.of(Instant.class);
        }

        @Override
        public Optional<Class<?>> timestampLtz(DataType.TimestampLtzType type) {
            return Optional.of(Instant.class);
        }

        @Override
        public Optional<Class<?>> array(DataType.ArrayType type) {
            return Optional.empty();
        }

        @Override
        public Optional<Class<?>> map(DataType.MapType type) {
            return Optional.empty();
        }

        @Override
        public Optional<Class<?>> row(DataType.RowType type) {
            return Optional.empty();
        }
    }
}
