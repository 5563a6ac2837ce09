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
package io.fluss.kv;

import io.fluss.errors.ErrorReason;
import io.fluss.table.TableSchema;
import java.util.BitSet;
import java.util.List;

/** The columns that a writer sets, by position, of a table's latest schema. */
record TargetColumns(BitSet positions, BitSet keys, int columns) {

    /**
     * Checks what a request names.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TARGET_COLUMN
     */
    static TargetColumns of(String table, TableSchema schema, List<Integer> named) {
        BitSet positions = new BitSet();
        for (int p : named) {
            if (p < 0 || p >= schema.columns().size()) {
                throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                        table
                                + ": there is no column at position "
                                + p
                                + ", the table has "
                                + schema.columns().size());
            }
            positions.set(p);
        }
        BitSet keys = new BitSet();
        for (String k : schema.primaryKey()) {
            int p = schema.positionOf(k).orElseThrow();
            keys.set(p);
            if (!positions.get(p)) {
                throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                        table
                                + ": the target columns must contain the primary key "
                                + schema.primaryKey()
                                + ", '"
                                + k
                                + "' is missing");
            }
        }
        for (int p = 0; p < schema.columns().size(); p++) {
            var column = schema.columns().get(p);
            boolean increments =
                    schema.autoIncrementColumn().filter(column.name()::equals).isPresent();
            if (increments && positions.get(p)) {
                throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                        table
                                + ": the cluster fills in the auto-increment column '"
                                + column.name()
                                + "'; leave it out of the target columns");
            }
            if (!increments && !keys.get(p) && !column.type().isNullable()) {
                throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                        table
                                + ": partial updates need nullable columns, '"
                                + column.name()
                                + "' is NOT NULL; write whole rows");
            }
        }
        return new TargetColumns(positions, keys, schema.columns().size());
    }

    boolean contains(int column) {
        return positions.get(column);
    }

    boolean isKey(int column) {
        return keys.get(column);
    }

    /** Whether every column is named, as in a write of whole rows. */
    boolean isAll() {
        return positions.cardinality() == columns;
    }

    boolean isKeysOnly() {
        return positions.cardinality() == keys.cardinality();
    }
}
