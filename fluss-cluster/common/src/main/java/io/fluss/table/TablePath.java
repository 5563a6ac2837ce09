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

/** Database and table name. Names are not checked here, see {@link Names}. */
public record TablePath(String database, String table)
        implements Comparable<TablePath>, java.io.Serializable {
    private static final long serialVersionUID = 1L;

    public static TablePath of(String database, String table) {
        return new TablePath(database, table);
    }

    /** Reads {@code database.table}. */
    public static TablePath parse(String text) {
        int dot = text.indexOf('.');
        if (dot <= 0 || dot == text.length() - 1 || text.indexOf('.', dot + 1) >= 0) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "'" + text + "' is not a table name; write it as database.table");
        }
        return new TablePath(text.substring(0, dot), text.substring(dot + 1));
    }

    @Override
    public int compareTo(TablePath o) {
        int c = database.compareTo(o.database);
        return c != 0 ? c : table.compareTo(o.table);
    }

    @Override
    public String toString() {
        return database + "." + table;
    }
}
