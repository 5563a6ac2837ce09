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
package io.fluss.formats.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.FlussException;
import io.fluss.formats.remote.RemoteLogManifest;
import io.fluss.formats.remote.RemoteSegment;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The manifest of a remote log (section 8.2 of the data formats document) as UTF-8 JSON. Golden
 * vectors: {@code remote.json}.
 */
public final class RemoteLogManifestJson {
    private static final int VERSION = 1;

    private RemoteLogManifestJson() {}

    public static byte[] write(RemoteLogManifest m) {
        ObjectNode node =
                JsonPlace.newObject()
                        .put("version", VERSION)
                        .put("database", m.path().database())
                        .put("table", m.path().table());
        m.partitionName().ifPresent(name -> node.put("partition_name", name));
        node.put("table_id", m.bucket().tableId());
        m.bucket().partition().ifPresent(id -> node.put("partition_id", id));
        node.put("bucket_id", m.bucket().bucket());
        ArrayNode array = node.putArray("remote_log_segments");
        for (RemoteSegment s : m.segments()) {
            array.addObject()
                    .put("segment_id", s.id().toString())
                    .put("start_offset", s.startOffset())
                    .put("end_offset", s.endOffset())
                    .put("max_timestamp", s.maxTimestampMs())
                    .put("size_in_bytes", s.sizeBytes());
        }
        return JsonPlace.bytes(node);
    }

    /**
     * Reads what {@link #write} writes, with keys in any order; unknown keys are skipped.
     *
     * @throws FlussException with INVALID_TABLE naming what is wrong and where
     */
    public static RemoteLogManifest read(byte[] json) {
        JsonPlace place = JsonPlace.root(json, "remote log manifest");
        int version = place.required("version").integer();
        if (version != VERSION) {
            throw place.error("has version " + version + ", only " + VERSION + " is known");
        }
        Optional<JsonPlace> partition = place.optional("partition_id");
        TableBucket bucket =
                TableBucket.of(
                        place.required("table_id").longInteger(),
                        partition.isPresent()
                                ? OptionalLong.of(partition.get().longInteger())
                                : OptionalLong.empty(),
                        place.required("bucket_id").integer());
        List<RemoteSegment> segments = new ArrayList<>();
        for (JsonPlace s : place.required("remote_log_segments").elements()) {
            segments.add(segment(s.object()));
        }
        try {
            return new RemoteLogManifest(
                    TablePath.of(place.required("database").text(), place.required("table").text()),
                    place.optional("partition_name").map(JsonPlace::text),
                    bucket,
                    segments);
        } catch (IllegalArgumentException e) {
            throw place.error("is not sound: " + e.getMessage());
        }
    }

    private static RemoteSegment segment(JsonPlace s) {
        try {
            return new RemoteSegment(
                    UUID.fromString(s.required("segment_id").text()),
                    s.required("start_offset").longInteger(),
                    s.required("end_offset").longInteger(),
                    s.required("max_timestamp").longInteger(),
                    s.required("size_in_bytes").integer());
        } catch (IllegalArgumentException e) {
            throw s.error("is not sound: " + e.getMessage());
        }
    }
}
