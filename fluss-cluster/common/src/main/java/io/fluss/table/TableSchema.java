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
package io.fluss.table;

import io.fluss.errors.ErrorReason;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Columns and primary key of a table. Immutable. Primary key columns are NOT NULL, and every column
 * and every field of a nested row has an id: one counter, depth first (data formats document,
 * section 7.1).
 *
 * @param columns in the order of the table
 * @param primaryKey names in key order; empty for a log table
 * @param autoIncrementColumn at most one, in tables with a primary key
 * @param highestFieldId the last id that was ever given, -1 for no columns
 */
public record TableSchema(
        List<Column> columns,
        List<String> primaryKey,
        Optional<String> autoIncrementColumn,
        int highestFieldId) {

    public TableSchema {
        primaryKey = List.copyOf(primaryKey);
        Set<String> names = new HashSet<>();
        for (Column c : columns) {
            if (!names.add(c.name())) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "column '" + c.name() + "' is declared twice");
            }
        }
        Set<String> keys = new HashSet<>();
        for (String k : primaryKey) {
            if (!names.contains(k)) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "primary key column '" + k + "' does not exist; columns are " + names);
            }
            if (!keys.add(k)) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "primary key column '" + k + "' is named twice");
            }
        }
        columns =
                columns.stream()
                        .map(c -> keys.contains(c.name()) ? c.withType(c.type().notNull()) : c)
                        .toList();
    }

    /** A schema with ids given from 0; the columns and nested fields must not have ids yet. */
    public static TableSchema of(List<Column> columns, List<String> primaryKey) {
        FieldIds ids = new FieldIds(0);
        List<Column> numbered = columns.stream().map(ids::assign).toList();
        return new TableSchema(numbered, primaryKey, Optional.empty(), ids.last());
    }

    /** A log table's schema with ids given from 0. */
    public static TableSchema of(Column... columns) {
        return of(List.of(columns), List.of());
    }

    public boolean hasPrimaryKey() {
        return !primaryKey.isEmpty();
    }

    public List<String> columnNames() {
        return columns.stream().map(Column::name).toList();
    }

    /**
     * Position of a column, from 0; empty if there is none of that name (names are case-sensitive).
     */
    public OptionalInt positionOf(String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /** The column of that name, or an error that lists what there is. */
    public Column column(String name) {
        return columns.get(
                positionOf(name)
                        .orElseThrow(
                                () ->
                                        ErrorReason.INVALID_TABLE.exception(
                                                "column '"
                                                        + name
                                                        + "' does not exist; columns are "
                                                        + columnNames())));
    }

    /** The columns as the type of a row. */
    public DataType.RowType rowType() {
        return new DataType.RowType(
                columns.stream()
                        .map(c -> new DataType.Field(c.name(), c.type(), c.comment(), c.id()))
                        .toList(),
                false);
    }

    /** This schema with columns added at the end; they get the next ids. */
    public TableSchema plus(List<Column> added) {
        FieldIds ids = new FieldIds(highestFieldId + 1);
        List<Column> all = new ArrayList<>(columns);
        added.forEach(c -> all.add(ids.assign(c)));
        return new TableSchema(
                all, primaryKey, autoIncrementColumn, Math.max(highestFieldId, ids.last()));
    }
}
