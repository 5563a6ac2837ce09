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
package io.fluss.client.row;

import io.fluss.client.Admin;
import io.fluss.errors.ErrorReason;
import io.fluss.table.TableInfo;
import io.fluss.table.TableSchema;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The schemas that stored rows of a table were written with; a value names its schema in its first
 * two bytes. Thread-safe. Internal to the client.
 */
public final class ValueSchemas {
    private final TableInfo table;
    private final Admin admin;
    private final Map<Integer, TableSchema> known = new ConcurrentHashMap<>();

    public ValueSchemas(TableInfo table, Admin admin) {
        this.table = table;
        this.admin = admin;
        known.put(table.schemaId(), table.schema());
    }

    /** Done when the schemas of these values are known; asks for those that are not. */
    public CompletableFuture<Void> know(Stream<ByteBuffer> values) {
        Set<Integer> missing = new HashSet<>();
        for (Iterator<ByteBuffer> i = values.iterator(); i.hasNext(); ) {
            ByteBuffer v = i.next();
            if (v.remaining() < Short.BYTES) {
                return CompletableFuture.failedFuture(
                        ErrorReason.CORRUPT_RECORD.exception(
                                table.path() + ": a value of " + v.remaining() + " bytes"));
            }
            int id = schemaId(v);
            if (!known.containsKey(id)) {
                missing.add(id);
            }
        }
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        for (int id : missing) {
            asked.add(
                    admin.tableSchema(table.path(), id)
                            .thenAccept(schema -> known.put(id, schema)));
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new));
    }

    static int schemaId(ByteBuffer value) {
        return value.getShort(value.position());
    }

    TableInfo table() {
        return table;
    }

    TableSchema schema(int id) {
        TableSchema schema = known.get(id);
        if (schema == null) {
            throw ErrorReason.SCHEMA_NOT_EXIST.exception(
                    table.path() + ": schema " + id + " of a value is not known");
        }
        return schema;
    }
}
