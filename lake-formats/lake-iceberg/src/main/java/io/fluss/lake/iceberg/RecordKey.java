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
package io.fluss.lake.iceberg;

import io.fluss.formats.row.RowValues;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/** The key columns of a row that Iceberg has read, in the form of which keys are made. */
final class RecordKey implements RowValues {
    private static final long NANOS_PER_MS = 1_000_000;

    private @Nullable Record row;

    /** This, at another row. */
    RecordKey at(Record newRow) {
        this.row = newRow;
        return this;
    }

    private <T> T value(int column, Class<T> type) {
        T value = row == null ? null : row.get(column, type);
        if (value == null) {
            throw new IllegalStateException("key column " + column + " is null");
        }
        return value;
    }

    @Override
    public boolean isNull(int column) {
        return row == null || row.get(column) == null;
    }

    @Override
    public boolean bool(int column) {
        return value(column, Boolean.class);
    }

    @Override
    public long integer(int column) {
        Object value = value(column, Object.class);
        if (value instanceof LocalDate date) {
            return date.toEpochDay();
        }
        if (value instanceof LocalTime time) {
            return time.toNanoOfDay() / NANOS_PER_MS;
        }
        return ((Number) value).longValue();
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
        Object value = value(column, Object.class);
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public BigInteger unscaled(int column) {
        return value(column, BigDecimal.class).unscaledValue();
    }

    @Override
    public long timestampMs(int column) {
        return instant(column).toEpochMilli();
    }

    @Override
    public int nanoOfMs(int column) {
        return (int) (instant(column).get(ChronoField.NANO_OF_SECOND) % NANOS_PER_MS);
    }

    private Instant instant(int column) {
        Object value = value(column, Object.class);
        return value instanceof OffsetDateTime zoned
                ? zoned.toInstant()
                : ((LocalDateTime) value).toInstant(ZoneOffset.UTC);
    }
}
