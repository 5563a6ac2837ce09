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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A place in a JSON document that is being read: the value and the path to it, so that every error
 * says where it is. Immutable.
 */
record JsonPlace(JsonNode node, String path) {
    /** Deeper documents are refused; a level of nested ROW takes three levels of JSON. */
    private static final int DEPTH_MAX = 200;

    private static final ObjectMapper MAPPER =
            new ObjectMapper(
                    JsonFactory.builder()
                            .streamReadConstraints(
                                    StreamReadConstraints.builder()
                                            .maxNestingDepth(DEPTH_MAX)
                                            .build())
                            .build());

    /** The root of a document. {@code what} names the document in errors. */
    static JsonPlace root(byte[] json, String what) {
        try {
            JsonNode node = MAPPER.readTree(json);
            return new JsonPlace(node, what).object();
        } catch (IOException e) {
            throw ErrorReason.INVALID_TABLE.exception(
                    what + " is not a JSON document: " + firstLine(e), e);
        }
    }

    static ObjectNode newObject() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Compact text in UTF-8. */
    static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree could not be written", e);
        }
    }

    /** An object of strings, in the order of the keys so that equal maps give equal text. */
    static ObjectNode strings(Map<String, String> map) {
        ObjectNode o = newObject();
        new TreeMap<>(map).forEach(o::put);
        return o;
    }

    /** This place, if it is an object. */
    JsonPlace object() {
        if (!node.isObject()) {
            throw error("must be an object, but is " + describe());
        }
        return this;
    }

    /** A key that must be there. */
    JsonPlace required(String key) {
        return optional(key).orElseThrow(() -> error("has no '" + key + "'"));
    }

    /** A key that may be absent or null. */
    Optional<JsonPlace> optional(String key) {
        JsonNode child = node.get(key);
        return child == null || child.isNull()
                ? Optional.empty()
                : Optional.of(new JsonPlace(child, path + "." + key));
    }

    List<JsonPlace> elements() {
        if (!node.isArray()) {
            throw error("must be an array, but is " + describe());
        }
        List<JsonPlace> all = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            all.add(new JsonPlace(node.get(i), path + "[" + i + "]"));
        }
        return all;
    }

    List<String> texts() {
        return elements().stream().map(JsonPlace::text).toList();
    }

    String text() {
        if (!node.isTextual()) {
            throw error("must be a string, but is " + describe());
        }
        return node.textValue();
    }

    int integer() {
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw error("must be a 32-bit integer, but is " + describe());
        }
        return node.intValue();
    }

    long longInteger() {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw error("must be a 64-bit integer, but is " + describe());
        }
        return node.longValue();
    }

    boolean flag() {
        if (!node.isBoolean()) {
            throw error("must be true or false, but is " + describe());
        }
        return node.booleanValue();
    }

    /** An object whose values are text; numbers and truth values are taken as their text. */
    Map<String, String> strings() {
        object();
        Map<String, String> all = new LinkedHashMap<>();
        node.properties()
                .forEach(
                        e -> {
                            if (!e.getValue().isValueNode() || e.getValue().isNull()) {
                                throw new JsonPlace(e.getValue(), path + "." + e.getKey())
                                        .error("must be a string");
                            }
                            all.put(e.getKey(), e.getValue().asText());
                        });
        return all;
    }

    FlussException error(String problem) {
        return ErrorReason.INVALID_TABLE.exception(path + " " + problem);
    }

    private String describe() {
        String text = node.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    private static String firstLine(IOException e) {
        return e instanceof JsonProcessingException j
                ? j.getOriginalMessage()
                : String.valueOf(e.getMessage());
    }
}
