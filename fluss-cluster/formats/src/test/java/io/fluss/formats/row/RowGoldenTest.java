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
package io.fluss.formats.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.GoldenValues;
import io.fluss.formats.GoldenVectors;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class RowGoldenTest {
    @TestFactory
    Stream<DynamicTest> writesAndReadsPublishedRows() {
        return GoldenVectors.cases("rows.json")
                .flatMap(c -> Stream.of(RowFormat.values()).map(f -> test(c, f)));
    }

    private static DynamicTest test(JsonNode c, RowFormat format) {
        String key = format.name().toLowerCase(Locale.ROOT);
        return DynamicTest.dynamicTest(
                c.get("name").asText() + " " + key,
                () -> {
                    DataType.RowType type = type(c.get("types"));
                    GoldenValues row = GoldenValues.of(c.get("row"), type);
                    if (c.get(key).isNull()) {
                        assertThatThrownBy(() -> format.encoder(type).encode(row))
                                .isInstanceOfSatisfying(
                                        FlussException.class,
                                        e ->
                                                assertThat(e.reason())
                                                        .isEqualTo(
                                                                ErrorReason.INVALID_TARGET_COLUMN));
                        return;
                    }
                    byte[] expected = GoldenVectors.hex(c.get(key));
                    assertThat(format.encoder(type).encode(row)).isEqualTo(expected);
                    assertThat(GoldenValues.read(open(format, type, expected), type))
                            .isEqualTo(canonical(c.get("row"), type, format));
                    // What was read is written again in the same bytes.
                    assertThat(format.encoder(type).encode(open(format, type, expected)))
                            .isEqualTo(expected);
                });
    }

    /** Somewhere inside a buffer, between other bytes. */
    static RowReader open(RowFormat format, DataType.RowType type, byte[] row) {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(row.length + 9).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < buffer.capacity(); i++) {
            buffer.put(i, (byte) 0xff);
        }
        buffer.put(5, row);
        return format.reader(type).open(buffer, 5, row.length);
    }

    private static DataType.RowType type(JsonNode types) {
        List<DataType.Field> fields = new ArrayList<>();
        types.forEach(
                t -> fields.add(DataType.Field.of("f" + fields.size(), GoldenVectors.type(t))));
        return new DataType.RowType(fields, false);
    }

    /** Indexed rows fill BINARY up with zeros, and those cannot be told from zeros of the value. */
    private static JsonNode canonical(JsonNode row, DataType.RowType type, RowFormat format) {
        ArrayNode values = GoldenValues.read(GoldenValues.of(row, type), type);
        for (int i = 0; i < values.size(); i++) {
            if (format == RowFormat.INDEXED
                    && type.fields().get(i).type() instanceof DataType.BinaryType binary
                    && !values.get(i).isNull()) {
                ObjectNode value = (ObjectNode) values.get(i);
                String hex = value.get("hex").asText();
                value.put("hex", hex + "00".repeat(binary.length() - hex.length() / 2));
            }
        }
        return values;
    }
}
