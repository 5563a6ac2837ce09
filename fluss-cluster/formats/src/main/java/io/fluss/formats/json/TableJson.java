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
import io.fluss.table.TableDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Table descriptors (section 7.2) of the data formats document as UTF-8 JSON. Golden vectors:
 * {@code json-documents.json}.
 */
public final class TableJson {
    private TableJson() {}

    /** Tables with a primary key always get a bucket key: the default one if none is declared. */
    public static byte[] write(TableDescriptor value) {
        ObjectNode node = JsonPlace.newObject().put("version", 1);
        node.set("schema", SchemaJson.toNode(value.schema()));
        value.comment().ifPresent(c -> node.put("comment", c));
        ArrayNode partitionKey = node.putArray("partition_key");
        value.partitionKeys().forEach(partitionKey::add);
        List<String> bucketKeys = bucketKeys(value);
        if (!bucketKeys.isEmpty() || value.bucketCount().isPresent()) {
            ArrayNode bucketKey = node.putArray("bucket_key");
            bucketKeys.forEach(bucketKey::add);
        }
        value.bucketCount().ifPresent(n -> node.put("bucket_count", n));
        node.set("properties", JsonPlace.strings(value.properties()));
        node.set("custom_properties", JsonPlace.strings(value.customProperties()));
        return JsonPlace.bytes(node);
    }

    private static List<String> bucketKeys(TableDescriptor table) {
        if (!table.bucketKeys().isEmpty()) {
            return table.bucketKeys();
        }
        List<String> physicalKey = new ArrayList<>(table.schema().primaryKey());
        physicalKey.removeAll(table.partitionKeys());
        return physicalKey;
    }

    /**
     * Reads what {@link #write} writes, with keys in any order; unknown keys are skipped.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE naming what is wrong and where
     */
    public static TableDescriptor read(byte[] json) {
        JsonPlace place = JsonPlace.root(json, "table");
        return new TableDescriptor(
                SchemaJson.read(place.required("schema")),
                place.optional("comment").map(JsonPlace::text),
                texts(place, "partition_key"),
                texts(place, "bucket_key"),
                bucketCount(place),
                strings(place, "properties"),
                strings(place, "custom_properties"));
    }

    private static OptionalInt bucketCount(JsonPlace place) {
        Optional<Integer> count = place.optional("bucket_count").map(JsonPlace::integer);
        return count.isPresent() ? OptionalInt.of(count.get()) : OptionalInt.empty();
    }

    private static List<String> texts(JsonPlace place, String key) {
        return place.optional(key).map(JsonPlace::texts).orElse(List.of());
    }

    private static Map<String, String> strings(JsonPlace place, String key) {
        return place.optional(key).map(JsonPlace::strings).orElse(Map.of());
    }
}
