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
package io.fluss.spark.write;

import io.fluss.errors.ErrorReason;
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Where each column of the table is in the rows that are written. Spark arranges the rows of a
 * batch; rows of a stream come as the query made them.
 *
 * @param ordinals per column of the table; -1: not written, so null
 */
record InputColumns(List<Integer> ordinals) implements Serializable {
    private static final long serialVersionUID = 1L;

    InputColumns {
        ordinals = List.copyOf(ordinals);
    }

    /**
     * Matches by name, without regard to case.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TARGET_COLUMN naming the column that is
     *     unknown, missing, or of another type
     */
    static InputColumns match(TableInfo table, StructType rows) {
        Map<String, Integer> byName = new HashMap<>();
        StructField[] given = rows.fields();
        for (int i = 0; i < given.length; i++) {
            if (byName.put(given[i].name().toLowerCase(Locale.ROOT), i) != null) {
                throw refused(table, given[i].name(), "is given twice");
            }
        }
        List<Integer> ordinals = new ArrayList<>();
        for (int i = 0; i < table.schema().columns().size(); i++) {
            Column c = table.schema().columns().get(i);
            Integer at = byName.remove(c.name().toLowerCase(Locale.ROOT));
            if (at == null && !c.type().isNullable()) {
                throw refused(table, c.name(), "is NOT NULL, but the rows do not have it");
            }
            DataType wanted = SparkTypes.of(c.type());
            if (at != null
                    && !DataType.equalsIgnoreCaseAndNullability(given[at].dataType(), wanted)) {
                throw refused(
                        table,
                        c.name(),
                        "is "
                                + wanted.sql()
                                + ", but the rows have "
                                + given[at].dataType().sql()
                                + "; add CAST(… AS "
                                + wanted.sql()
                                + ")");
            }
            ordinals.add(at == null ? -1 : at);
        }
        if (!byName.isEmpty()) {
            String name = given[byName.values().iterator().next()].name();
            throw refused(
                    table,
                    name,
                    "is not a column of the table; its columns are "
                            + table.schema().columnNames());
        }
        return new InputColumns(ordinals);
    }

    private static RuntimeException refused(TableInfo table, String column, String why) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                table.path() + ": column '" + column + "' " + why);
    }
}
