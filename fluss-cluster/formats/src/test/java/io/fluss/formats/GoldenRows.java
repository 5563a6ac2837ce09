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
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;

/** Values in the notation of the golden vectors, into Arrow vectors and back. */
public final class GoldenRows {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private GoldenRows() {}

    /** A root with these rows; the caller closes it. */
    public static VectorSchemaRoot root(
            DataType.RowType type, Iterable<JsonNode> rows, BufferAllocator allocator) {
        VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.of(type), allocator);
        int n = 0;
        for (JsonNode row : rows) {
            for (int c = 0; c < type.fields().size(); c++) {
                set(root.getVector(c), n, type.fields().get(c).type(), row.get(c));
            }
            n++;
        }
        root.setRowCount(n);
        return root;
    }

    public static ArrayNode row(VectorSchemaRoot root, DataType.RowType type, int row) {
        ArrayNode values = NODES.arrayNode();
        for (int c = 0; c < type.fields().size(); c++) {
            values.add(get(root.getVector(c), row, type.fields().get(c).type()));
        }
        return values;
    }

    private static void set(FieldVector vector, int i, DataType type, JsonNode v) {
        while (vector.getValueCapacity() <= i) {
            vector.reAlloc();
        }
        if (v.isNull()) {
            vector.setNull(i);
            return;
        }
        if (vector instanceof BitVector x) {
            x.setSafe(i, v.booleanValue() ? 1 : 0);
        } else if (vector instanceof TinyIntVector x) {
            x.setSafe(i, v.intValue());
        } else if (vector instanceof SmallIntVector x) {
            x.setSafe(i, v.intValue());
        } else if (vector instanceof IntVector x) {
            x.setSafe(i, v.intValue());
        } else if (vector instanceof BigIntVector x) {
            x.setSafe(i, Long.parseLong(v.textValue()));
        } else if (vector instanceof Float4Vector x) {
            x.setSafe(i, Float.intBitsToFloat(Integer.parseUnsignedInt(bits(v), 16)));
        } else if (vector instanceof Float8Vector x) {
            x.setSafe(i, Double.longBitsToDouble(Long.parseUnsignedLong(bits(v), 16)));
        } else if (vector instanceof VarCharVector x) {
            x.setSafe(i, v.textValue().getBytes(StandardCharsets.UTF_8));
        } else if (vector instanceof VarBinaryVector x) {
            x.setSafe(i, GoldenVectors.hex(v.get("hex")));
        } else if (vector instanceof FixedSizeBinaryVector x) {
            x.setSafe(i, GoldenVectors.hex(v.get("hex")));
        } else if (vector instanceof DecimalVector x) {
            x.setSafe(i, new BigDecimal(v.textValue()).setScale(x.getScale()));
        } else if (vector instanceof DateDayVector x) {
            x.setSafe(i, v.intValue());
        } else if (vector instanceof TimeSecVector x) {
            x.setSafe(i, v.intValue() / 1000);
        } else if (vector instanceof TimeMilliVector x) {
            x.setSafe(i, v.intValue());
        } else if (vector instanceof TimeMicroVector x) {
            x.setSafe(i, v.intValue() * 1000L);
        } else if (vector instanceof TimeNanoVector x) {
            x.setSafe(i, v.intValue() * 1_000_000L);
        } else if (vector instanceof TimeStampVector x) {
            x.setSafe(i, timestamp(v, precision(type)));
        } else if (vector instanceof StructVector x) {
            List<DataType.Field> fields = ((DataType.RowType) type).fields();
            for (int f = 0; f < fields.size(); f++) {
                set(x.getChildrenFromFields().get(f), i, fields.get(f).type(), v.get(f));
            }
            x.setIndexDefined(i);
        } else if (vector instanceof MapVector x) {
            DataType.MapType m = (DataType.MapType) type;
            StructVector entries = (StructVector) x.getDataVector();
            int start = x.startNewValue(i);
            for (int e = 0; e < v.size(); e++) {
                while (entries.getValueCapacity() <= start + e) {
                    entries.reAlloc();
                }
                entries.setIndexDefined(start + e);
                set(
                        entries.getChildrenFromFields().get(0),
                        start + e,
                        m.keyType(),
                        v.get(e).get(0));
                set(
                        entries.getChildrenFromFields().get(1),
                        start + e,
                        m.valueType(),
                        v.get(e).get(1));
            }
            x.endValue(i, v.size());
        } else if (vector instanceof ListVector x) {
            int start = x.startNewValue(i);
            for (int e = 0; e < v.size(); e++) {
                set(
                        x.getDataVector(),
                        start + e,
                        ((DataType.ArrayType) type).elementType(),
                        v.get(e));
            }
            x.endValue(i, v.size());
        } else {
            throw new IllegalArgumentException(vector.getField().toString());
        }
    }

    private static String bits(JsonNode v) {
        return v.get("bits").textValue();
    }

    private static int precision(DataType type) {
        return type instanceof DataType.TimestampType t
                ? t.precision()
                : ((DataType.TimestampLtzType) type).precision();
    }

    private static long timestamp(JsonNode v, int precision) {
        JsonNode millisNode = v.has("millis") ? v.get("millis") : v.get("epochMillis");
        long millis = Long.parseLong(millisNode.textValue());
        int nanos = v.get("nanoOfMillis").intValue();
        if (precision == 0) {
            return millis / 1000;
        }
        if (precision <= 3) {
            return millis;
        }
        return precision <= 6 ? millis * 1000 + nanos / 1000 : millis * 1_000_000 + nanos;
    }

    private static JsonNode timestamp(long value, int precision, boolean ltz) {
        long millis;
        long nanos = 0;
        if (precision == 0) {
            millis = value * 1000;
        } else if (precision <= 3) {
            millis = value;
        } else if (precision <= 6) {
            millis = Math.floorDiv(value, 1000L);
            nanos = Math.floorMod(value, 1000L) * 1000;
        } else {
            millis = Math.floorDiv(value, 1_000_000L);
            nanos = Math.floorMod(value, 1_000_000L);
        }
        return NODES.objectNode()
                .put(ltz ? "epochMillis" : "millis", Long.toString(millis))
                .put("nanoOfMillis", (int) nanos);
    }

    private static JsonNode hex(byte[] bytes) {
        return NODES.objectNode().put("hex", HexFormat.of().formatHex(bytes));
    }

    private static JsonNode get(FieldVector vector, int i, DataType type) {
        if (vector.isNull(i)) {
            return NODES.nullNode();
        }
        if (vector instanceof BitVector x) {
            return NODES.booleanNode(x.get(i) != 0);
        } else if (vector instanceof TinyIntVector x) {
            return NODES.numberNode((int) x.get(i));
        } else if (vector instanceof SmallIntVector x) {
            return NODES.numberNode((int) x.get(i));
        } else if (vector instanceof IntVector x) {
            return NODES.numberNode(x.get(i));
        } else if (vector instanceof BigIntVector x) {
            return NODES.textNode(Long.toString(x.get(i)));
        } else if (vector instanceof Float4Vector x) {
            ObjectNode n = NODES.objectNode().put("float", Float.toString(x.get(i)));
            return n.put("bits", "%08x".formatted(Float.floatToRawIntBits(x.get(i))));
        } else if (vector instanceof Float8Vector x) {
            ObjectNode n = NODES.objectNode().put("double", Double.toString(x.get(i)));
            return n.put("bits", "%016x".formatted(Double.doubleToRawLongBits(x.get(i))));
        } else if (vector instanceof VarCharVector x) {
            return NODES.textNode(new String(x.get(i), StandardCharsets.UTF_8));
        } else if (vector instanceof VarBinaryVector x) {
            return hex(x.get(i));
        } else if (vector instanceof FixedSizeBinaryVector x) {
            return hex(x.get(i));
        } else if (vector instanceof DecimalVector x) {
            return NODES.textNode(x.getObject(i).toPlainString());
        } else if (vector instanceof DateDayVector x) {
            return NODES.numberNode(x.get(i));
        } else if (vector instanceof TimeSecVector x) {
            return NODES.numberNode(x.get(i) * 1000);
        } else if (vector instanceof TimeMilliVector x) {
            return NODES.numberNode(x.get(i));
        } else if (vector instanceof TimeMicroVector x) {
            return NODES.numberNode((int) (x.get(i) / 1000));
        } else if (vector instanceof TimeNanoVector x) {
            return NODES.numberNode((int) (x.get(i) / 1_000_000));
        } else if (vector instanceof TimeStampVector x) {
            return timestamp(x.get(i), precision(type), type instanceof DataType.TimestampLtzType);
        } else if (vector instanceof StructVector x) {
            ArrayNode values = NODES.arrayNode();
            List<DataType.Field> fields = ((DataType.RowType) type).fields();
            for (int f = 0; f < fields.size(); f++) {
                values.add(get(x.getChildrenFromFields().get(f), i, fields.get(f).type()));
            }
            return values;
        } else if (vector instanceof MapVector x) {
            DataType.MapType m = (DataType.MapType) type;
            StructVector entries = (StructVector) x.getDataVector();
            ArrayNode values = NODES.arrayNode();
            for (int e = x.getElementStartIndex(i); e < x.getElementEndIndex(i); e++) {
                ArrayNode pair = values.addArray();
                pair.add(get(entries.getChildrenFromFields().get(0), e, m.keyType()));
                pair.add(get(entries.getChildrenFromFields().get(1), e, m.valueType()));
            }
            return values;
        } else if (vector instanceof ListVector x) {
            ArrayNode values = NODES.arrayNode();
            for (int e = x.getElementStartIndex(i); e < x.getElementEndIndex(i); e++) {
                values.add(get(x.getDataVector(), e, ((DataType.ArrayType) type).elementType()));
            }
            return values;
        }
        throw new IllegalArgumentException(vector.getField().toString());
    }
}
