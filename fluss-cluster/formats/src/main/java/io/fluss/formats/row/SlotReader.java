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

import java.math.BigInteger;
import java.nio.ByteBuffer;

/** What aligned rows and arrays have in common: values are found by their slot, when asked for. */
abstract class SlotReader implements RowValues {
    ByteBuffer bytes = ByteBuffer.allocate(0);

    /** Start of the row or array, and its size. */
    int base;

    int size;

    abstract FieldShape shape(int column);

    abstract NestedReader nested(int column);

    abstract int slot(int column);

    /**
     * Checks what the slot of a value refers to. All values together may not be larger than what
     * holds them, or a few bytes that many slots refer to would become a lot of memory.
     *
     * @param room bytes that earlier values have left
     * @return bytes that are left now
     */
    final long checkSlot(int column, long room) {
        FieldShape shape = shape(column);
        if (!shape.kind().isOutside()) {
            return room;
        }
        int slot = slot(column);
        long word = bytes.getLong(slot);
        if (isText(shape) && word < 0) {
            int count = (int) (word >>> 56) & 0x7f;
            if (count > SlotEncoder.INLINE_MAX) {
                throw CorruptRow.of(count + " bytes in a slot");
            }
            return room;
        }
        long taken = (int) word;
        if (shape.kind() == FieldShape.Kind.NANO_INSTANT) {
            CorruptRow.nanoOfMs(taken, shape);
            taken = 8;
        } else if (shape.kind() == FieldShape.Kind.BIG_DECIMAL) {
            CorruptRow.checkDecimal((int) taken, shape);
        }
        long offset = word >> 32;
        if (offset < 0 || taken < 0 || offset > size - taken || taken > room) {
            throw CorruptRow.of(
                    "%s of %d bytes at byte %d of %d, with %d bytes left for it"
                            .formatted(shape.type(), taken, offset, size, room));
        }
        return room - taken;
    }

    private static boolean isText(FieldShape shape) {
        return switch (shape.kind()) {
            case CHAR, BINARY, BYTES -> true;
            case BOOL, INT8, INT16, INT32, INT64, FLOAT, DOUBLE, DECIMAL, BIG_DECIMAL -> false;
            case INSTANT, NANO_INSTANT, ARRAY, MAP, ROW -> false;
        };
    }

    private int place(int column) {
        return base + bytes.getInt(slot(column) + 4);
    }

    @Override
    public final boolean bool(int column) {
        return bytes.get(slot(column)) != 0;
    }

    @Override
    public final long integer(int column) {
        int slot = slot(column);
        return switch (shape(column).kind().slotWidth) {
            case 1 -> bytes.get(slot);
            case 2 -> bytes.getShort(slot);
            case 4 -> bytes.getInt(slot);
            default -> bytes.getLong(slot);
        };
    }

    @Override
    public final float floating(int column) {
        return bytes.getFloat(slot(column));
    }

    @Override
    public final double doubling(int column) {
        return bytes.getDouble(slot(column));
    }

    @Override
    public final byte[] bytes(int column) {
        byte[] value = new byte[byteCount(column)];
        copyBytes(column, value, 0);
        return value;
    }

    @Override
    public final int byteCount(int column) {
        long word = bytes.getLong(slot(column));
        return word < 0 ? (int) (word >>> 56) & 0x7f : (int) word;
    }

    @Override
    public final void copyBytes(int column, byte[] to, int at) {
        int slot = slot(column);
        boolean isInline = bytes.getLong(slot) < 0;
        bytes.get(isInline ? slot : place(column), to, at, byteCount(column));
    }

    @Override
    public final BigInteger unscaled(int column) {
        if (shape(column).kind() == FieldShape.Kind.DECIMAL) {
            return BigInteger.valueOf(unscaledLong(column));
        }
        byte[] value = new byte[bytes.getInt(slot(column))];
        bytes.get(place(column), value);
        return new BigInteger(value);
    }

    @Override
    public final long unscaledLong(int column) {
        return bytes.getLong(slot(column));
    }

    @Override
    public final long timestampMs(int column) {
        return shape(column).kind() == FieldShape.Kind.INSTANT
                ? bytes.getLong(slot(column))
                : bytes.getLong(place(column));
    }

    @Override
    public final int nanoOfMs(int column) {
        return shape(column).kind() == FieldShape.Kind.INSTANT ? 0 : bytes.getInt(slot(column));
    }

    @Override
    public final ListValues elements(int column) {
        return nested(column).elements(bytes, place(column), bytes.getInt(slot(column)));
    }

    @Override
    public final ListValues keys(int column) {
        return nested(column).keys(bytes, place(column), bytes.getInt(slot(column)));
    }

    @Override
    public final ListValues values(int column) {
        return nested(column).values(bytes, place(column), bytes.getInt(slot(column)));
    }

    @Override
    public final RowValues row(int column) {
        return nested(column).row(bytes, place(column), bytes.getInt(slot(column)));
    }
}
