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
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.MergeEngine;
import io.fluss.table.TableSchema;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The columns that a writer of a table with a primary key writes; the rules are in the table
 * semantics document, section 7.2. Immutable.
 *
 * @param positions in the order of the rows that are given
 * @param targets what the server is told: ascending, or empty for all columns
 */
record WrittenColumns(List<Integer> positions, List<Integer> targets) {

    /**
     * Checks the wish of a caller.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN naming table, column and reason
     */
    static WrittenColumns of(TableInfo table, UpsertOptions options) {
        TableSchema schema = table.schema();
        List<Integer> all = IntStream.range(0, schema.columns().size()).boxed().toList();
        if (options.columns().isEmpty()) {
            schema.autoIncrementColumn().ifPresent(c -> refuseAutoIncrement(table, c));
            return new WrittenColumns(all, List.of());
        }
        List<String> names = options.columns().get();
        List<Integer> positions = names.stream().map(n -> position(table, n)).toList();
        if (new HashSet<>(names).size() < names.size()) {
            throw refused(table, "target columns " + names + " name a column twice");
        }
        checkKey(table, names);
        schema.autoIncrementColumn()
                .filter(names::contains)
                .ifPresent(c -> refuseAutoIncrement(table, c));
        if (positions.size() == all.size()) {
            return new WrittenColumns(positions, List.of());
        }
        checkOthersNullable(table);
        checkEngine(table, options.mode());
        return new WrittenColumns(positions, positions.stream().sorted().toList());
    }

    boolean isPartial() {
        return !targets.isEmpty();
    }

    private static int position(TableInfo table, String name) {
        return table.schema()
                .positionOf(name)
                .orElseThrow(
                        () ->
                                refused(
                                        table,
                                        "target column '"
                                                + name
                                                + "' does not exist; columns are "
                                                + table.schema().columnNames()));
    }

    private static void checkKey(TableInfo table, List<String> names) {
        for (String key : table.schema().primaryKey()) {
            if (!names.contains(key)) {
                throw refused(
                        table,
                        "target columns "
                                + names
                                + " lack '"
                                + key
                                + "' of the primary key "
                                + table.schema().primaryKey());
            }
        }
    }

    private static void checkOthersNullable(TableInfo table) {
        TableSchema schema = table.schema();
        for (Column c : schema.columns()) {
            boolean isExempt =
                    schema.primaryKey().contains(c.name())
                            || schema.autoIncrementColumn().filter(c.name()::equals).isPresent();
            if (!isExempt && !c.type().isNullable()) {
                throw refused(
                        table,
                        "some columns can only be written by themselves if all but the primary key"
                                + " are nullable, but column '"
                                + c.name()
                                + "' is NOT NULL; write whole rows");
            }
        }
    }

    private static void checkEngine(TableInfo table, MergeMode mode) {
        if (mode == MergeMode.DEFAULT) {
            table.options()
                    .mergeEngine()
                    .filter(e -> e == MergeEngine.FIRST_ROW || e == MergeEngine.VERSIONED)
                    .ifPresent(
                            e -> {
                                throw refused(
                                        table,
                                        "the merge engine "
                                                + e
                                                + " takes whole rows only, no target columns");
                            });
        }
    }

    private static void refuseAutoIncrement(TableInfo table, String column) {
        throw refused(
                table,
                "column '"
                        + column
                        + "' counts by itself and cannot be written; name the other columns as"
                        + " target columns");
    }

    private static FlussException refused(TableInfo table, String problem) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(table.path() + ": " + problem);
    }
}
