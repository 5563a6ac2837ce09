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

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fluss.formats.GoldenVectors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class JsonGoldenTest {

    @TestFactory
    Stream<DynamicTest> writesTheExactTextOfTypes() {
        return GoldenVectors.cases("types.json")
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("sql").asText(),
                                        () -> {
                                            String json = c.get("json").asText();
                                            var type = DataTypeJson.read(utf8(json));
                                            assertThat(
                                                            new String(
                                                                    DataTypeJson.write(type),
                                                                    StandardCharsets.UTF_8))
                                                    .isEqualTo(json);
                                        }));
    }

    @TestFactory
    Stream<DynamicTest> readsAndWritesDocuments() {
        return GoldenVectors.cases("json-documents.json")
                .filter(c -> !c.get("kind").asText().equals("tablePartition"))
                .map(
                        c ->
                                DynamicTest.dynamicTest(
                                        c.get("kind").asText() + " " + c.get("name").asText(),
                                        () -> roundTrip(c)));
    }

    private static void roundTrip(JsonNode c) throws IOException {
        UnaryOperator<byte[]> readAndWrite =
                switch (c.get("kind").asText()) {
                    case "schema" -> json -> SchemaJson.write(SchemaJson.read(json));
                    case "table" -> json -> TableJson.write(TableJson.read(json));
                    case "database" -> json -> DatabaseJson.write(DatabaseJson.read(json));
                    case "tableBucketOffsets" ->
                            json -> BucketOffsetsJson.write(BucketOffsetsJson.read(json));
                    default -> throw new IllegalArgumentException(c.get("kind").asText());
                };
        byte[] json = utf8(c.get("json").asText());
        assertThat(GoldenVectors.MAPPER.readTree(readAndWrite.apply(json)))
                .isEqualTo(GoldenVectors.MAPPER.readTree(json));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
