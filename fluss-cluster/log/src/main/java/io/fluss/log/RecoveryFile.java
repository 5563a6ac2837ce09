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
import java.util.List;
import java.util.Optional;

/**
 * What of a log was forced to the disk: the recovery point. It is written after the forcing, so
 * that bytes below it are missing or different only if the disk has lost them, never because of a
 * crash. Its first segment says where the log starts.
 *
 * @param segments all segments of the log at that moment, ascending; not empty
 */
record RecoveryFile(List<KnownSegment> segments) {
    static final String NAME = "recovery.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    RecoveryFile {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a log has at least one segment");
        }
    }

    /**
     * A segment and how much of it was forced.
     *
     * @param size bytes that were forced
     * @param isSealed no bytes come behind them
     * @param offsetEntries entries in the offset index then; the file may have more by now
     * @param timeEntries entries in the time index then
     * @param indexCrc CRC-32C of these entries, offset index first
     */
    record KnownSegment(
            long baseOffset,
            long endOffset,
            int size,
            boolean isSealed,
            int offsetEntries,
            int timeEntries,
            long indexCrc) {

        static KnownSegment of(SegmentView s, boolean isSealed) {
            return new KnownSegment(
                    s.baseOffset(),
                    s.endOffset(),
                    s.size(),
                    isSealed,
                    s.offsetCount(),
                    s.timeCount(),
                    IndexFiles.crc(s));
        }
    }

    long startOffset() {
        return segments.get(0).baseOffset();
    }

    /** Everything below this offset was forced. */
    long recoveryPoint() {
        return segments.get(segments.size() - 1).endOffset();
    }

    Optional<KnownSegment> segment(long baseOffset) {
        return segments.stream().filter(s -> s.baseOffset() == baseOffset).findFirst();
    }

    void write(Path dir) throws IOException {
        ObjectNode root = JSON.createObjectNode().put("version", 1);
        ArrayNode list = root.putArray("segments");
        for (KnownSegment s : segments) {
            list.addObject()
                    .put("base_offset", s.baseOffset)
                    .put("end_offset", s.endOffset)
                    .put("size", s.size)
                    .put("sealed", s.isSealed)
                    .put("offset_entries", s.offsetEntries)
                    .put("time_entries", s.timeEntries)
                    .put("index_crc32c", s.indexCrc);
        }
        DurableFiles.replace(dir.resolve(NAME), ChecksummedJson.bytes(root));
    }

    /**
     * Empty if there is none.
     *
     * @throws IOException also if the content is damaged
     */
    static Optional<RecoveryFile> read(Path dir) throws IOException {
        Path file = dir.resolve(NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonNode root = ChecksummedJson.parse(file, Files.readAllBytes(file), true);
        if (root.path("version").asInt() != 1) {
            throw new IOException(file + " is not a recovery file of version 1");
        }
        List<KnownSegment> segments = new ArrayList<>();
        for (JsonNode s : root.path("segments")) {
            segments.add(
                    new KnownSegment(
                            s.path("base_offset").asLong(),
                            s.path("end_offset").asLong(),
                            s.path("size").asInt(),
                            s.path("sealed").asBoolean(),
                            s.path("offset_entries").asInt(),
                            s.path("time_entries").asInt(),
                            s.path("index_crc32c").asLong()));
        }
        if (segments.isEmpty()) {
            throw new IOException(file + " names no segment");
        }
        return Optional.of(new RecoveryFile(segments));
    }
}
