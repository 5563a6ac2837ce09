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
import io.fluss.table.TableBucket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Log end offsets per bucket (section 7.5) of the data formats document as UTF-8 JSON. Golden
 * vectors: {@code json-documents.json}.
 */
public final class BucketOffsetsJson {
    private static final int VERSION = 1;
    private static final long UNKNOWN = -1;

    private BucketOffsetsJson() {}

    public static byte[] write(BucketOffsets value) {
        ObjectNode node =
                JsonPlace.newObject().put("version", VERSION).put("table_id", value.tableId());
        Map<Long, TreeMap<Integer, Long>> byPartition = new TreeMap<>();
        value.offsets()
                .forEach(
                        (bucket, offset) ->
                                byPartition
                                        .computeIfAbsent(bucket.partitionId(), p -> new TreeMap<>())
                                        .put(bucket.bucket(), offset));
        TreeMap<Integer, Long> whole = byPartition.remove(TableBucket.NO_PARTITION);
        if (whole != null && !byPartition.isEmpty()) {
            throw new IllegalArgumentException(
                    "offsets of table "
                            + value.tableId()
                            + " are partly of partitions and partly not: "
                            + value.offsets().keySet());
        }
        if (whole != null) {
            fill(node.putArray("bucket_offsets"), whole);
        } else if (!byPartition.isEmpty()) {
            ArrayNode partitions = node.putArray("partition_offsets");
            byPartition.forEach(
                    (id, offsets) ->
                            fill(
                                    partitions
                                            .addObject()
                                            .put("partition_id", id)
                                            .putArray("bucket_offsets"),
                                    offsets));
        }
        return JsonPlace.bytes(node);
    }

    private static void fill(ArrayNode array, SortedMap<Integer, Long> offsets) {
        for (int bucket = 0; bucket <= offsets.lastKey(); bucket++) {
            array.add(offsets.getOrDefault(bucket, UNKNOWN).longValue());
        }
    }

    /**
     * Reads what {@link #write} writes, with keys in any order; unknown keys are skipped.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE naming what is wrong and where
     */
    public static BucketOffsets read(byte[] json) {
        JsonPlace place = JsonPlace.root(json, "bucket offsets");
        int version = place.required("version").integer();
        if (version != VERSION) {
            throw place.error("has version " + version + ", only " + VERSION + " is known");
        }
        long tableId = place.required("table_id").longInteger();
        Optional<JsonPlace> whole = place.optional("bucket_offsets");
        Optional<JsonPlace> partitions = place.optional("partition_offsets");
        if (whole.isPresent() && partitions.isPresent()) {
            throw place.error("has both bucket_offsets and partition_offsets");
        }
        Map<TableBucket, Long> offsets = new HashMap<>();
        whole.ifPresent(w -> collect(offsets, tableId, TableBucket.NO_PARTITION, w));
        for (JsonPlace p : partitions.map(JsonPlace::elements).orElse(List.of())) {
            collect(
                    offsets,
                    tableId,
                    p.object().required("partition_id").longInteger(),
                    p.required("bucket_offsets"));
        }
        return new BucketOffsets(tableId, offsets);
    }

    private static void collect(
            Map<TableBucket, Long> offsets, long tableId, long partitionId, JsonPlace array) {
        int bucket = 0;
        for (JsonPlace element : array.elements()) {
            long offset = element.longInteger();
            if (offset < UNKNOWN) {
                throw element.error("is " + offset + "; offsets are not negative, -1 is unknown");
            }
            if (offset != UNKNOWN) {
                offsets.put(new TableBucket(tableId, partitionId, bucket), offset);
            }
            bucket++;
        }
    }
}
