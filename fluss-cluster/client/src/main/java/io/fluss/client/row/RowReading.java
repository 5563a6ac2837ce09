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

import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Copies values out of vectors and the like into {@link Row}s. Immutable, thread-safe. */
public final class RowReading {
    private final DataType.RowType type;
    private final List<Reading> readings;

    private RowReading(DataType.RowType type) {
        this.type = type;
        this.readings =
                type.fields().stream().map(f -> f.type().accept(Readings.INSTANCE)).toList();
    }

    /** For rows of exactly these columns. */
    public static RowReading of(DataType.RowType type) {
        return new RowReading(type);
    }

    /** A copy of the row. */
    public Row read(RowValues values) {
        @Nullable Object[] copied = new Object[readings.size()];
        for (int i = 0; i < copied.length; i++) {
            copied[i] = orNull(readings.get(i), values, i);
        }
        return new Row(type, copied);
    }

    private static @Nullable Object orNull(Reading reading, RowValues values, int column) {
        return values.isNull(column) ? null : reading.read(values, column);
    }

    /** Reads one value that is not null. */
    private interface Reading {
        Object read(RowValues row, int column);
    }

    private enum Readings implements DataType.Cases<Reading> {
        INSTANCE;

        @Override
        public Reading bool(DataType.BooleanType type) {
            return RowValues::bool;
        }

        @Override
        public Reading tinyInt(DataType.TinyIntType type) {
            return (row, i) -> (byte) row.integer(i);
        }

        @Override
        public Reading smallInt(DataType.SmallIntType type) {
            return (row, i) -> (short) row.integer(i);
        }

        @Override
        public Reading integer(DataType.IntType type) {
            return (row, i) -> (int) row.integer(i);
        }

        @Override
        public Reading bigInt(DataType.BigIntType type) {
            return RowValues::integer;
        }

        @Override
        public Reading floating(DataType.FloatType type) {
            return RowValues::floating;
        }

        @Override
        public Reading doubling(DataType.DoubleType type) {
            return RowValues::doubling;
        }

        @Override
        public Reading character(DataType.CharType type) {
            return Readings::text;
        }

        @Override
        public Reading string(DataType.StringType type) {
            return Readings::text;
        }

        private static String text(RowValues row, int column) {
            return new String(row.bytes(column), StandardCharsets.UTF_8);
        }

        @Override
        public Reading binary(DataType.BinaryType type) {
            return (row, i) -> row.bytes(i).clone();
        }

        @Override
        public Reading bytes(DataType.BytesType type) {
            return (row, i) -> row.bytes(i).clone();
        }

        @Override
        public Reading decimal(DataType.DecimalType type) {
            return (row, i) -> new BigDecimal(row.unscaled(i), type.scale());
        }

        @Override
        public Reading date(DataType.DateType type) {
            return (row, i) -> LocalDate.ofEpochDay(row.integer(i));
        }

        @Override
        public Reading time(DataType.TimeType type) {
            return (row, i) -> LocalTime.ofNanoOfDay(row.integer(i) * 1_000_000);
        }

        @Override
        public Reading timestamp(DataType.TimestampType type) {
            return (row, i) -> LocalDateTime.ofInstant(instant(row, i), ZoneOffset.UTC);
        }

        @Override
        public Reading timestampLtz(DataType.TimestampLtzType type) {
            return Readings::instant;
        }

        private static Instant instant(RowValues row, int column) {
            return Instant.ofEpochMilli(row.timestampMs(column)).plusNanos(row.nanoOfMs(column));
        }

        @Override
        public Reading array(DataType.ArrayType type) {
            Reading element = type.elementType().accept(this);
            return (row, i) -> list(row.elements(i), element);
        }

        private static List<@Nullable Object> list(ListValues values, Reading each) {
            List<@Nullable Object> all = new ArrayList<>(values.count());
            for (int i = 0; i < values.count(); i++) {
                all.add(orNull(each, values, i));
            }
            return Collections.unmodifiableList(all);
        }

        @Override
        public Reading map(DataType.MapType type) {
            Reading key = type.keyType().accept(this);
            Reading value = type.valueType().accept(this);
            return (row, i) -> {
                List<@Nullable Object> keys = list(row.keys(i), key);
                List<@Nullable Object> items = list(row.values(i), value);
                Map<@Nullable Object, @Nullable Object> all = new LinkedHashMap<>();
                for (int e = 0; e < keys.size(); e++) {
                    all.put(keys.get(e), items.get(e));
                }
                return Collections.unmodifiableMap(all);
            };
        }

        @Override
        public Reading row(DataType.RowType type) {
            RowReading nested = RowReading.of(type);
            return (row, i) -> nested.read(row.row(i));
        }
    }
}
