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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which snapshots of each bucket with a primary key there are. Thread-safe. */
public final class KvSnapshots {
    private final NodeTree tree;

    KvSnapshots(NodeTree tree) {
        this.tree = tree;
    }

    /**
     * A complete snapshot.
     *
     * @param metadataUri the document that lists its files
     * @param logOffset where the changelog continues
     */
    public record Entry(long id, String metadataUri, long logOffset) {}

    /**
     * The snapshots of a bucket.
     *
     * @param nextId no snapshot had this id or a larger one
     * @param entries by id
     */
    public record OfBucket(long nextId, List<Entry> entries) {
        public static final OfBucket NONE = new OfBucket(0, List.of());

        public OfBucket {
            entries = entries.stream().sorted(Comparator.comparingLong(Entry::id)).toList();
        }

        /** The snapshot with the largest id. */
        public Optional<Entry> latest() {
            return entries.isEmpty()
                    ? Optional.empty()
                    : Optional.of(entries.get(entries.size() - 1));
        }

        public Optional<Entry> entry(long id) {
            return entries.stream().filter(e -> e.id() == id).findFirst();
        }
    }

    private static String directory(long tableId) {
        return Tables.path(tableId) + "/kv-snapshots";
    }

    private static String path(TableBucket b) {
        return directory(b.tableId()) + "/" + prefix(b.partitionId()) + b.bucket();
    }

    private static String prefix(long partitionId) {
        return (partitionId == TableBucket.NO_PARTITION ? "table" : "p" + partitionId) + "-";
    }

    public OfBucket read(TableBucket bucket) {
        return tree.read(path(bucket)).map(n -> decode(bucket, n)).orElse(OfBucket.NONE);
    }

    /** Those of a table without partitions or of one partition that have any, by bucket. */
    public Map<Integer, OfBucket> all(long tableId, long partitionId) {
        Map<Integer, OfBucket> out = new TreeMap<>();
        String prefix = prefix(partitionId);
        for (String name : tree.children(directory(tableId))) {
            if (name.startsWith(prefix)) {
                int bucket = Integer.parseInt(name.substring(prefix.length()));
                out.put(bucket, read(new TableBucket(tableId, partitionId, bucket)));
            }
        }
        return out;
    }

    /**
     * Replaces what is stored of a bucket.
     *
     * @param before what must be stored
     * @throws io.fluss.errors.FlussException with FENCED_LEADER_EPOCH if it is something else
     */
    public void write(TableBucket bucket, OfBucket before, OfBucket after) {
        Optional<NodeTree.Node> stored = tree.read(path(bucket));
        OfBucket found = stored.map(n -> decode(bucket, n)).orElse(OfBucket.NONE);
        List<NodeTree.Change> changes = new ArrayList<>();
        if (stored.isPresent()) {
            changes.add(new NodeTree.Put(path(bucket), encode(after), stored.get().version()));
        } else {
            if (tree.read(directory(bucket.tableId())).isEmpty()) {
                changes.add(new NodeTree.Create(directory(bucket.tableId()), new byte[0]));
            }
            changes.add(new NodeTree.Create(path(bucket), encode(after)));
        }
        if (!found.equals(before) || !tree.commit(changes)) {
            throw ErrorReason.FENCED_LEADER_EPOCH.exception(
                    "bucket " + bucket + ": its snapshots were changed by somebody else");
        }
    }

    /** What a transaction that removes a partition has to remove as well. */
    static List<NodeTree.Change> deletes(NodeTree tree, long tableId, long partitionId) {
        String prefix = prefix(partitionId);
        return tree.children(directory(tableId)).stream()
                .filter(name -> name.startsWith(prefix))
                .<NodeTree.Change>map(name -> new NodeTree.Delete(directory(tableId) + "/" + name))
                .toList();
    }

    private static byte[] encode(OfBucket b) {
        ObjectNode out = Documents.object().put("next_id", b.nextId());
        ArrayNode snapshots = out.putArray("snapshots");
        for (Entry e : b.entries()) {
            snapshots
                    .addObject()
                    .put("id", e.id())
                    .put("metadata", e.metadataUri())
                    .put("log_offset", e.logOffset());
        }
        return Documents.bytes(out);
    }

    private static OfBucket decode(TableBucket bucket, NodeTree.Node n) {
        String where = path(bucket);
        JsonNode json = Documents.parse(n.data(), where);
        List<Entry> entries = new ArrayList<>();
        for (JsonNode e : Documents.field(json, "snapshots", where)) {
            entries.add(
                    new Entry(
                            Documents.field(e, "id", where).asLong(),
                            Documents.field(e, "metadata", where).asText(),
                            Documents.field(e, "log_offset", where).asLong()));
        }
        return new OfBucket(Documents.field(json, "next_id", where).asLong(), entries);
    }
}
