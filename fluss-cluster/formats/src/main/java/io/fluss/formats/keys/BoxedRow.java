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

import io.fluss.formats.row.RowValues;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A row of values that stand as objects: Boolean, Long for all integers, dates and times, Float,
 * Double, byte arrays, BigInteger for decimals, {@link Instant}. For the few values of keys and
 * partition names, not for rows of data.
 */
final class BoxedRow implements RowValues {
    private final @Nullable Object[] values;

    /** A timestamp. */
    record Instant(long ms, int nanoOfMs) {}

    BoxedRow(@Nullable Object... values) {
        this.values = values;
    }

    private <T> T value(int column, Class<T> type) {
        Object value = values[column];
        if (value == null) {
            throw new IllegalStateException("column " + column + " is null");
        }
        return type.cast(value);
    }

    @Override
    public boolean isNull(int column) {
        return values[column] == null;
    }

    @Override
    public boolean bool(int column) {
        return value(column, Boolean.class);
    }

    @Override
    public long integer(int column) {
        return value(column, Long.class);
    }

    @Override
    public float floating(int column) {
        return value(column, Float.class);
    }

    @Override
    public double doubling(int column) {
        return value(column, Double.class);
    }

    @Override
    public byte[] bytes(int column) {
        return value(column, byte[].class);
    }

    @Override
    public BigInteger unscaled(int column) {
        return value(column, BigInteger.class);
    }

    @Override
    public long timestampMs(int column) {
        return value(column, Instant.class).ms();
    }

    @Override
    public int nanoOfMs(int column) {
        return value(column, Instant.class).nanoOfMs();
    }
}
