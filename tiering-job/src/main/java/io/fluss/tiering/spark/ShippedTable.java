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
package io.fluss.tiering.spark;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fluss.formats.json.TableJson;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import java.io.Serializable;

/** A table in the form in which it travels to tasks. */
record ShippedTable(
        TablePath path,
        long tableId,
        int schemaId,
        String descriptorJson,
        long createdTimeMs,
        long modifiedTimeMs)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    static ShippedTable of(TableInfo table) {
        return new ShippedTable(
                table.path(),
                table.tableId(),
                table.schemaId(),
                new String(TableJson.write(table.descriptor()), UTF_8),
                table.createdTimeMs(),
                table.modifiedTimeMs());
    }

    TableInfo table() {
        return new TableInfo(
                path,
                tableId,
                schemaId,
                TableJson.read(descriptorJson.getBytes(UTF_8)),
                createdTimeMs,
                modifiedTimeMs);
    }
}
