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
import io.fluss.types.DataType;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Refuses vectors that do not fit the table, before anything is buffered. Immutable, thread-safe.
 */
final class RowCheck {
    private final TableInfo table;
    private final boolean isIndexed;
    private final List<Field> expected;

    RowCheck(TableInfo table) {
        this.table = table;
        this.isIndexed = table.options().logFormat() == LogFormat.INDEXED;
        this.expected = ArrowSchemas.of(table.schema().rowType()).getFields();
    }

    /**
     * Passes rows that fit.
     *
     * @throws FlussException with INVALID_TABLE naming table, column and, for nulls, the row
     */
    void check(VectorSchemaRoot rows) {
        List<FieldVector> vectors = rows.getFieldVectors();
        List<Column> columns = table.schema().columns();
        if (vectors.size() != columns.size()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table.path()
                            + " has "
                            + columns.size()
                            + " columns, but the rows have "
                            + vectors.size());
        }
        for (int i = 0; i < columns.size(); i++) {
            check(columns.get(i), expected.get(i), vectors.get(i), rows.getRowCount());
        }
    }

    private void check(Column column, Field wanted, FieldVector vector, int rowCount) {
        if (!isSameType(wanted, vector.getField())) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table.path()
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
                            table.path()
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
                        table.path()
                                + ": column '"
                                + column.name()
                                + "' of type "
                                + type
                                + " takes that many bytes in the log format INDEXED, but row "
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
