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

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.table.DatabaseDescriptor;

/**
 * Database descriptors (section 7.3) of the data formats document as UTF-8 JSON. Golden vectors:
 * {@code json-documents.json}.
 */
public final class DatabaseJson {
    private DatabaseJson() {}

    public static byte[] write(DatabaseDescriptor value) {
        ObjectNode node = JsonPlace.newObject().put("version", 1);
        value.comment().ifPresent(c -> node.put("comment", c));
        node.set("custom_properties", JsonPlace.strings(value.customProperties()));
        return JsonPlace.bytes(node);
    }

    /**
     * Reads what {@link #write} writes, with keys in any order; unknown keys are skipped.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE naming what is wrong and where
     */
    public static DatabaseDescriptor read(byte[] json) {
        JsonPlace place = JsonPlace.root(json, "database");
        return new DatabaseDescriptor(
                place.optional("comment").map(JsonPlace::text),
                place.required("custom_properties").strings());
    }
}
