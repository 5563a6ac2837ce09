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
import io.fluss.table.TableOptions.KvFormat;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
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
    private final TablePath path;
    private final TableSchema given;
    private final int[] positions;
    private final int width;
    private final boolean isSubset;
    private final List<ValueConverter> converters;

    private RowConverter(TableInfo table, List<Integer> positions, boolean isIndexed) {
        this.path = table.path();
        this.positions = positions.stream().mapToInt(Integer::intValue).toArray();
        this.width = table.schema().columns().size();
        this.isSubset = positions.size() < width;
        List<Column> columns = positions.stream().map(table.schema().columns()::get).toList();
        this.given =
                new TableSchema(
                        columns, List.of(), Optional.empty(), table.schema().highestFieldId());
        this.converters = columns.stream().map(c -> converter(c.type(), isIndexed)).toList();
    }

    private static ValueConverter converter(DataType type, boolean isIndexed) {
        return isIndexed && type instanceof DataType.CharType text
                ? ValueConverter.boundedText(text)
                : ValueConverter.of(type);
    }

    /** For whole rows of a log table. */
    public static RowConverter of(TableInfo table) {
        return new RowConverter(
                table,
                IntStream.range(0, table.schema().columns().size()).boxed().toList(),
                table.options().logFormat() == LogFormat.INDEXED);
    }

    /**
     * For some columns of a table with a primary key. What it makes are rows of all columns, of
     * which the others are null.
     *
     * @param positions the columns in the order of the values that are given
     */
    public static RowConverter of(TableInfo table, List<Integer> positions) {
        return new RowConverter(table, positions, table.options().kvFormat() == KvFormat.INDEXED);
    }

    /** A row that fits, and about the bytes it takes. */
    public record Converted(RowValues values, long sizeBytes) {}

    /**
     * The row as values of the table's types.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN naming table, column, type and value
     */
    public Converted convert(GenericRow row) {
        @Nullable Object[] values = valuesOf(row);
        @Nullable Object[] converted = new Object[width];
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value != null) {
                converted[positions[i]] = convert(i, value);
            } else if (!column(i).type().isNullable()) {
                throw refused(column(i), "is NOT NULL, but the row has no value for it");
            }
        }
        JavaRow whole = new JavaRow(converted);
        return new Converted(whole, whole.size());
    }

    private @Nullable Object[] valuesOf(GenericRow row) {
        try {
            return row.valuesFor(given);
        } catch (FlussException e) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    path
                            + (isSubset ? " (only some columns are taken here): " : ": ")
                            + e.getMessage(),
                    e);
        }
    }

    private Object convert(int index, Object value) {
        try {
            return converters.get(index).convert(value);
        } catch (FlussException e) {
            throw refused(column(index), "of type " + column(index).type() + " " + e.getMessage());
        }
    }

    private Column column(int index) {
        return given.columns().get(index);
    }

    private FlussException refused(Column column, String what) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                path + ": column '" + column.name() + "' " + what);
    }
}
