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
package io.fluss.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writer state in a file (data formats document, section 8.2). The document keeps the last batch of
 * a writer; the fields {@code earlier_batches}, so that a repeated batch is known again after a
 * restart too, and {@code crc32c} are our addition. Readers that do not know them skip them.
 */
final class WriterSnapshotFile {
    static final String SUFFIX = ".writer_snapshot";
    private static final ObjectMapper JSON = new ObjectMapper();

    private WriterSnapshotFile() {}

    static void write(Path file, Map<Long, List<WriterStates.Entry>> writers) throws IOException {
        DurableFiles.replaceLazily(file, bytes(writers));
    }

    static byte[] bytes(Map<Long, List<WriterStates.Entry>> writers) throws IOException {
        ObjectNode root = JSON.createObjectNode().put("version", 1);
        ArrayNode list = root.putArray("writer_id_entries");
        writers.forEach(
                (id, entries) -> {
                    WriterStates.Entry last = entries.get(entries.size() - 1);
                    ObjectNode node = list.addObject().put("writer_id", id);
                    node.put("last_batch_sequence", last.sequence());
                    node.put("last_batch_base_offset", last.baseOffset());
                    node.put("offset_delta", last.offsetDelta());
                    node.put("last_batch_timestamp", last.timestampMs());
                    ArrayNode earlier = node.putArray("earlier_batches");
                    for (WriterStates.Entry e : entries.subList(0, entries.size() - 1)) {
                        ObjectNode n = earlier.addObject();
                        n.put("sequence", e.sequence()).put("base_offset", e.baseOffset());
                        n.put("offset_delta", e.offsetDelta()).put("timestamp", e.timestampMs());
                    }
                });
        return ChecksummedJson.bytes(root);
    }

    /**
     * @throws IOException also if the content is not a snapshot
     */
    static Map<Long, List<WriterStates.Entry>> read(Path file) throws IOException {
        JsonNode root = ChecksummedJson.parse(file, Files.readAllBytes(file), false);
        if (root.path("version").asInt() != 1) {
            throw new IOException(file + " is not a writer snapshot of version 1");
        }
        Map<Long, List<WriterStates.Entry>> writers = new HashMap<>();
        for (JsonNode n : root.path("writer_id_entries")) {
            List<WriterStates.Entry> entries = new ArrayList<>();
            for (JsonNode e : n.path("earlier_batches")) {
                entries.add(
                        new WriterStates.Entry(
                                integer(file, e, "sequence"),
                                number(file, e, "base_offset"),
                                integer(file, e, "offset_delta"),
                                number(file, e, "timestamp")));
            }
            entries.add(
                    new WriterStates.Entry(
                            integer(file, n, "last_batch_sequence"),
                            number(file, n, "last_batch_base_offset"),
                            integer(file, n, "offset_delta"),
                            number(file, n, "last_batch_timestamp")));
            writers.put(number(file, n, "writer_id"), entries);
        }
        return writers;
    }

    private static int integer(Path file, JsonNode node, String field) throws IOException {
        return (int) number(file, node, field);
    }

    private static long number(Path file, JsonNode node, String field) throws IOException {
        JsonNode value = node.path(field);
        if (!value.isIntegralNumber()) {
            throw new IOException(file + ": field '" + field + "' is missing");
        }
        return value.asLong();
    }
}
