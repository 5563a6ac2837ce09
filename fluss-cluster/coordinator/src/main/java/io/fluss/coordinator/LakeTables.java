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
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import java.util.Map;
import java.util.Optional;

/** Lake tables as the coordinator needs them. Calls block and are made on the I/O executor. */
public interface LakeTables {
    /**
     * Creates the lake table, or accepts one that is there and compatible.
     *
     * @param creatingFlussTable an existing lake table must then be empty
     * @throws io.fluss.errors.FlussException with LAKE_TABLE_ALREADY_EXIST or INVALID_TABLE
     */
    void create(TablePath path, TableDescriptor descriptor, boolean creatingFlussTable);

    /** Passes changed options on to the lake table; TABLE_NOT_EXIST if there is none. */
    default void alterOptions(TablePath path, Map<String, Optional<String>> changes) {
        throw unsupported(path);
    }

    /** Adds columns to the lake table unless it has them; TABLE_NOT_EXIST if there is none. */
    default void addColumns(TablePath path, TableDescriptor current, TableDescriptor target) {
        throw unsupported(path);
    }

    private static FlussException unsupported(TablePath path) {
        return ErrorReason.INVALID_ALTER_TABLE.exception(
                path + ": tables of this lake format cannot be altered");
    }
}
