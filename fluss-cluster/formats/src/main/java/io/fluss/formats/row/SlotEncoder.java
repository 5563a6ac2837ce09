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
package io.fluss.formats.row;

import io.fluss.formats.row.FieldShape.Kind;
import java.math.BigInteger;

/**
 * Writes one column of aligned rows, or the elements of one array type, into slots; what does not
 * fit into a slot goes to the end, and the slot says where, counted from the start of the row or
 * array.
 */
final class SlotEncoder {
    /** Bytes of text that a slot holds itself, with their count in the last byte of the slot. */
    static final int INLINE_MAX = 7;

    static final int INLINE_MARK = 0x80;

    /** What a decimal takes up outside of its slot, whatever its value. */
    static final int BIG_DECIMAL_SIZE = 16;

    private final Kind kind;
    private final FieldShape shape;
    private final NestedEncoder nested;
    private final boolean inArray;

    /**
     * @param inArray whether NaN loses its payload, as it does in arrays only
     */
    SlotEncoder(FieldShape shape, boolean inArray) {
        this.kind = shape.kind();
        this.shape = shape;
        this.nested = NestedEncoder.of(shape);
        this.inArray = inArray;
    }

    void encode(RowValues row, int column, RowBytes out, int base, int slot) {
        switch (kind) {
            case BOOL -> out.set1(slot, row.bool(column) ? 1 : 0);
            case INT8 -> out.set1(slot, (int) row.integer(column));
            case INT16 -> out.set2(slot, (int) row.integer(column));
            case INT32 -> out.set4(slot, (int) row.integer(column));
            case INT64 -> out.set8(slot, row.integer(column));
            case FLOAT -> out.set4(slot, bits(row.floating(column)));
            case DOUBLE -> out.set8(slot, bits(row.doubling(column)));
            case CHAR, BINARY, BYTES -> text(row, column, out, base, slot);
            case DECIMAL -> out.set8(slot, row.unscaledLong(column));
            case BIG_DECIMAL -> decimal(row.unscaled(column), out, base, slot);
            case INSTANT -> out.set8(slot, row.timestampMs(column));
            case NANO_INSTANT -> {
                refer(out, base, slot, row.nanoOfMs(column));
                out.put8(row.timestampMs(column));
            }
            case ARRAY, MAP, ROW -> {
                int at = out.size();
                nested.encode(row, column, out);
                int size = out.size() - at;
                out.set8(slot, (long) (at - base) << 32 | size);
                pad(out, size);
            }
        }
    }

    private int bits(float value) {
        return inArray ? Float.floatToIntBits(value) : Float.floatToRawIntBits(value);
    }

    private long bits(double value) {
        return inArray ? Double.doubleToLongBits(value) : Double.doubleToRawLongBits(value);
    }

    private static void text(RowValues row, int column, RowBytes out, int base, int slot) {
        int count = row.byteCount(column);
        if (count <= INLINE_MAX) {
            out.setBytes(slot, row, column);
            out.set1(slot + INLINE_MAX, INLINE_MARK | count);
        } else {
            refer(out, base, slot, count);
            out.putBytes(row, column, count);
            pad(out, count);
        }
    }

    private void decimal(BigInteger unscaled, RowBytes out, int base, int slot) {
        byte[] bytes = unscaled.toByteArray();
        if (bytes.length > BIG_DECIMAL_SIZE) {
            throw RowEncoder.tooLong(bytes.length, shape);
        }
        refer(out, base, slot, bytes.length);
        out.put(bytes);
        out.skip(BIG_DECIMAL_SIZE - bytes.length);
    }

    private static void refer(RowBytes out, int base, int slot, int low) {
        out.set8(slot, (long) (out.size() - base) << 32 | low);
    }

    private static void pad(RowBytes out, int count) {
        out.skip(-count & 7);
    }
}
