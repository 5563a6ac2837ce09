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
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.ErrorReason;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Small maps of text that concern the whole cluster, one document each. Thread-safe. */
public final class ClusterMaps {
    private final NodeTree tree;

    ClusterMaps(NodeTree tree) {
        this.tree = tree;
    }

    /** Which map. */
    public enum Kind {
        /** Server options that were changed at run time. */
        OPTIONS,
        /** Tag by tablet server. */
        SERVER_TAGS,
        /** The current or last rebalance. */
        REBALANCE
    }

    private static String path(Kind kind) {
        return Metastore.CLUSTER + "/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Empty if it was never written. */
    public Map<String, String> read(Kind kind) {
        String path = path(kind);
        Map<String, String> out = new TreeMap<>();
        tree.read(path)
                .map(n -> Documents.field(Documents.parse(n.data(), path), "entries", path))
                .ifPresent(e -> e.fieldNames().forEachRemaining(k -> out.put(k, text(e, k))));
        return Map.copyOf(out);
    }

    private static String text(JsonNode entries, String key) {
        return entries.path(key).asText();
    }

    /** Replaces the whole map; one writer at a time. */
    public void write(Kind kind, Map<String, String> entries) {
        String path = path(kind);
        ObjectNode document = Documents.object();
        ObjectNode array = document.putObject("entries");
        new TreeMap<>(entries).forEach(array::put);
        byte[] bytes = Documents.bytes(document);
        Optional<NodeTree.Node> before = tree.read(path);
        NodeTree.Change change =
                before.isPresent()
                        ? new NodeTree.Put(path, bytes, before.get().version())
                        : new NodeTree.Create(path, bytes);
        if (!tree.commit(List.of(change))) {
            throw ErrorReason.STORAGE.exception(path + " was changed by another writer");
        }
    }
}
