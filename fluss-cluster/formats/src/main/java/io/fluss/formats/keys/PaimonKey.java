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

/** An aligned row (data formats document, section 2.4) of the key columns; nulls are allowed. */
final class PaimonKey implements KeyEncoder.KeyLayout {
    /** Bits in front of the null bits, taken by the kind of the row. */
    private static final int KIND_BITS = 8;

    private static final int SLOT_SIZE = 8;
    private static final int INLINE_MAX = 7;

    private final List<Writer> writers;
    private final int headerSize;

    PaimonKey(List<DataType.Field> key) {
        this.writers = key.stream().map(f -> f.type().accept(new Writers(f))).toList();
        this.headerSize = 8 * ((key.size() + KIND_BITS + 63) / 64);
    }

    @Override
    public byte[] encode(KeyRow row, int[] positions) {
        KeyBytes out = new KeyBytes(headerSize + 2 * SLOT_SIZE * positions.length);
        out.skip(headerSize + SLOT_SIZE * positions.length);
        for (int i = 0; i < positions.length; i++) {
            if (row.isNull(positions[i])) {
                out.or((i + KIND_BITS) / 8, 1 << (i % 8));
            } else {
                writers.get(i).write(row, positions[i], out, headerSize + SLOT_SIZE * i);
            }
        }
        return out.toArray();
    }

    private interface Writer {
        void write(KeyRow row, int column, KeyBytes out, int slot);
    }

    private record Writers(DataType.Field field) implements DataType.Cases<Writer> {

        private static void setBytes(byte[] value, KeyBytes out, int slot) {
            if (value.length <= INLINE_MAX) {
                out.set(slot, value);
                out.set(slot + INLINE_MAX, 0x80 | value.length, 1);
            } else {
                append(value, (value.length + 7) / 8 * 8, out, slot);
            }
        }

        /** Puts a value behind the slots, filled up with zeros to a size. */
        private static void append(byte[] value, int size, KeyBytes out, int slot) {
            int at = out.size();
            out.skip(size);
            out.set(at, value);
            out.set(slot, (long) at << 32 | value.length, 8);
        }

        private static Writer instant(int precision) {
            if (precision <= 3) {
                return (row, i, out, slot) -> out.set(slot, row.timestampMs(i), 8);
            }
            return (row, i, out, slot) -> {
                out.set(slot, (long) out.size() << 32 | row.nanoOfMs(i), 8);
                out.put(row.timestampMs(i), 8);
            };
        }

        @Override
        public Writer bool(DataType.BooleanType type) {
            return (row, i, out, slot) -> out.set(slot, row.bool(i) ? 1 : 0, 1);
        }

        @Override
        public Writer tinyInt(DataType.TinyIntType type) {
            return (row, i, out, slot) -> out.set(slot, row.integer(i), 1);
        }

        @Override
        public Writer smallInt(DataType.SmallIntType type) {
            return (row, i, out, slot) -> out.set(slot, row.integer(i), 2);
        }

        @Override
        public Writer integer(DataType.IntType type) {
            return (row, i, out, slot) -> out.set(slot, row.integer(i), 4);
        }

        @Override
        public Writer bigInt(DataType.BigIntType type) {
            return (row, i, out, slot) -> out.set(slot, row.integer(i), 8);
        }

        @Override
        public Writer floating(DataType.FloatType type) {
            return (row, i, out, slot) ->
                    out.set(slot, Float.floatToRawIntBits(row.floating(i)), 4);
        }

        @Override
        public Writer doubling(DataType.DoubleType type) {
            return (row, i, out, slot) ->
                    out.set(slot, Double.doubleToRawLongBits(row.doubling(i)), 8);
        }

        @Override
        public Writer character(DataType.CharType type) {
            return (row, i, out, slot) -> setBytes(row.bytes(i), out, slot);
        }

        @Override
        public Writer string(DataType.StringType type) {
            return (row, i, out, slot) -> setBytes(row.bytes(i), out, slot);
        }

        @Override
        public Writer binary(DataType.BinaryType type) {
            return (row, i, out, slot) -> setBytes(row.bytes(i), out, slot);
        }

        @Override
        public Writer bytes(DataType.BytesType type) {
            return (row, i, out, slot) -> setBytes(row.bytes(i), out, slot);
        }

        @Override
        public Writer decimal(DataType.DecimalType type) {
            return type.isCompact()
                    ? (row, i, out, slot) -> out.set(slot, row.unscaled(i).longValue(), 8)
                    : (row, i, out, slot) -> append(row.unscaled(i).toByteArray(), 16, out, slot);
        }

        @Override
        public Writer date(DataType.DateType type) {
            return (row, i, out, slot) -> out.set(slot, row.integer(i), 4);
        }

        @Override
        public Writer time(DataType.TimeType type) {
            return (row, i, out, slot) -> out.set(slot, row.integer(i), 4);
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
            throw KeyEncoder.unsupported(field, "a Paimon");
        }

        @Override
        public Writer map(DataType.MapType type) {
            throw KeyEncoder.unsupported(field, "a Paimon");
        }

        @Override
        public Writer row(DataType.RowType type) {
            throw KeyEncoder.unsupported(field, "a Paimon");
        }
    }
}
