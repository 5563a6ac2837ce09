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
package io.fluss.client.append;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.table.TablePath;
import io.fluss.types.DataType;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Refuses vectors that do not fit the table, before anything is buffered. Immutable, thread-safe.
 * Internal to the client.
 */
public final class RowCheck {
    private final TablePath path;
    private final List<Column> columns;
    private final boolean isIndexed;
    private final List<Field> expected;

    /**
     * For rows of some columns.
     *
     * @param isIndexed whether they become INDEXED rows
     */
    public RowCheck(TablePath path, List<Column> columns, boolean isIndexed) {
        this.path = path;
        this.columns = columns;
        this.isIndexed = isIndexed;
        this.expected =
                ArrowSchemas.of(
                                new DataType.RowType(
                                        columns.stream()
                                                .map(
                                                        c ->
                                                                new DataType.Field(
                                                                        c.name(),
                                                                        c.type(),
                                                                        c.comment(),
                                                                        c.id()))
                                                .toList(),
                                        false))
                        .getFields();
    }

    /** For whole rows of a log table. */
    static RowCheck ofLog(TableInfo table) {
        return new RowCheck(
                table.path(),
                table.schema().columns(),
                table.options().logFormat() == LogFormat.INDEXED);
    }

    /**
     * Passes rows that fit.
     *
     * @throws FlussException with INVALID_TABLE naming table, column and, for nulls, the row
     */
    public void check(VectorSchemaRoot rows) {
        List<FieldVector> vectors = rows.getFieldVectors();
        if (vectors.size() != columns.size()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path
                            + ": rows need the "
                            + columns.size()
                            + " columns "
                            + columns.stream().map(Column::name).toList()
                            + ", but have "
                            + vectors.size());
        }
        for (int i = 0; i < columns.size(); i++) {
            check(columns.get(i), expected.get(i), vectors.get(i), rows.getRowCount());
        }
    }

    private void check(Column column, Field wanted, FieldVector vector, int rowCount) {
        if (!isSameType(wanted, vector.getField())) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path
                            + ": column '"
                            + column.name()
                            + "' needs a vector of type "
                            + wanted
                            + ", but got "
                            + vector.getField());
        }
        if (isIndexed && column.type() instanceof DataType.CharType type) {
            checkFits(column, type, (VarCharVector) vector, rowCount);
        }
        if (!column.type().isNullable() && vector.getNullCount() > 0) {
            for (int row = 0; row < rowCount; row++) {
                if (vector.isNull(row)) {
                    throw ErrorReason.INVALID_TABLE.exception(
                            path
                                    + ": column '"
                                    + column.name()
                                    + "' is NOT NULL, but row "
                                    + row
                                    + " is null");
                }
            }
        }
    }

    /** INDEXED rows have room for the declared bytes only; other formats take any text. */
    private void checkFits(
            Column column, DataType.CharType type, VarCharVector vector, int rowCount) {
        for (int row = 0; row < rowCount; row++) {
            if (!vector.isNull(row) && vector.getValueLength(row) > type.length()) {
                throw ErrorReason.INVALID_TABLE.exception(
                        path
                                + ": column '"
                                + column.name()
                                + "' of type "
                                + type
                                + " takes that many bytes in the format INDEXED, but row "
                                + row
                                + " has "
                                + vector.getValueLength(row));
            }
        }
    }

    /** Names and nullability are not compared: neither is on the wire. */
    private static boolean isSameType(Field wanted, Field given) {
        if (!wanted.getType().equals(given.getType())
                || wanted.getChildren().size() != given.getChildren().size()) {
            return false;
        }
        for (int i = 0; i < wanted.getChildren().size(); i++) {
            if (!isSameType(wanted.getChildren().get(i), given.getChildren().get(i))) {
                return false;
            }
        }
        return true;
    }
}
