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
import java.math.BigInteger;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Converted values of a row, a list, or one side of a map. Each is of the one class that {@link
 * RowConverter} makes for the type of its column.
 */
final class JavaRow implements ListValues {
    private static final int FIXED_SIZE = 9;
    private static final int VARIABLE_OVERHEAD = 5;

    private final @Nullable Object[] values;

    JavaRow(@Nullable Object[] values) {
        this.values = values;
    }

    /** A point in time. */
    record Moment(long ms, int nanoOfMs) {}

    /** Keys and values in the same order. */
    record Pairs(JavaRow keys, JavaRow values) {}

    private <T> T value(int column, Class<T> type) {
        return type.cast(Objects.requireNonNull(values[column]));
    }

    /** About the bytes that the values occupy. */
    long size() {
        long size = 0;
        for (Object v : values) {
            size += sizeOf(v);
        }
        return size;
    }

    private static long sizeOf(@Nullable Object v) {
        if (v instanceof byte[] bytes) {
            return (long) VARIABLE_OVERHEAD + bytes.length;
        }
        if (v instanceof JavaRow nested) {
            return VARIABLE_OVERHEAD + nested.size();
        }
        if (v instanceof Pairs pairs) {
            return VARIABLE_OVERHEAD + pairs.keys.size() + pairs.values.size();
        }
        return v instanceof BigInteger ? 2 * FIXED_SIZE : FIXED_SIZE;
    }

    @Override
    public int count() {
        return values.length;
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
        return value(column, Moment.class).ms;
    }

    @Override
    public int nanoOfMs(int column) {
        return value(column, Moment.class).nanoOfMs;
    }

    @Override
    public ListValues elements(int column) {
        return value(column, JavaRow.class);
    }

    @Override
    public ListValues keys(int column) {
        return value(column, Pairs.class).keys;
    }

    @Override
    public ListValues values(int column) {
        return value(column, Pairs.class).values;
    }

    @Override
    public RowValues row(int column) {
        return value(column, JavaRow.class);
    }
}
