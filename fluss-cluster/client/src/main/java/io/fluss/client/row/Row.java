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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row that was read, as Java values by position or by column name. Immutable as long as nobody
 * changes the arrays that it hands out; independent of the scanner it comes from.
 *
 * <p>{@link #get(int)} gives the natural Java class of the type: Boolean, Byte, Short, Integer,
 * Long, Float, Double, String, byte[], BigDecimal, LocalDate, LocalTime, LocalDateTime (TIMESTAMP),
 * Instant (TIMESTAMP_LTZ), List, Map, Row. The typed methods also widen whole numbers.
 */
public final class Row {
    private final DataType.RowType type;
    private final @Nullable Object[] values;

    Row(DataType.RowType type, @Nullable Object[] values) {
        this.type = type;
        this.values = values;
    }

    /** The columns of the row. */
    public DataType.RowType type() {
        return type;
    }

    public int columnCount() {
        return values.length;
    }

    @Nullable Object[] values() {
        return values;
    }

    /**
     * Position of a column, from 0.
     *
     * @throws FlussException with INVALID_COLUMN_PROJECTION if there is none of that name
     */
    public int positionOf(String column) {
        List<DataType.Field> fields = type.fields();
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(column)) {
                return i;
            }
        }
        throw ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                "the row has no column '"
                        + column
                        + "'; columns are "
                        + fields.stream().map(DataType.Field::name).toList());
    }

    public boolean isNull(int column) {
        return values[checked(column)] == null;
    }

    public boolean isNull(String column) {
        return isNull(positionOf(column));
    }

    /** The value of a column; null if it is null. */
    public @Nullable Object get(int column) {
        return values[checked(column)];
    }

    public @Nullable Object get(String column) {
        return get(positionOf(column));
    }

    public boolean getBoolean(int column) {
        return as(Boolean.class, column, "getBoolean");
    }

    public boolean getBoolean(String column) {
        return getBoolean(positionOf(column));
    }

    /** TINYINT, SMALLINT, INT. */
    public int getInt(int column) {
        Object value = notNull(column);
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).intValue();
        }
        throw wrong(column, "getInt");
    }

    public int getInt(String column) {
        return getInt(positionOf(column));
    }

    /** TINYINT, SMALLINT, INT, BIGINT. */
    public long getLong(int column) {
        return notNull(column) instanceof Long value ? value : getInt(column);
    }

    public long getLong(String column) {
        return getLong(positionOf(column));
    }

    public float getFloat(int column) {
        return as(Float.class, column, "getFloat");
    }

    public float getFloat(String column) {
        return getFloat(positionOf(column));
    }

    /** FLOAT, DOUBLE. */
    public double getDouble(int column) {
        return notNull(column) instanceof Float value
                ? value
                : as(Double.class, column, "getDouble");
    }

    public double getDouble(String column) {
        return getDouble(positionOf(column));
    }

    public String getString(int column) {
        return as(String.class, column, "getString");
    }

    public String getString(String column) {
        return getString(positionOf(column));
    }

    public byte[] getBytes(int column) {
        return as(byte[].class, column, "getBytes");
    }

    public byte[] getBytes(String column) {
        return getBytes(positionOf(column));
    }

    public BigDecimal getDecimal(int column) {
        return as(BigDecimal.class, column, "getDecimal");
    }

    public BigDecimal getDecimal(String column) {
        return getDecimal(positionOf(column));
    }

    public LocalDate getDate(int column) {
        return as(LocalDate.class, column, "getDate");
    }

    public LocalDate getDate(String column) {
        return getDate(positionOf(column));
    }

    public LocalTime getTime(int column) {
        return as(LocalTime.class, column, "getTime");
    }

    public LocalTime getTime(String column) {
        return getTime(positionOf(column));
    }

    /** TIMESTAMP. */
    public LocalDateTime getTimestamp(int column) {
        return as(LocalDateTime.class, column, "getTimestamp");
    }

    public LocalDateTime getTimestamp(String column) {
        return getTimestamp(positionOf(column));
    }

    /** TIMESTAMP_LTZ. */
    public Instant getInstant(int column) {
        return as(Instant.class, column, "getInstant");
    }

    public Instant getInstant(String column) {
        return getInstant(positionOf(column));
    }

    /** ARRAY; null elements are null. */
    @SuppressWarnings("unchecked") // Lists are made by RowReading only.
    public List<@Nullable Object> getList(int column) {
        return (List<@Nullable Object>) as(List.class, column, "getList");
    }

    public List<@Nullable Object> getList(String column) {
        return getList(positionOf(column));
    }

    /** MAP, in its order; null values are null. */
    @SuppressWarnings("unchecked") // Maps are made by RowReading only.
    public Map<Object, @Nullable Object> getMap(int column) {
        return (Map<Object, @Nullable Object>) as(Map.class, column, "getMap");
    }

    public Map<Object, @Nullable Object> getMap(String column) {
        return getMap(positionOf(column));
    }

    public Row getRow(int column) {
        return as(Row.class, column, "getRow");
    }

    public Row getRow(String column) {
        return getRow(positionOf(column));
    }

    /** The row by column name, in the order of its columns; nested rows stay rows. */
    public Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            map.put(type.fields().get(i).name(), values[i]);
        }
        return map;
    }

    private <T> T as(Class<T> wanted, int column, String method) {
        Object value = notNull(column);
        if (!wanted.isInstance(value)) {
            throw wrong(column, method);
        }
        return wanted.cast(value);
    }

    private Object notNull(int column) {
        Object value = values[checked(column)];
        if (value == null) {
            throw ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                    "column '" + name(column) + "' is null; ask isNull first");
        }
        return value;
    }

    private int checked(int column) {
        if (column < 0 || column >= values.length) {
            throw ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                    "column position " + column + " is not in 0 to " + (values.length - 1));
        }
        return column;
    }

    private FlussException wrong(int column, String method) {
        return ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                "column '"
                        + name(column)
                        + "' is of type "
                        + type.fields().get(column).type()
                        + ", which "
                        + method
                        + " does not read");
    }

    private String name(int column) {
        return type.fields().get(column).name();
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Row other
                && type.equals(other.type)
                && Arrays.deepEquals(values, other.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, Arrays.deepHashCode(values));
    }

    /** The values by name, bytes as their number. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            text.append(i == 0 ? "" : ", ")
                    .append(name(i))
                    .append('=')
                    .append(value instanceof byte[] b ? b.length + " bytes" : value);
        }
        return text.append('}').toString();
    }
}
