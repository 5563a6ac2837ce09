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
package io.fluss.lake;

import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import java.util.Map;
import java.util.Optional;

/** The tables of a lake. Thread-safe. */
public interface LakeCatalog extends AutoCloseable {
    /**
     * Creates the lake table of a Fluss table, with its database. An existing table is accepted
     * only if it is compatible and, when a Fluss table is being created, has no snapshot yet
     * (lakehouse document, sections 3.1 and 3.4).
     *
     * @throws io.fluss.errors.FlussException with LAKE_TABLE_ALREADY_EXIST saying what differs;
     *     INVALID_TABLE for types or keys that the format cannot hold
     */
    void createTable(TablePath path, TableDescriptor descriptor, boolean creatingFlussTable);

    /**
     * The lake table, as it is now.
     *
     * @throws io.fluss.errors.FlussException with TABLE_NOT_EXIST
     */
    LakeTable table(TablePath path);

    /**
     * Passes changed options on to the lake table, also while the lake of the Fluss table is off.
     *
     * @param changes keys of the Fluss table: set if a value is present, else reset
     * @throws io.fluss.errors.FlussException with TABLE_NOT_EXIST; INVALID_ALTER_TABLE for a key
     *     that may not change
     */
    void alterOptions(TablePath path, Map<String, Optional<String>> changes);

    /**
     * Adds nullable columns behind the user's columns. Does nothing if the lake table has them
     * already, as after a crash between lake and cluster.
     *
     * @param current the Fluss table before
     * @param target the Fluss table afterwards
     * @throws io.fluss.errors.FlussException with TABLE_NOT_EXIST; INVALID_ALTER_TABLE if the lake
     *     table has neither the columns of the one nor of the other
     */
    void addColumns(TablePath path, TableDescriptor current, TableDescriptor target);

    @Override
    void close();
}
