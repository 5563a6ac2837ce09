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
package io.fluss.formats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fluss.formats.json.DataTypeJson;
import io.fluss.types.DataType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The shared golden vectors. */
public final class GoldenVectors {
    public static final ObjectMapper MAPPER = new ObjectMapper();

    private GoldenVectors() {}

    public static JsonNode file(String name) {
        try (InputStream in = GoldenVectors.class.getResourceAsStream("/vectors/" + name)) {
            return MAPPER.readTree(in);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static Stream<JsonNode> cases(String file) {
        return stream(file(file).get("cases"));
    }

    public static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    public static byte[] hex(JsonNode text) {
        return HexFormat.of().parseHex(text.asText());
    }

    public static DataType type(JsonNode type) {
        return DataTypeJson.read(type.toString().getBytes(StandardCharsets.UTF_8));
    }

    public static DataType.RowType rowType(JsonNode fields) {
        List<DataType.Field> all = new ArrayList<>();
        for (JsonNode f : fields) {
            all.add(DataType.Field.of(f.get("name").asText(), type(f.get("type"))));
        }
        return new DataType.RowType(all, false);
    }
}
