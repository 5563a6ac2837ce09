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
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * End offsets of buckets that a producer noted before it began to write, by producer id.
 * Thread-safe.
 */
public final class ProducerOffsets {
    private final NodeTree tree;

    ProducerOffsets(NodeTree tree) {
        this.tree = tree;
    }

    /**
     * What one producer noted.
     *
     * @param expiresMs from then on it counts as absent
     */
    public record Entry(long expiresMs, Map<TableBucket, Long> offsets) {
        public Entry {
            offsets = Map.copyOf(offsets);
        }
    }

    private static String path(String producerId) {
        return Metastore.PRODUCERS + "/" + producerId;
    }

    public List<String> ids() {
        return tree.children(Metastore.PRODUCERS);
    }

    public Optional<Entry> read(String producerId) {
        String path = path(producerId);
        return tree.read(path).map(n -> decode(Documents.parse(n.data(), path), path));
    }

    /** Stores the entry unless one is there that has not expired; false if there is. */
    public boolean register(String producerId, Entry entry, long nowMs) {
        String path = path(producerId);
        Optional<NodeTree.Node> node = tree.read(path);
        if (node.isEmpty()) {
            return tree.commit(List.of(new NodeTree.Create(path, encode(entry))));
        }
        Entry before = decode(Documents.parse(node.get().data(), path), path);
        return before.expiresMs() <= nowMs
                && tree.commit(
                        List.of(new NodeTree.Put(path, encode(entry), node.get().version())));
    }

    /** Does nothing if there is no entry. */
    public void delete(String producerId) {
        if (!tree.commit(List.of(new NodeTree.Delete(path(producerId))))
                && tree.read(path(producerId)).isPresent()) {
            throw ErrorReason.STORAGE.exception(
                    "offsets of producer '" + producerId + "' could not be deleted; try again");
        }
    }

    private static byte[] encode(Entry entry) {
        ObjectNode out = Documents.object().put("expires_ms", entry.expiresMs());
        ArrayNode offsets = out.putArray("offsets");
        entry.offsets()
                .forEach(
                        (b, offset) ->
                                offsets.addArray()
                                        .add(b.tableId())
                                        .add(b.partitionId())
                                        .add(b.bucket())
                                        .add(offset));
        return Documents.bytes(out);
    }

    private static Entry decode(JsonNode json, String where) {
        Map<TableBucket, Long> offsets = new HashMap<>();
        for (JsonNode e : Documents.field(json, "offsets", where)) {
            offsets.put(
                    new TableBucket(e.path(0).asLong(), e.path(1).asLong(), e.path(2).asInt()),
                    e.path(3).asLong());
        }
        return new Entry(Documents.field(json, "expires_ms", where).asLong(), offsets);
    }
}
