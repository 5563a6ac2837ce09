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
package io.fluss.formats.keys;

import io.fluss.types.DataType;
import java.util.List;

/** The compacted fields one after the other, without null bits. */
final class CompactedKey implements KeyEncoder.KeyLayout {
    private final List<DataType.Field> fields;
    private final List<Writer> writers;

    CompactedKey(List<DataType.Field> key) {
        this.fields = key;
        this.writers = key.stream().map(f -> f.type().accept(new Writers(f))).toList();
    }

    @Override
    public byte[] encode(KeyRow row, int[] positions) {
        KeyBytes out = new KeyBytes(32);
        for (int i = 0; i < positions.length; i++) {
            if (row.isNull(positions[i])) {
                throw KeyEncoder.nullValue(fields.get(i));
            }
            writers.get(i).write(row, positions[i], out);
        }
        return out.toArray();
    }

    private interface Writer {
        void write(KeyRow row, int column, KeyBytes out);
    }

    private record Writers(DataType.Field field) implements DataType.Cases<Writer> {

        private static void putSized(byte[] value, KeyBytes out) {
            out.putVarint(value.length);
            out.put(value);
        }

        private static Writer instant(int precision) {
            if (precision <= 3) {
                return (row, i, out) -> out.putVarint(row.timestampMs(i));
            }
            return (row, i, out) -> {
                out.putVarint(row.timestampMs(i));
                out.putVarint(row.nanoOfMs(i));
            };
        }

        @Override
        public Writer bool(DataType.BooleanType type) {
            return (row, i, out) -> out.put(row.bool(i) ? 1 : 0, 1);
        }

        @Override
        public Writer tinyInt(DataType.TinyIntType type) {
            return (row, i, out) -> out.put(row.integer(i), 1);
        }

        @Override
        public Writer smallInt(DataType.SmallIntType type) {
            return (row, i, out) -> out.put(row.integer(i), 2);
        }

        @Override
        public Writer integer(DataType.IntType type) {
            return (row, i, out) -> out.putVarint(row.integer(i) & 0xffffffffL);
        }

        @Override
        public Writer bigInt(DataType.BigIntType type) {
            return (row, i, out) -> out.putVarint(row.integer(i));
        }

        @Override
        public Writer floating(DataType.FloatType type) {
            return (row, i, out) -> out.put(Float.floatToRawIntBits(row.floating(i)), 4);
        }

        @Override
        public Writer doubling(DataType.DoubleType type) {
            return (row, i, out) -> out.put(Double.doubleToRawLongBits(row.doubling(i)), 8);
        }

        @Override
        public Writer character(DataType.CharType type) {
            return (row, i, out) -> putSized(row.bytes(i), out);
        }

        @Override
        public Writer string(DataType.StringType type) {
            return (row, i, out) -> putSized(row.bytes(i), out);
        }

        @Override
        public Writer binary(DataType.BinaryType type) {
            return (row, i, out) -> putSized(row.bytes(i), out);
        }

        @Override
        public Writer bytes(DataType.BytesType type) {
            return (row, i, out) -> putSized(row.bytes(i), out);
        }

        @Override
        public Writer decimal(DataType.DecimalType type) {
            return type.isCompact()
                    ? (row, i, out) -> out.putVarint(row.unscaled(i).longValue())
                    : (row, i, out) -> putSized(row.unscaled(i).toByteArray(), out);
        }

        @Override
        public Writer date(DataType.DateType type) {
            return (row, i, out) -> out.putVarint(row.integer(i) & 0xffffffffL);
        }

        @Override
        public Writer time(DataType.TimeType type) {
            return (row, i, out) -> out.putVarint(row.integer(i) & 0xffffffffL);
        }

        @Override
        public Writer timestamp(DataType.TimestampType type) {
            return instant(type.precision());
        }

        @Override
        public Writer timestampLtz(DataType.TimestampLtzType type) {
            return instant(type.precision());
        }

        @Override
        public Writer array(DataType.ArrayType type) {
            throw KeyEncoder.unsupported(field, "a compacted");
        }

        @Override
        public Writer map(DataType.MapType type) {
            throw KeyEncoder.unsupported(field, "a compacted");
        }

        @Override
        public Writer row(DataType.RowType type) {
            throw KeyEncoder.unsupported(field, "a compacted");
        }
    }
}
