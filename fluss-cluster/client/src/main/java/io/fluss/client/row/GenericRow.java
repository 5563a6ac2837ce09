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
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A row to write, as Java values by position or by name. Immutable, though the values in it may not
 * be: they are read when the row is appended. Which Java types a column takes is in {@link
 * RowConverter}; a column that is not named is null.
 */
public final class GenericRow {
    private final @Nullable Object[] values;
    private final Map<String, @Nullable Object> byName;
    private final boolean isNamed;

    private GenericRow(
            @Nullable Object[] values, Map<String, @Nullable Object> byName, boolean isNamed) {
        this.values = values;
        this.byName = byName;
        this.isNamed = isNamed;
    }

    /** A value for each column, in the order of the table. */
    public static GenericRow of(@Nullable Object... values) {
        return new GenericRow(values.clone(), Map.of(), false);
    }

    /** Values by column name. */
    public static GenericRow named(Map<String, ? extends @Nullable Object> values) {
        return new GenericRow(new Object[0], new LinkedHashMap<>(values), true);
    }

    /** A row without values, to be filled with {@link #with}. */
    public static GenericRow named() {
        return named(Map.of());
    }

    /** This row with another value for a column. */
    public GenericRow with(String column, @Nullable Object value) {
        if (!isNamed) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    "column '" + column + "' is set by name in a row that was made by position");
        }
        Map<String, @Nullable Object> all = new LinkedHashMap<>(byName);
        all.put(column, value);
        return new GenericRow(values, all, true);
    }

    /** The values in the order of a schema. */
    @Nullable Object[] valuesFor(TableSchema schema) {
        return isNamed ? arranged(schema) : checked(schema);
    }

    /** The values in the order of the fields of a nested row. */
    @Nullable Object[] valuesOf(DataType.RowType type) {
        if (isNamed) {
            return ValueConverter.RowFields.byName(type, byName);
        }
        if (values.length != type.fields().size()) {
            throw ValueRefused.of(
                    "has " + type.fields().size() + " fields, but got " + values.length);
        }
        return values;
    }

    private @Nullable Object[] checked(TableSchema schema) {
        if (values.length != schema.columns().size()) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    "the row has "
                            + values.length
                            + " values, but the table has "
                            + schema.columns().size()
                            + " columns: "
                            + schema.columnNames());
        }
        return values;
    }

    private @Nullable Object[] arranged(TableSchema schema) {
        @Nullable Object[] arranged = new Object[schema.columns().size()];
        byName.forEach(
                (name, value) -> {
                    OptionalInt position = schema.positionOf(name);
                    if (position.isEmpty()) {
                        throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                                "column '"
                                        + name
                                        + "' does not exist; columns are "
                                        + schema.columnNames());
                    }
                    arranged[position.getAsInt()] = value;
                });
        return arranged;
    }

    @Override
    public String toString() {
        return isNamed ? byName.toString() : Arrays.toString(values);
    }
}
