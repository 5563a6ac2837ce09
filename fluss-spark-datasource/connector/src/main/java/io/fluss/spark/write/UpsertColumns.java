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
import io.fluss.spark.write.UpsertTarget.Columns;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Which columns of a table with a primary key rows write. Pure functions. */
final class UpsertColumns {
    static final String CHANGE_TYPE = "_change_type";

    private UpsertColumns() {}

    /**
     * Matches by name, without regard to case. A column that the rows do not have is null, unless
     * only some columns are wanted.
     *
     * @param wanted names of the columns to write, the others stay as they are; empty for all but
     *     the one whose values the cluster gives
     * @throws io.fluss.errors.FlussException with INVALID_TARGET_COLUMN naming the column that is
     *     unknown, missing, or of another type
     */
    static Columns match(TableInfo table, StructType rows, Optional<List<String>> wanted) {
        List<Column> all = table.schema().columns();
        int changeType = changeType(table, rows);
        List<Integer> ordinals =
                InputColumns.match(table, changeType < 0 ? rows : without(rows, changeType))
                        .ordinals();
        List<Integer> positions = positions(table, wanted);
        List<Integer> chosen = new ArrayList<>();
        for (int position : positions) {
            int ordinal = ordinals.get(position);
            if (ordinal < 0 && wanted.isPresent()) {
                throw refused(
                        table,
                        all.get(position).name(),
                        "shall be written, but the rows do not have it");
            }
            chosen.add(changeType >= 0 && ordinal >= changeType ? ordinal + 1 : ordinal);
        }
        return new Columns(positions, chosen, changeType);
    }

    /** Where the primary key is in row ids, in key order. */
    static List<Integer> key(TableInfo table, StructType id) {
        return table.schema().primaryKey().stream().map(id::fieldIndex).toList();
    }

    private static List<Integer> positions(TableInfo table, Optional<List<String>> wanted) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < table.schema().columns().size(); i++) {
            String name = table.schema().columns().get(i).name();
            boolean isGiven = table.schema().autoIncrementColumn().filter(name::equals).isPresent();
            if (wanted.isEmpty()
                    ? !isGiven
                    : wanted.get().stream().anyMatch(name::equalsIgnoreCase)) {
                positions.add(i);
            }
        }
        for (String name : wanted.orElse(List.of())) {
            if (table.schema().columnNames().stream().noneMatch(name::equalsIgnoreCase)) {
                throw refused(
                        table,
                        name,
                        "is not a column of the table; its columns are "
                                + table.schema().columnNames());
            }
        }
        return positions;
    }

    private static int changeType(TableInfo table, StructType rows) {
        StructField[] fields = rows.fields();
        for (int i = 0; i < fields.length; i++) {
            if (fields[i].name().toLowerCase(Locale.ROOT).equals(CHANGE_TYPE)) {
                if (!(fields[i].dataType() instanceof StringType)) {
                    throw refused(
                            table,
                            CHANGE_TYPE,
                            "must be STRING, but the rows have " + fields[i].dataType().sql());
                }
                return i;
            }
        }
        return -1;
    }

    private static StructType without(StructType rows, int ordinal) {
        StructType out = new StructType();
        for (int i = 0; i < rows.length(); i++) {
            out = i == ordinal ? out : out.add(rows.apply(i));
        }
        return out;
    }

    private static RuntimeException refused(TableInfo table, String column, String why) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                table.path() + ": column '" + column + "' " + why);
    }
}
