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

/**
 * The values of one row, or the elements of one list, by position. A method is only called for
 * columns of the types it names, and only if {@link #isNull} is false. An implementation may be a
 * view that moves from row to row; then what it hands out is valid until it moves, and a nested
 * value until the next nested value of the same column is asked for.
 */
public interface RowValues {
    boolean isNull(int column);

    /** BOOLEAN. */
    boolean bool(int column);

    /** TINYINT, SMALLINT, INT, BIGINT; DATE as days since 1970-01-01; TIME as ms of the day. */
    long integer(int column);

    /** FLOAT. */
    float floating(int column);

    /** DOUBLE. */
    double doubling(int column);

    /** CHAR and STRING as UTF-8, BINARY and BYTES. The array is not changed by its reader. */
    byte[] bytes(int column);

    /** The size of {@link #bytes}. */
    default int byteCount(int column) {
        return bytes(column).length;
    }

    /** Puts {@link #bytes} into an array that has room for them, without one of its own. */
    default void copyBytes(int column, byte[] to, int at) {
        byte[] value = bytes(column);
        System.arraycopy(value, 0, to, at, value.length);
    }

    /** DECIMAL: the unscaled value at the scale of the column. */
    BigInteger unscaled(int column);

    /** DECIMAL of at most 18 digits: the unscaled value at the scale of the column. */
    default long unscaledLong(int column) {
        return unscaled(column).longValue();
    }

    /** TIMESTAMP and TIMESTAMP_LTZ: milliseconds since 1970-01-01T00:00, rounded down. */
    long timestampMs(int column);

    /** TIMESTAMP and TIMESTAMP_LTZ: the rest below {@link #timestampMs}, 0..999999. */
    int nanoOfMs(int column);

    /** ARRAY. Sources of keys and partition names, which have no nested columns, lack it. */
    default ListValues elements(int column) {
        throw new UnsupportedOperationException("no ARRAY columns here");
    }

    /** MAP: the keys, as many as {@link #values}. */
    default ListValues keys(int column) {
        throw new UnsupportedOperationException("no MAP columns here");
    }

    /** MAP: the values in the order of {@link #keys}. */
    default ListValues values(int column) {
        throw new UnsupportedOperationException("no MAP columns here");
    }

    /** ROW. */
    default RowValues row(int column) {
        throw new UnsupportedOperationException("no ROW columns here");
    }
}
