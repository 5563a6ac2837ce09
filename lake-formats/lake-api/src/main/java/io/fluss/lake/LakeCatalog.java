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

    @Override
    void close();
}
