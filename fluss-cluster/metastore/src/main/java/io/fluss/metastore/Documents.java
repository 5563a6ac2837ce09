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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.ErrorReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** JSON documents of nodes. Pure functions. */
final class Documents {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Documents() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode().put("version", 1);
    }

    static byte[] bytes(JsonNode json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw ErrorReason.STORAGE.exception("cannot write a metadata document", e);
        }
    }

    static JsonNode parse(byte[] document, String where) {
        try {
            JsonNode json = MAPPER.readTree(document);
            if (json.isObject()) {
                return json;
            }
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    "metadata node " + where + " holds no JSON document", e);
        }
        throw ErrorReason.STORAGE.exception("metadata node " + where + " holds no JSON object");
    }

    /** A field that must be there. */
    static JsonNode field(JsonNode json, String name, String where) {
        JsonNode f = json.get(name);
        if (f == null) {
            throw ErrorReason.STORAGE.exception(
                    "metadata node " + where + " has no field '" + name + "'");
        }
        return f;
    }

    static ArrayNode array(List<Integer> numbers) {
        ArrayNode out = MAPPER.createArrayNode();
        numbers.forEach(out::add);
        return out;
    }

    static List<Integer> numbers(JsonNode array) {
        List<Integer> out = new ArrayList<>();
        array.forEach(n -> out.add(n.asInt()));
        return out;
    }
}
