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
package io.fluss.metastore;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.json.SchemaJson;
import io.fluss.formats.json.TableJson;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tables and their schemas. Thread-safe. */
public final class Tables {
    private static final byte[] FIRST_INCREMENT = "1".getBytes(StandardCharsets.UTF_8);

    private final NodeTree tree;

    Tables(NodeTree tree) {
        this.tree = tree;
    }

    static String path(long tableId) {
        return Metastore.TABLES + "/" + tableId;
    }

    private static String namePath(TablePath table) {
        return Databases.path(table.database()) + "/" + table.table();
    }

    /** The next number of the auto-increment column. */
    static String increments(long tableId) {
        return path(tableId) + "/auto_increment";
    }

    private static String schemas(long tableId) {
        return path(tableId) + "/schemas";
    }

    public List<StoredTable> all() {
        List<StoredTable> out = new ArrayList<>();
        for (String id : tree.children(Metastore.TABLES)) {
            read(Long.parseLong(id)).ifPresent(out::add);
        }
        return out;
    }

    public Optional<StoredTable> read(long tableId) {
        String path = path(tableId);
        return tree.read(path)
                .map(
                        n ->
                                new StoredTable(
                                        decode(tableId, Documents.parse(n.data(), path), path),
                                        readSchemas(tableId)));
    }

    /**
     * Creates name, table, first schema and, if it has no partitions, the buckets in one
     * transaction.
     */
    public void create(TableInfo table, List<BucketState> buckets) {
        long id = table.tableId();
        List<NodeTree.Change> changes = new ArrayList<>();
        byte[] idText = String.valueOf(id).getBytes(StandardCharsets.UTF_8);
        changes.add(new NodeTree.Create(namePath(table.path()), idText));
        changes.add(new NodeTree.Create(path(id), encode(table)));
        changes.add(new NodeTree.Create(schemas(id), new byte[0]));
        changes.add(schemaNode(id, table.schemaId(), table.schema()));
        if (table.schema().autoIncrementColumn().isPresent()) {
            changes.add(new NodeTree.Create(increments(id), FIRST_INCREMENT));
        }
        if (table.isPartitioned()) {
            changes.add(new NodeTree.Create(Partitions.path(id), new byte[0]));
            changes.add(new NodeTree.Create(Partitions.bucketsPath(id), new byte[0]));
        } else {
            changes.add(
                    new NodeTree.Create(
                            BucketStates.path(id, TableBucket.NO_PARTITION),
                            BucketStates.encode(buckets)));
        }
        if (!tree.commit(changes)) {
            throw refused(table.path());
        }
    }

    /** Replaces the description; a schema id one above the stored one adds that schema. */
    public void alter(TableInfo table) {
        long id = table.tableId();
        List<NodeTree.Change> changes = new ArrayList<>();
        changes.add(new NodeTree.Put(path(id), encode(table), NodeTree.ANY_VERSION));
        String schema = schemas(id) + "/" + table.schemaId();
        if (tree.read(schema).isEmpty()) {
            changes.add(schemaNode(id, table.schemaId(), table.schema()));
        }
        if (!tree.commit(changes)) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    "table '" + table.path() + "' does not exist");
        }
    }

    /**
     * Removes the table with all below it and notes what data is to be deleted, in one transaction.
     */
    public void drop(TableInfo table, List<Dropped.Group> data) {
        List<NodeTree.Change> changes = new ArrayList<>();
        changes.add(new NodeTree.Delete(namePath(table.path())));
        addDeletes(path(table.tableId()), changes);
        data.forEach(g -> changes.add(Dropped.create(g)));
        if (!tree.commit(changes)) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    "table '" + table.path() + "' does not exist or is being changed");
        }
    }

    private void addDeletes(String path, List<NodeTree.Change> changes) {
        tree.children(path).forEach(child -> addDeletes(path + "/" + child, changes));
        changes.add(new NodeTree.Delete(path));
    }

    private RuntimeException refused(TablePath table) {
        if (tree.read(Databases.path(table.database())).isEmpty()) {
            return ErrorReason.DATABASE_NOT_EXIST.exception(
                    "database '" + table.database() + "' does not exist");
        }
        return ErrorReason.TABLE_ALREADY_EXIST.exception("table '" + table + "' exists already");
    }

    private List<TableSchema> readSchemas(long tableId) {
        List<TableSchema> out = new ArrayList<>();
        Optional<NodeTree.Node> next = tree.read(schemas(tableId) + "/1");
        while (next.isPresent()) {
            out.add(SchemaJson.read(next.get().data()));
            next = tree.read(schemas(tableId) + "/" + (out.size() + 1));
        }
        return out;
    }

    private static NodeTree.Change schemaNode(long tableId, int schemaId, TableSchema schema) {
        return new NodeTree.Create(schemas(tableId) + "/" + schemaId, SchemaJson.write(schema));
    }

    private static byte[] encode(TableInfo table) {
        JsonNode descriptor =
                Documents.parse(TableJson.write(table.descriptor()), table.path().toString());
        return Documents.bytes(
                Documents.object()
                        .put("database", table.path().database())
                        .put("table", table.path().table())
                        .put("schema_id", table.schemaId())
                        .put("created_ms", table.createdTimeMs())
                        .put("modified_ms", table.modifiedTimeMs())
                        .set("descriptor", descriptor));
    }

    private static TableInfo decode(long tableId, JsonNode json, String where) {
        return new TableInfo(
                TablePath.of(
                        Documents.field(json, "database", where).asText(),
                        Documents.field(json, "table", where).asText()),
                tableId,
                Documents.field(json, "schema_id", where).asInt(),
                TableJson.read(Documents.bytes(Documents.field(json, "descriptor", where))),
                Documents.field(json, "created_ms", where).asLong(),
                Documents.field(json, "modified_ms", where).asLong());
    }
}
