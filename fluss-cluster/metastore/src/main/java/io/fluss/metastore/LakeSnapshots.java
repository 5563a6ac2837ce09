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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lake snapshots of a table that the cluster knows, oldest first. The document is that of the
 * lakehouse document, section 5.3. Thread-safe.
 */
public final class LakeSnapshots {
    private static final int DOCUMENT_VERSION = 2;

    private final NodeTree tree;

    LakeSnapshots(NodeTree tree) {
        this.tree = tree;
    }

    /**
     * One registered lake snapshot.
     *
     * @param tieredOffsets URI of the offsets file that says what the snapshot holds
     * @param readableOffsets URI of the offsets a reader may rely on; empty while not readable
     */
    public record Entry(long snapshotId, String tieredOffsets, Optional<String> readableOffsets) {}

    /** All entries of a table and the version to give to {@link #write}. */
    public record Versioned(List<Entry> entries, int version) {
        /** Version of a document that does not exist yet. */
        static final int NONE = -2;

        public Versioned {
            entries = List.copyOf(entries);
        }
    }

    private static String path(long tableId) {
        return Tables.path(tableId) + "/lake";
    }

    public Versioned read(long tableId) {
        String path = path(tableId);
        return tree.read(path)
                .map(n -> new Versioned(decode(Documents.parse(n.data(), path), path), n.version()))
                .orElse(new Versioned(List.of(), Versioned.NONE));
    }

    /**
     * Replaces the entries if nobody changed them since they were read; never brings back the
     * document of a dropped table.
     */
    public void write(long tableId, Versioned read, List<Entry> entries) {
        String path = path(tableId);
        NodeTree.Change change =
                read.version() == Versioned.NONE
                        ? new NodeTree.Create(path, encode(entries))
                        : new NodeTree.Put(path, encode(entries), read.version());
        if (!tree.commit(List.of(change))) {
            throw ErrorReason.LAKE_COMMIT_FENCED.exception(
                    "table "
                            + tableId
                            + ": the table was dropped or its lake snapshots were changed by"
                            + " another committer");
        }
    }

    private static byte[] encode(List<Entry> entries) {
        ObjectNode out = Documents.object().put("version", DOCUMENT_VERSION);
        ArrayNode array = out.putArray("lake_snapshots");
        for (Entry e : entries) {
            ObjectNode node = array.addObject();
            node.put("snapshot_id", e.snapshotId());
            node.put("tiered_offsets", e.tieredOffsets());
            e.readableOffsets().ifPresent(r -> node.put("readable_offsets", r));
        }
        return Documents.bytes(out);
    }

    private static List<Entry> decode(JsonNode json, String where) {
        List<Entry> out = new ArrayList<>();
        for (JsonNode e : Documents.field(json, "lake_snapshots", where)) {
            JsonNode readable = e.get("readable_offsets");
            out.add(
                    new Entry(
                            Documents.field(e, "snapshot_id", where).asLong(),
                            Documents.field(e, "tiered_offsets", where).asText(),
                            readable == null || readable.isNull()
                                    ? Optional.empty()
                                    : Optional.of(readable.asText())));
        }
        return out;
    }
}
