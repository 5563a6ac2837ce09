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
import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which manifest of the remote log is the valid one of each bucket. Thread-safe. */
public final class RemoteManifests {
    private final NodeTree tree;

    RemoteManifests(NodeTree tree) {
        this.tree = tree;
    }

    /**
     * The valid manifest of a bucket.
     *
     * @param uri of the manifest file
     * @param startOffset first offset in it
     * @param endOffset behind the last offset in it
     */
    public record Entry(String uri, long startOffset, long endOffset) {}

    private static String directory(long tableId) {
        return Tables.path(tableId) + "/remote-log";
    }

    private static String path(TableBucket b) {
        return directory(b.tableId()) + "/" + prefix(b.partitionId()) + b.bucket();
    }

    private static String prefix(long partitionId) {
        return (partitionId == TableBucket.NO_PARTITION ? "table" : "p" + partitionId) + "-";
    }

    public Optional<Entry> read(TableBucket bucket) {
        return node(bucket).map(n -> decode(bucket, n));
    }

    private Optional<NodeTree.Node> node(TableBucket bucket) {
        return tree.read(path(bucket));
    }

    /** Those of a table without partitions or of one partition that have one, by bucket. */
    public Map<Integer, Entry> all(long tableId, long partitionId) {
        Map<Integer, Entry> out = new TreeMap<>();
        String prefix = prefix(partitionId);
        for (String name : tree.children(directory(tableId))) {
            if (name.startsWith(prefix)) {
                int bucket = Integer.parseInt(name.substring(prefix.length()));
                read(new TableBucket(tableId, partitionId, bucket))
                        .ifPresent(e -> out.put(bucket, e));
            }
        }
        return out;
    }

    /**
     * Replaces the entry of a bucket.
     *
     * @param previous URI that must be in the entry; empty: there must be none
     * @throws io.fluss.errors.FlussException with FENCED_LEADER_EPOCH if it is another one
     */
    public void write(TableBucket bucket, Optional<String> previous, Entry next) {
        Optional<NodeTree.Node> stored = node(bucket);
        Optional<String> found = stored.map(n -> decode(bucket, n).uri());
        List<NodeTree.Change> changes = new ArrayList<>();
        if (stored.isPresent()) {
            changes.add(new NodeTree.Put(path(bucket), encode(next), stored.get().version()));
        } else {
            if (tree.read(directory(bucket.tableId())).isEmpty()) {
                changes.add(new NodeTree.Create(directory(bucket.tableId()), new byte[0]));
            }
            changes.add(new NodeTree.Create(path(bucket), encode(next)));
        }
        if (!found.equals(previous) || !tree.commit(changes)) {
            throw ErrorReason.FENCED_LEADER_EPOCH.exception(
                    "bucket "
                            + bucket
                            + ": the valid remote log manifest is "
                            + found.orElse("none")
                            + ", the committer took it for "
                            + previous.orElse("none"));
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

    private static byte[] encode(Entry e) {
        return Documents.bytes(
                Documents.object()
                        .put("manifest", e.uri())
                        .put("start_offset", e.startOffset())
                        .put("end_offset", e.endOffset()));
    }

    private static Entry decode(TableBucket bucket, NodeTree.Node n) {
        String where = path(bucket);
        JsonNode json = Documents.parse(n.data(), where);
        return new Entry(
                Documents.field(json, "manifest", where).asText(),
                Documents.field(json, "start_offset", where).asLong(),
                Documents.field(json, "end_offset", where).asLong());
    }
}
