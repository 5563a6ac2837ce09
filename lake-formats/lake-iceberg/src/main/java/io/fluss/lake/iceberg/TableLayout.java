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
package io.fluss.lake.iceberg;

import io.fluss.errors.ErrorReason;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * What the Iceberg table of a Fluss log table must look like, in the clean layout: the user's
 * columns, identity of the partition keys, {@code bucket[n]} of a bucket key, no sort order.
 */
record TableLayout(Schema schema, PartitionSpec spec, Map<String, String> properties) {
    private static final String LAKE_PROPERTY_PREFIX = "iceberg.";
    private static final String FLUSS_PROPERTY_PREFIX = "fluss.";

    /**
     * @throws io.fluss.errors.FlussException with INVALID_TABLE if Iceberg cannot hold the table
     */
    static TableLayout of(TablePath path, TableDescriptor descriptor) {
        if (descriptor.hasPrimaryKey()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path
                            + ": the iceberg lake format does not take primary key tables yet;"
                            + " create the table without table.datalake.enabled");
        }
        Schema schema = schema(descriptor);
        return new TableLayout(schema, spec(path, descriptor, schema), properties(descriptor));
    }

    /** What a table has that this layout does not want, or lacks; empty if it fits. */
    List<String> differences(Table table, boolean withFlussProperties) {
        List<String> found = structureDifferences(table);
        if (!table.schema().identifierFieldNames().isEmpty()) {
            found.add(
                    "it has the identifier columns "
                            + table.schema().identifierFieldNames()
                            + ", a log table has none");
        }
        SortOrder order = table.sortOrder();
        if (order.isSorted()) {
            found.add("it has the sort order " + order + ", wanted is none");
        }
        properties.forEach(
                (k, v) -> {
                    if (k.startsWith(FLUSS_PROPERTY_PREFIX) && !withFlussProperties) {
                        return;
                    }
                    String actual = table.properties().get(k);
                    if (!v.equals(actual)) {
                        found.add("property '" + k + "' is " + actual + ", wanted is " + v);
                    }
                });
        return found;
    }

    /** The part of {@link #differences} that decides whether files can be added. */
    List<String> structureDifferences(Table table) {
        List<String> found = new ArrayList<>();
        List<String> wanted = columns(schema);
        List<String> actual = columns(table.schema());
        for (int i = 0; i < Math.max(wanted.size(), actual.size()); i++) {
            String w = i < wanted.size() ? wanted.get(i) : "absent";
            String a = i < actual.size() ? actual.get(i) : "absent";
            if (!w.equals(a)) {
                found.add("column " + (i + 1) + " is " + a + ", wanted is " + w);
            }
        }
        List<String> wantedFields = partitionFields(spec);
        List<String> actualFields = partitionFields(table.spec());
        if (!wantedFields.equals(actualFields)) {
            found.add("it is partitioned by " + actualFields + ", wanted is " + wantedFields);
        }
        return found;
    }

    private static List<String> columns(Schema schema) {
        return schema.columns().stream().map(TableLayout::text).toList();
    }

    private static String text(Types.NestedField field) {
        return "'"
                + field.name()
                + "' "
                + (field.isOptional() ? "optional " : "required ")
                + text(field.type());
    }

    /** The type without field ids and comments, which do not count. */
    private static String text(Type type) {
        if (type.isPrimitiveType()) {
            return type.toString();
        }
        String fields =
                type.asNestedType().fields().stream()
                        .map(TableLayout::text)
                        .collect(Collectors.joining(", ", "<", ">"));
        return type.typeId().name().toLowerCase(java.util.Locale.ROOT) + fields;
    }

    private static List<String> partitionFields(PartitionSpec spec) {
        List<String> all = new ArrayList<>();
        for (PartitionField f : spec.fields()) {
            all.add(
                    f.name()
                            + "="
                            + f.transform()
                            + "("
                            + spec.schema().findColumnName(f.sourceId())
                            + ")");
        }
        return all;
    }

    private static Schema schema(TableDescriptor descriptor) {
        List<Column> columns = descriptor.schema().columns();
        IcebergTypes types = new IcebergTypes(columns.size());
        List<Types.NestedField> fields = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column c = columns.get(i);
            fields.add(types.field(i + 1, c.name(), c.type(), c.comment()));
        }
        return new Schema(fields);
    }

    private static PartitionSpec spec(TablePath path, TableDescriptor descriptor, Schema schema) {
        try {
            PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
            for (String key : descriptor.partitionKeys()) {
                DataType type = descriptor.schema().column(key).type();
                if (!(type instanceof DataType.StringType)) {
                    throw ErrorReason.INVALID_TABLE.exception(
                            path
                                    + ": partition key '"
                                    + key
                                    + "' is "
                                    + type
                                    + "; the iceberg lake format needs STRING partition keys");
                }
                spec.identity(key);
            }
            addBucket(path, descriptor, spec);
            return spec.build();
        } catch (org.apache.iceberg.exceptions.ValidationException | IllegalArgumentException e) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path + ": Iceberg refuses the partitioning: " + e.getMessage(), e);
        }
    }

    private static void addBucket(
            TablePath path, TableDescriptor descriptor, PartitionSpec.Builder spec) {
        List<String> keys = descriptor.bucketKeys();
        if (keys.isEmpty()) {
            return;
        }
        if (keys.size() > 1) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path
                            + ": the iceberg lake format takes at most one bucket key, got "
                            + keys
                            + "; choose one of them");
        }
        String key = keys.get(0);
        DataType type = descriptor.schema().column(key).type();
        if (!isBucketable(type)) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path
                            + ": bucket key '"
                            + key
                            + "' is "
                            + type
                            + "; Iceberg buckets INT, BIGINT, DATE, TIME, TIMESTAMP, DECIMAL, CHAR,"
                            + " STRING, BINARY and BYTES");
        }
        int count =
                descriptor
                        .bucketCount()
                        .orElseThrow(
                                () ->
                                        ErrorReason.INVALID_TABLE.exception(
                                                path
                                                        + ": a table with a bucket key needs its"
                                                        + " bucket count"));
        spec.bucket(key, count);
    }

    private static boolean isBucketable(DataType type) {
        return type instanceof DataType.IntType
                || type instanceof DataType.BigIntType
                || type instanceof DataType.DateType
                || type instanceof DataType.TimeType
                || type instanceof DataType.TimestampType
                || type instanceof DataType.DecimalType
                || type instanceof DataType.CharType
                || type instanceof DataType.StringType
                || type instanceof DataType.BinaryType
                || type instanceof DataType.BytesType;
    }

    private static Map<String, String> properties(TableDescriptor descriptor) {
        Map<String, String> all = new LinkedHashMap<>();
        descriptor.properties().forEach((k, v) -> put(all, k, v));
        descriptor.customProperties().forEach((k, v) -> put(all, k, v));
        return all;
    }

    private static void put(Map<String, String> all, String key, String value) {
        if (key.startsWith(LAKE_PROPERTY_PREFIX)) {
            all.put(key.substring(LAKE_PROPERTY_PREFIX.length()), value);
        } else {
            all.put(FLUSS_PROPERTY_PREFIX + key, value);
        }
    }
}
