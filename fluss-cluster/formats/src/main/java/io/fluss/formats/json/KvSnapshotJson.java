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
import io.fluss.formats.remote.KvSnapshot;
import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The metadata of a snapshot (section 8.3 of the data formats document) as UTF-8 JSON. Golden
 * vectors: {@code remote.json}.
 */
public final class KvSnapshotJson {
    private static final int VERSION = 1;

    private KvSnapshotJson() {}

    public static byte[] write(KvSnapshot s) {
        ObjectNode node =
                JsonPlace.newObject().put("version", VERSION).put("table_id", s.bucket().tableId());
        s.bucket().partition().ifPresent(id -> node.put("partition_id", id));
        node.put("bucket_id", s.bucket().bucket())
                .put("snapshot_id", s.id())
                .put("snapshot_location", s.location());
        ObjectNode handle = node.putObject("kv_snapshot_handle");
        writeFiles(handle.putArray("shared_file_handles"), s.shared());
        writeFiles(handle.putArray("private_file_handles"), s.own());
        handle.put("snapshot_incremental_size", s.incrementalBytes());
        node.put("log_offset", s.logOffset());
        s.rowCount().ifPresent(n -> node.put("row_count", n));
        if (!s.idRanges().isEmpty()) {
            ArrayNode ranges = node.putArray("auto_inc_id_range");
            for (KvSnapshot.IdRange r : s.idRanges()) {
                ranges.addObject()
                        .put("column_id", r.columnId())
                        .put("start", r.start())
                        .put("end", r.end());
            }
        }
        return JsonPlace.bytes(node);
    }

    private static void writeFiles(ArrayNode out, List<KvSnapshot.File> files) {
        for (KvSnapshot.File f : files) {
            ObjectNode file = out.addObject();
            file.putObject("kv_file_handle").put("path", f.uri()).put("size", f.sizeBytes());
            file.put("local_path", f.localName());
        }
    }

    /**
     * Reads what {@link #write} writes, with keys in any order; unknown keys are skipped.
     *
     * @throws FlussException with INVALID_TABLE naming what is wrong and where
     */
    public static KvSnapshot read(byte[] json) {
        JsonPlace place = JsonPlace.root(json, "metadata of a snapshot");
        int version = place.required("version").integer();
        if (version != VERSION) {
            throw place.error("has version " + version + ", only " + VERSION + " is known");
        }
        TableBucket bucket =
                TableBucket.of(
                        place.required("table_id").longInteger(),
                        longInteger(place, "partition_id"),
                        place.required("bucket_id").integer());
        JsonPlace handle = place.required("kv_snapshot_handle").object();
        try {
            return new KvSnapshot(
                    bucket,
                    place.required("snapshot_id").longInteger(),
                    place.required("snapshot_location").text(),
                    files(handle.required("shared_file_handles")),
                    files(handle.required("private_file_handles")),
                    handle.required("snapshot_incremental_size").longInteger(),
                    place.required("log_offset").longInteger(),
                    longInteger(place, "row_count"),
                    idRanges(place.optional("auto_inc_id_range")));
        } catch (IllegalArgumentException e) {
            throw place.error("is not sound: " + e.getMessage());
        }
    }

    private static OptionalLong longInteger(JsonPlace place, String key) {
        Optional<JsonPlace> value = place.optional(key);
        return value.isPresent()
                ? OptionalLong.of(value.get().longInteger())
                : OptionalLong.empty();
    }

    private static List<KvSnapshot.File> files(JsonPlace array) {
        List<KvSnapshot.File> out = new ArrayList<>();
        for (JsonPlace e : array.elements()) {
            JsonPlace file = e.object();
            JsonPlace handle = file.required("kv_file_handle").object();
            try {
                out.add(
                        new KvSnapshot.File(
                                handle.required("path").text(),
                                handle.required("size").longInteger(),
                                file.required("local_path").text()));
            } catch (IllegalArgumentException bad) {
                throw file.error("is not sound: " + bad.getMessage());
            }
        }
        return out;
    }

    private static List<KvSnapshot.IdRange> idRanges(Optional<JsonPlace> array) {
        List<KvSnapshot.IdRange> out = new ArrayList<>();
        if (array.isPresent()) {
            for (JsonPlace e : array.get().elements()) {
                JsonPlace range = e.object();
                out.add(
                        new KvSnapshot.IdRange(
                                range.required("column_id").integer(),
                                range.required("start").longInteger(),
                                range.required("end").longInteger()));
            }
        }
        return out;
    }
}
