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

import java.math.BigInteger;

/**
 * The values of one row that keys and partition names are made of, by position. A method is only
 * called for columns of the types it names, and only if {@link #isNull} is false.
 */
public interface KeyRow {
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

    /** DECIMAL: the unscaled value at the scale of the column. */
    BigInteger unscaled(int column);

    /** TIMESTAMP and TIMESTAMP_LTZ: milliseconds since 1970-01-01T00:00, rounded down. */
    long timestampMs(int column);

    /** TIMESTAMP and TIMESTAMP_LTZ: the rest below {@link #timestampMs}, 0..999999. */
    int nanoOfMs(int column);
}
