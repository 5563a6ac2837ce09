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
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/** A row or list in the notation of the golden vectors, and values back into that notation. */
public record GoldenValues(JsonNode values, List<DataType> types) implements ListValues {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    public static GoldenValues of(JsonNode values, DataType.RowType type) {
        return new GoldenValues(values, types(type));
    }

    private static List<DataType> types(DataType.RowType type) {
        return type.fields().stream().map(DataType.Field::type).toList();
    }

    private static GoldenValues list(JsonNode values, DataType element) {
        return new GoldenValues(values, Collections.nCopies(values.size(), element));
    }

    @Override
    public int count() {
        return values.size();
    }

    @Override
    public boolean isNull(int column) {
        return values.get(column).isNull();
    }

    @Override
    public boolean bool(int column) {
        return values.get(column).booleanValue();
    }

    @Override
    public long integer(int column) {
        return values.get(column).asLong();
    }

    @Override
    public float floating(int column) {
        return Float.intBitsToFloat(
                Integer.parseUnsignedInt(values.get(column).get("bits").asText(), 16));
    }

    @Override
    public double doubling(int column) {
        return Double.longBitsToDouble(
                Long.parseUnsignedLong(values.get(column).get("bits").asText(), 16));
    }

    @Override
    public byte[] bytes(int column) {
        JsonNode v = values.get(column);
        return v.isTextual()
                ? v.textValue().getBytes(StandardCharsets.UTF_8)
                : GoldenVectors.hex(v.get("hex"));
    }

    @Override
    public BigInteger unscaled(int column) {
        return new BigDecimal(values.get(column).asText())
                .setScale(((DataType.DecimalType) types.get(column)).scale(), RoundingMode.HALF_UP)
                .unscaledValue();
    }

    @Override
    public long timestampMs(int column) {
        JsonNode v = values.get(column);
        return (v.has("millis") ? v.get("millis") : v.get("epochMillis")).asLong();
    }

    @Override
    public int nanoOfMs(int column) {
        return values.get(column).get("nanoOfMillis").asInt();
    }

    @Override
    public ListValues elements(int column) {
        return list(values.get(column), ((DataType.ArrayType) types.get(column)).elementType());
    }

    @Override
    public ListValues keys(int column) {
        return list(half(column, 0), ((DataType.MapType) types.get(column)).keyType());
    }

    @Override
    public ListValues values(int column) {
        return list(half(column, 1), ((DataType.MapType) types.get(column)).valueType());
    }

    private ArrayNode half(int column, int side) {
        ArrayNode half = NODES.arrayNode();
        values.get(column).forEach(pair -> half.add(pair.get(side)));
        return half;
    }

    @Override
    public RowValues row(int column) {
        return of(values.get(column), (DataType.RowType) types.get(column));
    }

    /** A row in the notation of the golden vectors. */
    public static ArrayNode read(RowValues row, DataType.RowType type) {
        ArrayNode all = NODES.arrayNode();
        List<DataType> types = types(type);
        for (int i = 0; i < types.size(); i++) {
            all.add(read(row, i, types.get(i)));
        }
        return all;
    }

    private static JsonNode read(RowValues row, int i, DataType type) {
        return row.isNull(i) ? NODES.nullNode() : type.accept(new Read(row, i));
    }

    private record Read(RowValues row, int i) implements DataType.Cases<JsonNode> {
        private JsonNode integer() {
            return NODES.numberNode((int) row.integer(i));
        }

        private JsonNode text() {
            return NODES.textNode(new String(row.bytes(i), StandardCharsets.UTF_8));
        }

        private JsonNode hex() {
            return NODES.objectNode().put("hex", HexFormat.of().formatHex(row.bytes(i)));
        }

        private JsonNode instant(String millis) {
            return NODES.objectNode()
                    .put(millis, Long.toString(row.timestampMs(i)))
                    .put("nanoOfMillis", row.nanoOfMs(i));
        }

        @Override
        public JsonNode bool(DataType.BooleanType type) {
            return NODES.booleanNode(row.bool(i));
        }

        @Override
        public JsonNode tinyInt(DataType.TinyIntType type) {
            return integer();
        }

        @Override
        public JsonNode smallInt(DataType.SmallIntType type) {
            return integer();
        }

        @Override
        public JsonNode integer(DataType.IntType type) {
            return integer();
        }

        @Override
        public JsonNode bigInt(DataType.BigIntType type) {
            return NODES.textNode(Long.toString(row.integer(i)));
        }

        @Override
        public JsonNode floating(DataType.FloatType type) {
            float value = row.floating(i);
            ObjectNode n = NODES.objectNode().put("float", Float.toString(value));
            return n.put("bits", "%08x".formatted(Float.floatToRawIntBits(value)));
        }

        @Override
        public JsonNode doubling(DataType.DoubleType type) {
            double value = row.doubling(i);
            ObjectNode n = NODES.objectNode().put("double", Double.toString(value));
            return n.put("bits", "%016x".formatted(Double.doubleToRawLongBits(value)));
        }

        @Override
        public JsonNode character(DataType.CharType type) {
            return text();
        }

        @Override
        public JsonNode string(DataType.StringType type) {
            return text();
        }

        @Override
        public JsonNode binary(DataType.BinaryType type) {
            return hex();
        }

        @Override
        public JsonNode bytes(DataType.BytesType type) {
            return hex();
        }

        @Override
        public JsonNode decimal(DataType.DecimalType type) {
            return NODES.textNode(new BigDecimal(row.unscaled(i), type.scale()).toPlainString());
        }

        @Override
        public JsonNode date(DataType.DateType type) {
            return integer();
        }

        @Override
        public JsonNode time(DataType.TimeType type) {
            return integer();
        }

        @Override
        public JsonNode timestamp(DataType.TimestampType type) {
            return instant("millis");
        }

        @Override
        public JsonNode timestampLtz(DataType.TimestampLtzType type) {
            return instant("epochMillis");
        }

        @Override
        public JsonNode array(DataType.ArrayType type) {
            return list(row.elements(i), type.elementType());
        }

        @Override
        public JsonNode map(DataType.MapType type) {
            JsonNode keys = list(row.keys(i), type.keyType());
            JsonNode values = list(row.values(i), type.valueType());
            ArrayNode pairs = NODES.arrayNode();
            for (int p = 0; p < keys.size(); p++) {
                pairs.addArray().add(keys.get(p)).add(values.get(p));
            }
            return pairs;
        }

        private static JsonNode list(ListValues values, DataType element) {
            ArrayNode all = NODES.arrayNode();
            for (int e = 0; e < values.count(); e++) {
                all.add(read(values, e, element));
            }
            return all;
        }

        @Override
        public JsonNode row(DataType.RowType type) {
            return read(row.row(i), type);
        }
    }
}
