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
import java.util.List;

/**
 * What rows whose fields stand back to back have in common: they are walked through once, which
 * finds what has a size and decodes what has none.
 */
abstract class SequentialReader implements RowValues {
    final FieldShape[] fields;
    private final NestedReader[] nested;
    final boolean[] isNull;

    /** The value of a field without a size, the place of one with a size. */
    final long[] words;

    /** The size of a field that has one, the nanoseconds of a timestamp. */
    final int[] sizes;

    ByteBuffer bytes = ByteBuffer.allocate(0);

    /** Where the walk stands, and where the row ends. */
    int at;

    int end;

    SequentialReader(List<FieldShape> fields) {
        this.fields = fields.toArray(FieldShape[]::new);
        this.nested = NestedReader.of(this.fields);
        this.isNull = new boolean[this.fields.length];
        this.words = new long[this.fields.length];
        this.sizes = new int[this.fields.length];
    }

    /** Reads the null bits; the walk stands behind them. */
    final void begin(ByteBuffer source, int start, int size) {
        this.bytes = source;
        this.at = start;
        this.end = start + size;
        int nulls = take((fields.length + 7) / 8);
        for (int i = 0; i < fields.length; i++) {
            isNull[i] = (source.get(nulls + (i >> 3)) >> (i & 7) & 1) != 0;
        }
    }

    /** Steps over bytes and gives the place of the first. */
    final int take(int count) {
        if (count < 0 || count > end - at) {
            throw CorruptRow.of(count + " bytes wanted, " + (end - at) + " are left");
        }
        int start = at;
        at += count;
        return start;
    }

    final void setSized(int field, int size) {
        words[field] = take(size);
        sizes[field] = size;
    }

    final void checkEnd() {
        if (at != end) {
            throw CorruptRow.of((end - at) + " bytes behind the last field");
        }
    }

    @Override
    public final boolean isNull(int column) {
        return isNull[column];
    }

    @Override
    public final boolean bool(int column) {
        return words[column] != 0;
    }

    @Override
    public final long integer(int column) {
        return words[column];
    }

    @Override
    public final float floating(int column) {
        return Float.intBitsToFloat((int) words[column]);
    }

    @Override
    public final double doubling(int column) {
        return Double.longBitsToDouble(words[column]);
    }

    @Override
    public final byte[] bytes(int column) {
        byte[] value = new byte[sizes[column]];
        copyBytes(column, value, 0);
        return value;
    }

    @Override
    public final int byteCount(int column) {
        return sizes[column];
    }

    @Override
    public final void copyBytes(int column, byte[] to, int position) {
        bytes.get((int) words[column], to, position, sizes[column]);
    }

    @Override
    public final BigInteger unscaled(int column) {
        return fields[column].kind() == FieldShape.Kind.DECIMAL
                ? BigInteger.valueOf(words[column])
                : new BigInteger(bytes(column));
    }

    @Override
    public final long unscaledLong(int column) {
        return words[column];
    }

    @Override
    public final long timestampMs(int column) {
        return words[column];
    }

    @Override
    public final int nanoOfMs(int column) {
        return sizes[column];
    }

    @Override
    public final ListValues elements(int column) {
        return nested[column].elements(bytes, (int) words[column], sizes[column]);
    }

    @Override
    public final ListValues keys(int column) {
        return nested[column].keys(bytes, (int) words[column], sizes[column]);
    }

    @Override
    public final ListValues values(int column) {
        return nested[column].values(bytes, (int) words[column], sizes[column]);
    }

    @Override
    public final RowValues row(int column) {
        return nested[column].row(bytes, (int) words[column], sizes[column]);
    }
}
