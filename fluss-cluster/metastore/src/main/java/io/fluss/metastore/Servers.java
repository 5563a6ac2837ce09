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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Registrations of tablet servers. A registration stays when its server dies; a server that comes
 * back registers with a higher epoch, which fences the one before without waiting for it.
 * Thread-safe.
 */
public final class Servers {
    private final NodeTree tree;

    Servers(NodeTree tree) {
        this.tree = tree;
    }

    /** A server and how often it registered, from 0. */
    public record Registration(int serverId, long epoch, String endpoints, long startedMs) {}

    private static String path(int serverId) {
        return Metastore.SERVERS + "/" + serverId;
    }

    public List<Registration> all() {
        List<Registration> out = new ArrayList<>();
        for (String id : tree.children(Metastore.SERVERS)) {
            read(Integer.parseInt(id)).ifPresent(out::add);
        }
        return out;
    }

    public Optional<Registration> read(int serverId) {
        String path = path(serverId);
        return tree.read(path).map(n -> decode(serverId, Documents.parse(n.data(), path), path));
    }

    /** Registers with an epoch above the one before. */
    public Registration register(int serverId, String endpoints, long nowMs) {
        while (true) {
            Optional<NodeTree.Node> node = tree.read(path(serverId));
            long epoch = read(serverId).map(r -> r.epoch() + 1).orElse(0L);
            byte[] document =
                    Documents.bytes(
                            Documents.object()
                                    .put("epoch", epoch)
                                    .put("endpoints", endpoints)
                                    .put("started_ms", nowMs));
            NodeTree.Change change =
                    node.isPresent()
                            ? new NodeTree.Put(path(serverId), document, node.get().version())
                            : new NodeTree.Create(path(serverId), document);
            if (tree.commit(List.of(change))) {
                return new Registration(serverId, epoch, endpoints, nowMs);
            }
        }
    }

    private static Registration decode(int serverId, JsonNode json, String where) {
        return new Registration(
                serverId,
                Documents.field(json, "epoch", where).asLong(),
                Documents.field(json, "endpoints", where).asText(),
                Documents.field(json, "started_ms", where).asLong());
    }
}
