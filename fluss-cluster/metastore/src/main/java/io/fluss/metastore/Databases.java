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
import io.fluss.formats.json.DatabaseJson;
import io.fluss.table.DatabaseInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Databases by name. Thread-safe. */
public final class Databases {
    private final NodeTree tree;

    Databases(NodeTree tree) {
        this.tree = tree;
    }

    static String path(String name) {
        return Metastore.DATABASES + "/" + name;
    }

    public List<DatabaseInfo> all() {
        List<DatabaseInfo> out = new ArrayList<>();
        for (String name : tree.children(Metastore.DATABASES)) {
            read(name).ifPresent(out::add);
        }
        return out;
    }

    public Optional<DatabaseInfo> read(String name) {
        String path = path(name);
        return tree.read(path).map(n -> decode(name, Documents.parse(n.data(), path), path));
    }

    public void create(DatabaseInfo database) {
        NodeTree.Change change = new NodeTree.Create(path(database.name()), encode(database));
        if (!tree.commit(List.of(change))) {
            throw ErrorReason.DATABASE_ALREADY_EXIST.exception(
                    "database '" + database.name() + "' exists already");
        }
    }

    /** Replaces the descriptor and the times. */
    public void alter(DatabaseInfo database) {
        NodeTree.Change change =
                new NodeTree.Put(path(database.name()), encode(database), NodeTree.ANY_VERSION);
        if (!tree.commit(List.of(change))) {
            throw ErrorReason.DATABASE_NOT_EXIST.exception(
                    "database '" + database.name() + "' does not exist");
        }
    }

    private static byte[] encode(DatabaseInfo database) {
        JsonNode descriptor =
                Documents.parse(DatabaseJson.write(database.descriptor()), database.name());
        return Documents.bytes(
                Documents.object()
                        .put("created_ms", database.createdTimeMs())
                        .put("modified_ms", database.modifiedTimeMs())
                        .set("descriptor", descriptor));
    }

    /** Removes an empty database. */
    public void drop(String name) {
        if (tree.commit(List.of(new NodeTree.Delete(path(name))))) {
            return;
        }
        throw tree.read(path(name)).isPresent()
                ? ErrorReason.DATABASE_NOT_EMPTY.exception(
                        "database '" + name + "' has tables; drop them first")
                : ErrorReason.DATABASE_NOT_EXIST.exception(
                        "database '" + name + "' does not exist");
    }

    private static DatabaseInfo decode(String name, JsonNode json, String where) {
        return new DatabaseInfo(
                name,
                DatabaseJson.read(Documents.bytes(Documents.field(json, "descriptor", where))),
                Documents.field(json, "created_ms", where).asLong(),
                Documents.field(json, "modified_ms", where).asLong());
    }
}
