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

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Leases on snapshots by the id that their holder chose. Thread-safe. */
public final class SnapshotLeases {
    /** Before the id, so that no id is a name that a tree does not take. */
    private static final String PREFIX = "lease-";

    private final NodeTree tree;

    SnapshotLeases(NodeTree tree) {
        this.tree = tree;
    }

    /**
     * What a lease holds.
     *
     * @param expiresMs from then on it holds nothing
     * @param snapshots the snapshot that is held of each bucket
     */
    public record Lease(long expiresMs, Map<TableBucket, Long> snapshots) {
        public Lease {
            snapshots = Map.copyOf(snapshots);
        }
    }

    private static String path(String leaseId) {
        return Metastore.SNAPSHOT_LEASES + "/" + PREFIX + URLEncoder.encode(leaseId, UTF_8);
    }

    /** All leases by id. */
    public Map<String, Lease> all() {
        Map<String, Lease> out = new TreeMap<>();
        for (String name : tree.children(Metastore.SNAPSHOT_LEASES)) {
            String id = URLDecoder.decode(name.substring(PREFIX.length()), UTF_8);
            read(id).ifPresent(l -> out.put(id, l));
        }
        return out;
    }

    private Optional<Lease> read(String leaseId) {
        String path = path(leaseId);
        return tree.read(path).map(n -> decode(Documents.parse(n.data(), path), path));
    }

    /** Creates or replaces a lease. */
    public void write(String leaseId, Lease lease) {
        String path = path(leaseId);
        NodeTree.Change change =
                tree.read(path).isPresent()
                        ? new NodeTree.Put(path, encode(lease), NodeTree.ANY_VERSION)
                        : new NodeTree.Create(path, encode(lease));
        if (!tree.commit(List.of(change))) {
            throw ErrorReason.STORAGE.exception(
                    "lease '" + leaseId + "' is being changed by somebody else; try again");
        }
    }

    /** Does nothing if there is no such lease. */
    public void delete(String leaseId) {
        if (!tree.commit(List.of(new NodeTree.Delete(path(leaseId))))
                && tree.read(path(leaseId)).isPresent()) {
            throw ErrorReason.STORAGE.exception(
                    "lease '" + leaseId + "' could not be deleted; try again");
        }
    }

    private static byte[] encode(Lease lease) {
        ObjectNode out = Documents.object().put("expires_ms", lease.expiresMs());
        ArrayNode snapshots = out.putArray("snapshots");
        lease.snapshots()
                .forEach(
                        (b, snapshot) ->
                                snapshots
                                        .addArray()
                                        .add(b.tableId())
                                        .add(b.partitionId())
                                        .add(b.bucket())
                                        .add(snapshot));
        return Documents.bytes(out);
    }

    private static Lease decode(JsonNode json, String where) {
        Map<TableBucket, Long> snapshots = new HashMap<>();
        for (JsonNode e : Documents.field(json, "snapshots", where)) {
            snapshots.put(
                    new TableBucket(e.path(0).asLong(), e.path(1).asLong(), e.path(2).asInt()),
                    e.path(3).asLong());
        }
        return new Lease(Documents.field(json, "expires_ms", where).asLong(), snapshots);
    }
}
