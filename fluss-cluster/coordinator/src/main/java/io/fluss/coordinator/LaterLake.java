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
package io.fluss.coordinator;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import java.util.List;

/**
 * The lake of a table that exists already is switched on, maybe not for the first time. Columns
 * that were added to the table while its lake was off are added to the lake table then.
 */
final class LaterLake {
    private final LakeTables lakes;
    private final TablePath path;
    private final TableDescriptor table;

    LaterLake(LakeTables lakes, TablePath path, TableDescriptor table) {
        this.lakes = lakes;
        this.path = path;
        this.table = table;
    }

    /** Creates the lake table, or makes the one that is there fit. */
    void create() {
        try {
            lakes.create(path, table, false);
        } catch (FlussException e) {
            if (e.reason() != ErrorReason.LAKE_TABLE_ALREADY_EXIST || !addMissingColumns()) {
                throw e;
            }
            lakes.create(path, table, false);
        }
    }

    /** How many columns are missing only the lake tells, by accepting what was there before. */
    private boolean addMissingColumns() {
        List<Column> columns = table.schema().columns();
        for (int known = columns.size() - 1; known > 0 && isAdded(columns.get(known)); known--) {
            try {
                lakes.addColumns(path, with(columns.subList(0, known)), table);
                return true;
            } catch (FlussException e) {
                if (e.reason() != ErrorReason.INVALID_ALTER_TABLE) {
                    throw e;
                }
            }
        }
        return false;
    }

    private boolean isAdded(Column c) {
        return c.type().isNullable()
                && !table.partitionKeys().contains(c.name())
                && !table.bucketKeys().contains(c.name());
    }

    private TableDescriptor with(List<Column> columns) {
        TableSchema s = table.schema();
        return new TableDescriptor(
                new TableSchema(
                        columns, s.primaryKey(), s.autoIncrementColumn(), s.highestFieldId()),
                table.comment(),
                table.partitionKeys(),
                table.bucketKeys(),
                table.bucketCount(),
                table.properties(),
                table.customProperties());
    }
}
