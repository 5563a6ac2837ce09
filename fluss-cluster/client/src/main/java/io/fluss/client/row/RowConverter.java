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
import io.fluss.formats.row.RowValues;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes rows of Java values fit a table. Immutable, thread-safe.
 *
 * <table>
 *   <caption>What a column takes; anything else is refused, and so is a value out of range</caption>
 *   <tr><th>column</th><th>Java value</th></tr>
 *   <tr><td>BOOLEAN</td><td>Boolean</td></tr>
 *   <tr><td>TINYINT, SMALLINT, INT, BIGINT</td><td>Byte, Short, Integer, Long, BigInteger</td></tr>
 *   <tr><td>FLOAT, DOUBLE</td><td>Float, Double, whole numbers; for FLOAT only without loss</td></tr>
 *   <tr><td>DECIMAL</td><td>BigDecimal, whole numbers; only without loss of digits</td></tr>
 *   <tr><td>CHAR, STRING</td><td>CharSequence</td></tr>
 *   <tr><td>BINARY, BYTES</td><td>byte[], ByteBuffer</td></tr>
 *   <tr><td>DATE, TIME, TIMESTAMP</td><td>LocalDate, LocalTime, LocalDateTime</td></tr>
 *   <tr><td>TIMESTAMP_LTZ</td><td>Instant, OffsetDateTime, ZonedDateTime</td></tr>
 *   <tr><td>ARRAY</td><td>Collection, Object[] and arrays of primitives</td></tr>
 *   <tr><td>MAP</td><td>Map</td></tr>
 *   <tr><td>ROW</td><td>GenericRow, Row, or Map by field name</td></tr>
 * </table>
 *
 * Times are cut to the digits that the column keeps.
 */
public final class RowConverter {
    private final TableInfo table;
    private final List<ValueConverter> converters;

    private RowConverter(TableInfo table, List<ValueConverter> converters) {
        this.table = table;
        this.converters = converters;
    }

    public static RowConverter of(TableInfo table) {
        boolean isIndexed = table.options().logFormat() == LogFormat.INDEXED;
        List<ValueConverter> all = new ArrayList<>();
        for (Column c : table.schema().columns()) {
            all.add(
                    isIndexed && c.type() instanceof DataType.CharType type
                            ? ValueConverter.boundedText(type)
                            : ValueConverter.of(c.type()));
        }
        return new RowConverter(table, List.copyOf(all));
    }

    /** A row that fits, and about the bytes it takes. */
    public record Converted(RowValues values, long sizeBytes) {}

    /**
     * The row as values of the table's types.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN naming table, column, type and value
     */
    public Converted convert(GenericRow row) {
        @Nullable Object[] given = valuesOf(row);
        @Nullable Object[] converted = new Object[given.length];
        for (int i = 0; i < given.length; i++) {
            Object value = given[i];
            if (value != null) {
                converted[i] = convert(i, value);
            } else if (!column(i).type().isNullable()) {
                throw refused(column(i), "is NOT NULL, but the row has no value for it");
            }
        }
        JavaRow values = new JavaRow(converted);
        return new Converted(values, values.size());
    }

    private @Nullable Object[] valuesOf(GenericRow row) {
        try {
            return row.valuesFor(table.schema());
        } catch (FlussException e) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    table.path() + ": " + e.getMessage(), e);
        }
    }

    private Object convert(int position, Object value) {
        try {
            return converters.get(position).convert(value);
        } catch (FlussException e) {
            throw refused(
                    column(position), "of type " + column(position).type() + " " + e.getMessage());
        }
    }

    private Column column(int position) {
        return table.schema().columns().get(position);
    }

    private FlussException refused(Column column, String what) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                table.path() + ": column '" + column.name() + "' " + what);
    }
}
