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
package io.fluss.formats.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fluss.formats.GoldenRows;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrowBatchesPropertyTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void randomRowsComeBackWholeAndProjected(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<DataType.Field> fields = new ArrayList<>();
        for (int c = random.nextInt(1, 8); c > 0; c--) {
            fields.add(DataTypes.field("c" + c, type(random, 3)));
        }
        DataType.RowType type = new DataType.RowType(fields, false);
        List<JsonNode> rows = new ArrayList<>();
        for (int r = random.nextInt(1, 200); r > 0; r--) {
            rows.add(row(random, type));
        }
        List<Integer> chosen = new ArrayList<>();
        for (int c = 0; c < fields.size(); c++) {
            if (random.nextBoolean() || (chosen.isEmpty() && c == fields.size() - 1)) {
                chosen.add(c);
            }
        }
        DataType.RowType projected =
                new DataType.RowType(chosen.stream().map(fields::get).toList(), false);
        BatchProjection projection = BatchProjection.of(type, chosen);
        try (BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = GoldenRows.root(type, rows, allocator)) {
            for (ArrowCompression compression : ArrowCompression.values()) {
                ByteBuffer bytes = ArrowBatches.encode(root, 1, -1, -1, compression, 1);
                assertThat(read(bytes, type, allocator)).as("seed %s", seed).isEqualTo(rows);
                List<JsonNode> cut = new ArrayList<>();
                for (JsonNode row : rows) {
                    ArrayNode values = NODES.arrayNode();
                    chosen.forEach(c -> values.add(row.get(c)));
                    cut.add(values);
                }
                assertThat(
                                read(
                                        ArrowBatchesGoldenTest.project(projection, bytes),
                                        projected,
                                        allocator))
                        .as("seed %s, columns %s", seed, chosen)
                        .isEqualTo(cut);
            }
        }
    }

    private static List<JsonNode> read(
            ByteBuffer bytes, DataType.RowType type, BufferAllocator allocator) {
        List<JsonNode> rows = new ArrayList<>();
        try (VectorSchemaRoot root = ArrowBatches.decode(LogBatch.at(bytes, 0), type, allocator)) {
            for (int i = 0; i < root.getRowCount(); i++) {
                rows.add(GoldenRows.row(root, type, i));
            }
        }
        return rows;
    }

    private static DataType type(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth == 0 ? 10 : 13)) {
            case 0 -> DataTypes.bool();
            case 1 -> DataTypes.tinyInt();
            case 2 -> DataTypes.integer();
            case 3 -> DataTypes.bigInt();
            case 4 -> DataTypes.string();
            case 5 -> DataTypes.bytes();
            case 6 -> DataTypes.binary(random.nextInt(1, 20));
            case 7 -> DataTypes.decimal(random.nextInt(5, 39), 2);
            case 8 -> DataTypes.date();
            case 9 -> DataTypes.timestampLtz(6);
            case 10 -> DataTypes.array(type(random, depth - 1));
            case 11 -> DataTypes.map(DataTypes.string(), type(random, depth - 1));
            default ->
                    DataTypes.row(
                            DataTypes.field("a", type(random, depth - 1)),
                            DataTypes.field("b", type(random, depth - 1)));
        };
    }

    private static JsonNode row(SplittableRandom random, DataType.RowType type) {
        ArrayNode values = NODES.arrayNode();
        type.fields().forEach(f -> values.add(value(random, f.type())));
        return values;
    }

    private static JsonNode value(SplittableRandom random, DataType type) {
        if (type.isNullable() && random.nextInt(5) == 0) {
            return NODES.nullNode();
        }
        if (type instanceof DataType.BooleanType) {
            return NODES.booleanNode(random.nextBoolean());
        } else if (type instanceof DataType.TinyIntType) {
            return NODES.numberNode(random.nextInt(-128, 128));
        } else if (type instanceof DataType.IntType || type instanceof DataType.DateType) {
            return NODES.numberNode(random.nextInt());
        } else if (type instanceof DataType.BigIntType) {
            return NODES.textNode(Long.toString(random.nextLong()));
        } else if (type instanceof DataType.StringType) {
            return NODES.textNode("ä".repeat(random.nextInt(20)) + random.nextInt(100));
        } else if (type instanceof DataType.BytesType) {
            return bytes(random, random.nextInt(40));
        } else if (type instanceof DataType.BinaryType b) {
            return bytes(random, b.length());
        } else if (type instanceof DataType.DecimalType d) {
            BigInteger unscaled =
                    new BigInteger(3 * d.precision(), new java.util.Random(random.nextLong()));
            return NODES.textNode(new BigDecimal(unscaled, d.scale()).toPlainString());
        } else if (type instanceof DataType.TimestampLtzType) {
            return NODES.objectNode()
                    .put("epochMillis", Long.toString(random.nextLong(-(1L << 44), 1L << 44)))
                    .put("nanoOfMillis", random.nextInt(1000) * 1000);
        } else if (type instanceof DataType.RowType r) {
            return row(random, r);
        }
        ArrayNode values = NODES.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
            if (type instanceof DataType.MapType m) {
                values.addArray().add(value(random, m.keyType())).add(value(random, m.valueType()));
            } else {
                values.add(value(random, ((DataType.ArrayType) type).elementType()));
            }
        }
        return values;
    }

    private static JsonNode bytes(SplittableRandom random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return NODES.objectNode().put("hex", HexFormat.of().formatHex(bytes));
    }
}
