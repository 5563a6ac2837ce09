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
import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Schemas (section 7.1) of the data formats document as UTF-8 JSON. Golden vectors: {@code
 * json-documents.json}.
 */
public final class SchemaJson {
    private static final Set<String> AGGREGATES =
            Set.of(
                    "sum",
                    "product",
                    "max",
                    "min",
                    "last_value",
                    "last_value_ignore_nulls",
                    "first_value",
                    "first_value_ignore_nulls",
                    "listagg",
                    "string_agg",
                    "bool_and",
                    "bool_or",
                    "rbm32",
                    "rbm64");

    private SchemaJson() {}

    public static byte[] write(TableSchema value) {
        return JsonPlace.bytes(toNode(value));
    }

    /**
     * Reads what {@link #write} writes, with keys in any order; unknown keys are skipped.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE naming what is wrong and where
     */
    public static TableSchema read(byte[] json) {
        return read(JsonPlace.root(json, "schema"));
    }

    static ObjectNode toNode(TableSchema schema) {
        ObjectNode node = JsonPlace.newObject().put("version", 1);
        ArrayNode columns = node.putArray("columns");
        schema.columns().forEach(c -> columns.add(toNode(c)));
        if (schema.hasPrimaryKey()) {
            ArrayNode key = node.putArray("primary_key");
            schema.primaryKey().forEach(key::add);
        }
        schema.autoIncrementColumn().ifPresent(c -> node.putArray("auto_increment_column").add(c));
        return node.put("highest_field_id", schema.highestFieldId());
    }

    private static ObjectNode toNode(Column column) {
        ObjectNode node = JsonPlace.newObject().put("name", column.name());
        node.set("data_type", DataTypeJson.toNode(column.type()));
        column.comment().ifPresent(c -> node.put("comment", c));
        column.aggregate()
                .ifPresent(
                        a -> {
                            ObjectNode f = node.putObject("agg_function").put("type", a.name());
                            if (!a.parameters().isEmpty()) {
                                f.set("parameters", JsonPlace.strings(a.parameters()));
                            }
                        });
        return node.put("id", column.id());
    }

    static TableSchema read(JsonPlace place) {
        place.object();
        List<Column> columns = columns(place);
        int largest = checkIds(place, columns);
        List<String> primaryKey =
                place.optional("primary_key").map(JsonPlace::texts).orElse(List.of());
        TableSchema schema =
                new TableSchema(
                        columns,
                        primaryKey,
                        autoIncrement(place, columns, primaryKey),
                        place.optional("highest_field_id").map(JsonPlace::integer).orElse(largest));
        if (schema.highestFieldId() < largest) {
            throw place.error(
                    "has highest_field_id "
                            + schema.highestFieldId()
                            + ", but the field id "
                            + largest
                            + " is in use");
        }
        return schema;
    }

    private static List<Column> columns(JsonPlace place) {
        List<JsonPlace> places = place.required("columns").elements();
        long withId = places.stream().filter(c -> c.object().optional("id").isPresent()).count();
        if (withId != 0 && withId != places.size()) {
            throw place.error(
                    "has ids for "
                            + withId
                            + " of "
                            + places.size()
                            + " columns; give all or none");
        }
        List<Column> columns = new ArrayList<>();
        for (JsonPlace c : places) {
            int position = columns.size();
            columns.add(
                    new Column(
                            c.required("name").text(),
                            DataTypeJson.read(c.required("data_type")),
                            c.optional("comment").map(JsonPlace::text),
                            c.optional("id").map(JsonPlace::integer).orElse(position),
                            c.optional("agg_function").flatMap(SchemaJson::aggregate)));
        }
        return columns;
    }

    /** Readers skip functions they do not know (section 7.1). */
    private static Optional<Column.AggregateFunction> aggregate(JsonPlace place) {
        String name =
                place.object().required("type").text().toLowerCase(Locale.ROOT).replace('-', '_');
        Map<String, String> parameters =
                place.optional("parameters").map(JsonPlace::strings).orElse(Map.of());
        return AGGREGATES.contains(name)
                ? Optional.of(new Column.AggregateFunction(name, parameters))
                : Optional.empty();
    }

    private static Optional<String> autoIncrement(
            JsonPlace schema, List<Column> columns, List<String> primaryKey) {
        Optional<JsonPlace> place = schema.optional("auto_increment_column");
        List<String> names = place.map(JsonPlace::texts).orElse(List.of());
        if (place.isEmpty() || names.isEmpty()) {
            return Optional.empty();
        }
        if (names.size() > 1) {
            throw place.get().error("names " + names + "; only one column can be numbered");
        }
        String name = names.get(0);
        DataType type =
                columns.stream()
                        .filter(c -> c.name().equals(name))
                        .findFirst()
                        .orElseThrow(
                                () -> place.get().error("names the unknown column '" + name + "'"))
                        .type();
        if (!(type instanceof DataType.IntType) && !(type instanceof DataType.BigIntType)) {
            throw place.get()
                    .error("names '" + name + "' of type " + type + "; it must be INT or BIGINT");
        }
        if (primaryKey.isEmpty() || primaryKey.contains(name)) {
            throw place.get()
                    .error(
                            "names '"
                                    + name
                                    + "'; the table needs a primary key that does not contain it");
        }
        return Optional.of(name);
    }

    /** All ids, nested ones too, must be unique; gives the largest, or -1. */
    private static int checkIds(JsonPlace place, List<Column> columns) {
        Set<Integer> ids = new HashSet<>();
        List<Integer> all = new ArrayList<>();
        for (Column c : columns) {
            all.add(c.id());
            collectIds(c.type(), all);
        }
        int largest = -1;
        for (int id : all) {
            if (id >= 0 && !ids.add(id)) {
                throw place.error("gives the field id " + id + " twice");
            }
            largest = Math.max(largest, id);
        }
        return largest;
    }

    private static void collectIds(DataType type, List<Integer> ids) {
        if (type instanceof DataType.ArrayType a) {
            collectIds(a.elementType(), ids);
        } else if (type instanceof DataType.MapType m) {
            collectIds(m.keyType(), ids);
            collectIds(m.valueType(), ids);
        } else if (type instanceof DataType.RowType r) {
            for (DataType.Field f : r.fields()) {
                ids.add(f.id());
                collectIds(f.type(), ids);
            }
        }
    }
}
