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

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.util.ArrayList;
import java.util.List;

/**
 * Data types (section 1.2) of the data formats document as UTF-8 JSON. Golden vectors: {@code
 * types.json}.
 */
public final class DataTypeJson {
    private static final String LENGTH = "length";
    private static final String PRECISION = "precision";
    private static final String SCALE = "scale";

    private DataTypeJson() {}

    public static byte[] write(DataType value) {
        return JsonPlace.bytes(toNode(value));
    }

    /**
     * Reads what {@link #write} writes, with keys in any order; unknown keys are skipped.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE naming what is wrong and where
     */
    public static DataType read(byte[] json) {
        return read(JsonPlace.root(json, "data type"));
    }

    static ObjectNode toNode(DataType type) {
        return type.accept(new Writer(type.isNullable()));
    }

    static DataType read(JsonPlace place) {
        place.object();
        boolean nullable = place.optional("nullable").map(JsonPlace::flag).orElse(true);
        try {
            return nullableType(place).withNullable(nullable);
        } catch (IllegalArgumentException e) {
            throw place.error("is not a valid type: " + e.getMessage());
        }
    }

    private static DataType nullableType(JsonPlace place) {
        String name = place.required("type").text();
        return switch (name) {
            case "BOOLEAN" -> DataTypes.bool();
            case "TINYINT" -> DataTypes.tinyInt();
            case "SMALLINT" -> DataTypes.smallInt();
            case "INTEGER" -> DataTypes.integer();
            case "BIGINT" -> DataTypes.bigInt();
            case "FLOAT" -> DataTypes.floating();
            case "DOUBLE" -> DataTypes.doubling();
            case "CHAR" -> DataTypes.character(parameter(place, LENGTH));
            case "STRING" -> DataTypes.string();
            case "BINARY" -> DataTypes.binary(parameter(place, LENGTH));
            case "BYTES" -> DataTypes.bytes();
            case "DECIMAL" ->
                    DataTypes.decimal(parameter(place, PRECISION), parameter(place, SCALE));
            case "DATE" -> DataTypes.date();
            case "TIME_WITHOUT_TIME_ZONE" -> DataTypes.time(parameter(place, PRECISION));
            case "TIMESTAMP_WITHOUT_TIME_ZONE" -> DataTypes.timestamp(parameter(place, PRECISION));
            case "TIMESTAMP_WITH_LOCAL_TIME_ZONE" ->
                    DataTypes.timestampLtz(parameter(place, PRECISION));
            case "ARRAY" -> DataTypes.array(read(place.required("element_type")));
            case "MAP" ->
                    DataTypes.map(
                            read(place.required("key_type")), read(place.required("value_type")));
            case "ROW" -> new DataType.RowType(fields(place), true);
            default -> throw place.error("has the unknown type '" + name + "'");
        };
    }

    private static int parameter(JsonPlace place, String key) {
        return place.required(key).integer();
    }

    private static List<DataType.Field> fields(JsonPlace place) {
        List<DataType.Field> fields = new ArrayList<>();
        for (JsonPlace f : place.required("fields").elements()) {
            fields.add(
                    new DataType.Field(
                            f.object().required("name").text(),
                            read(f.required("field_type")),
                            f.optional("description").map(JsonPlace::text),
                            f.optional("field_id").map(JsonPlace::integer).orElse(-1)));
        }
        return fields;
    }

    /** One object per type; {@code nullable} is written only when false. */
    private record Writer(boolean nullable) implements DataType.Cases<ObjectNode> {

        private ObjectNode named(String name) {
            ObjectNode node = JsonPlace.newObject().put("type", name);
            return nullable ? node : node.put("nullable", false);
        }

        @Override
        public ObjectNode bool(DataType.BooleanType type) {
            return named("BOOLEAN");
        }

        @Override
        public ObjectNode tinyInt(DataType.TinyIntType type) {
            return named("TINYINT");
        }

        @Override
        public ObjectNode smallInt(DataType.SmallIntType type) {
            return named("SMALLINT");
        }

        @Override
        public ObjectNode integer(DataType.IntType type) {
            return named("INTEGER");
        }

        @Override
        public ObjectNode bigInt(DataType.BigIntType type) {
            return named("BIGINT");
        }

        @Override
        public ObjectNode floating(DataType.FloatType type) {
            return named("FLOAT");
        }

        @Override
        public ObjectNode doubling(DataType.DoubleType type) {
            return named("DOUBLE");
        }

        @Override
        public ObjectNode character(DataType.CharType type) {
            return named("CHAR").put(LENGTH, type.length());
        }

        @Override
        public ObjectNode string(DataType.StringType type) {
            return named("STRING");
        }

        @Override
        public ObjectNode binary(DataType.BinaryType type) {
            return named("BINARY").put(LENGTH, type.length());
        }

        @Override
        public ObjectNode bytes(DataType.BytesType type) {
            return named("BYTES");
        }

        @Override
        public ObjectNode decimal(DataType.DecimalType type) {
            return named("DECIMAL").put(PRECISION, type.precision()).put(SCALE, type.scale());
        }

        @Override
        public ObjectNode date(DataType.DateType type) {
            return named("DATE");
        }

        @Override
        public ObjectNode time(DataType.TimeType type) {
            return named("TIME_WITHOUT_TIME_ZONE").put(PRECISION, type.precision());
        }

        @Override
        public ObjectNode timestamp(DataType.TimestampType type) {
            return named("TIMESTAMP_WITHOUT_TIME_ZONE").put(PRECISION, type.precision());
        }

        @Override
        public ObjectNode timestampLtz(DataType.TimestampLtzType type) {
            return named("TIMESTAMP_WITH_LOCAL_TIME_ZONE").put(PRECISION, type.precision());
        }

        @Override
        public ObjectNode array(DataType.ArrayType type) {
            return named("ARRAY").set("element_type", toNode(type.elementType()));
        }

        @Override
        public ObjectNode map(DataType.MapType type) {
            ObjectNode node = named("MAP");
            node.set("key_type", toNode(type.keyType()));
            node.set("value_type", toNode(type.valueType()));
            return node;
        }

        @Override
        public ObjectNode row(DataType.RowType type) {
            ObjectNode node = named("ROW");
            ArrayNode fields = node.putArray("fields");
            for (DataType.Field f : type.fields()) {
                ObjectNode field = fields.addObject().put("name", f.name());
                field.set("field_type", toNode(f.type()));
                f.description().ifPresent(d -> field.put("description", d));
                field.put("field_id", f.id());
            }
            return node;
        }
    }
}
