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
package io.fluss.spark.types;

import io.fluss.errors.ErrorReason;
import io.fluss.table.AggregateRules;
import io.fluss.table.Column;
import io.fluss.table.Column.AggregateFunction;
import io.fluss.table.TableSchema;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the cluster does with columns of tables with a primary key, as table properties, since DDL
 * has no words for it: {@code fields.COLUMN.agg} names the function that merges values in the
 * aggregation merge engine, {@code fields.COLUMN.agg.PARAMETER} its parameters, and {@code
 * auto-increment.fields} the column that gets numbers.
 */
final class ColumnRoles {
    static final String AUTO_INCREMENT = "auto-increment.fields";
    private static final Pattern AGGREGATE = Pattern.compile("fields\\.(.+?)\\.agg(?:\\.(.+))?");

    private ColumnRoles() {}

    static boolean isRole(String property) {
        return property.equals(AUTO_INCREMENT) || AGGREGATE.matcher(property).matches();
    }

    /**
     * Columns with their functions.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE for a property of a column that
     *     does not exist, or of parameters without function
     */
    static List<Column> aggregated(List<Column> columns, Map<String, String> properties) {
        Map<String, String> functions = new LinkedHashMap<>();
        Map<String, Map<String, String>> parameters = new LinkedHashMap<>();
        properties.forEach(
                (k, v) -> {
                    Matcher m = AGGREGATE.matcher(k);
                    if (m.matches() && m.group(2) == null) {
                        functions.put(m.group(1), v.trim());
                    } else if (m.matches()) {
                        parameters
                                .computeIfAbsent(m.group(1), c -> new LinkedHashMap<>())
                                .put(m.group(2), v);
                    }
                });
        Set<String> unknown = new HashSet<>(functions.keySet());
        unknown.addAll(parameters.keySet());
        columns.forEach(c -> unknown.remove(c.name()));
        parameters.keySet().stream().filter(c -> !functions.containsKey(c)).forEach(unknown::add);
        if (!unknown.isEmpty()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "properties 'fields.COLUMN.agg' name columns "
                            + unknown
                            + ", but each needs a column of the table and a function; columns are "
                            + columns.stream().map(Column::name).toList());
        }
        return columns.stream()
                .map(
                        c ->
                                functions.containsKey(c.name())
                                        ? new Column(
                                                c.name(),
                                                c.type(),
                                                c.comment(),
                                                c.id(),
                                                Optional.of(
                                                        new AggregateFunction(
                                                                AggregateRules.canonical(
                                                                        functions.get(c.name())),
                                                                parameters.getOrDefault(
                                                                        c.name(), Map.of()))))
                                        : c)
                .toList();
    }

    /** The schema with the column that gets numbers. */
    static TableSchema numbered(TableSchema schema, Map<String, String> properties) {
        String column = properties.get(AUTO_INCREMENT);
        return column == null || column.isBlank()
                ? schema
                : new TableSchema(
                        schema.columns(),
                        schema.primaryKey(),
                        Optional.of(column.trim()),
                        schema.highestFieldId());
    }

    /** The properties that declare the roles of a schema. */
    static Map<String, String> properties(TableSchema schema) {
        Map<String, String> out = new LinkedHashMap<>();
        for (Column c : schema.columns()) {
            c.aggregate()
                    .ifPresent(
                            a -> {
                                String property = "fields." + c.name() + ".agg";
                                out.put(property, a.name());
                                a.parameters().forEach((k, v) -> out.put(property + "." + k, v));
                            });
        }
        schema.autoIncrementColumn().ifPresent(c -> out.put(AUTO_INCREMENT, c));
        return out;
    }
}
