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
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** Random types and rows of them in the notation of the golden vectors. */
public final class RandomRows {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private RandomRows() {}

    /** One to seven columns, nested up to three levels. */
    public static DataType.RowType rowType(SplittableRandom random) {
        List<DataType.Field> fields = new ArrayList<>();
        for (int c = random.nextInt(1, 8); c > 0; c--) {
            fields.add(DataTypes.field("c" + c, type(random, 3)));
        }
        return new DataType.RowType(fields, false);
    }

    /** One to 200 rows. */
    public static List<JsonNode> rows(SplittableRandom random, DataType.RowType type) {
        List<JsonNode> rows = new ArrayList<>();
        for (int r = random.nextInt(1, 200); r > 0; r--) {
            rows.add(row(random, type));
        }
        return rows;
    }

    private static DataType type(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth == 0 ? 16 : 19)) {
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
            case 10 -> DataTypes.smallInt();
            case 11 -> DataTypes.floating();
            case 12 -> DataTypes.doubling();
            case 13 -> DataTypes.character(random.nextInt(1, 20));
            case 14 -> DataTypes.time(random.nextInt(3, 10));
            case 15 -> DataTypes.timestamp(random.nextInt(3, 10));
            case 16 -> DataTypes.array(type(random, depth - 1));
            case 17 -> DataTypes.map(DataTypes.string(), type(random, depth - 1));
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
        } else if (type instanceof DataType.SmallIntType) {
            return NODES.numberNode(random.nextInt(-32768, 32768));
        } else if (type instanceof DataType.IntType || type instanceof DataType.DateType) {
            return NODES.numberNode(random.nextInt());
        } else if (type instanceof DataType.TimeType) {
            return NODES.numberNode(random.nextInt(86_400_000));
        } else if (type instanceof DataType.BigIntType) {
            return NODES.textNode(Long.toString(random.nextLong()));
        } else if (type instanceof DataType.FloatType) {
            float value = random.nextInt() / 64f;
            return NODES.objectNode()
                    .put("float", Float.toString(value))
                    .put("bits", "%08x".formatted(Float.floatToRawIntBits(value)));
        } else if (type instanceof DataType.DoubleType) {
            double value = random.nextLong() / 64d;
            return NODES.objectNode()
                    .put("double", Double.toString(value))
                    .put("bits", "%016x".formatted(Double.doubleToRawLongBits(value)));
        } else if (type instanceof DataType.StringType) {
            return NODES.textNode("ä".repeat(random.nextInt(20)) + random.nextInt(100));
        } else if (type instanceof DataType.CharType c) {
            return NODES.textNode("x".repeat(random.nextInt(c.length() + 1)));
        } else if (type instanceof DataType.BytesType) {
            return bytes(random, random.nextInt(40));
        } else if (type instanceof DataType.BinaryType b) {
            return bytes(random, b.length());
        } else if (type instanceof DataType.DecimalType d) {
            BigInteger unscaled =
                    new BigInteger(3 * d.precision(), new java.util.Random(random.nextLong()));
            return NODES.textNode(
                    new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), d.scale())
                            .toPlainString());
        } else if (type instanceof DataType.TimestampLtzType t) {
            return instant(random, "epochMillis", t.precision());
        } else if (type instanceof DataType.TimestampType t) {
            return instant(random, "millis", t.precision());
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

    /** As many digits as vectors of that precision hold. */
    private static JsonNode instant(SplittableRandom random, String millis, int precision) {
        int nanos = random.nextInt(1_000_000);
        return NODES.objectNode()
                .put(millis, Long.toString(random.nextLong(-(1L << 42), 1L << 42)))
                .put(
                        "nanoOfMillis",
                        precision <= 3 ? 0 : precision <= 6 ? nanos / 1000 * 1000 : nanos);
    }

    private static JsonNode bytes(SplittableRandom random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return NODES.objectNode().put("hex", HexFormat.of().formatHex(bytes));
    }
}
