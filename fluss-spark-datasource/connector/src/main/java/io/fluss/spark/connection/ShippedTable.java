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
package io.fluss.spark.connection;

import io.fluss.formats.json.TableJson;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.io.Serializable;

/** A table info on its way from the driver to a task. */
public final class ShippedTable implements Serializable {
    private static final long serialVersionUID = 1L;

    private final TablePath path;
    private final long tableId;
    private final int schemaId;
    private final byte[] descriptor;
    private final long createdTimeMs;
    private final long modifiedTimeMs;

    private ShippedTable(TableInfo table) {
        this.path = table.path();
        this.tableId = table.tableId();
        this.schemaId = table.schemaId();
        this.descriptor = TableJson.write(table.descriptor());
        this.createdTimeMs = table.createdTimeMs();
        this.modifiedTimeMs = table.modifiedTimeMs();
    }

    public static ShippedTable of(TableInfo table) {
        return new ShippedTable(table);
    }

    public TableInfo unpack() {
        return new TableInfo(
                path, tableId, schemaId, TableJson.read(descriptor), createdTimeMs, modifiedTimeMs);
    }
}
