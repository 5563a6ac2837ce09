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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowLevelOperationMode;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * What the Iceberg table of a Fluss table must look like (lakehouse document, section 4.4). In the
 * clean layout: the user's columns, identity of the partition keys, {@code bucket[n]} of a bucket
 * key, no sort order. In the legacy layout: three system columns more, identity of {@code __bucket}
 * where there is no bucket key, sorted by {@code __offset}. A primary key becomes the identifier
 * columns, and rows are replaced merge-on-read.
 */
record TableLayout(
        LayoutGeneration generation,
        Schema schema,
        PartitionSpec spec,
        SortOrder sortOrder,
        Map<String, String> properties) {
    private static final String LAKE_PROPERTY_PREFIX = "iceberg.";
    private static final String FLUSS_PROPERTY_PREFIX = "fluss.";
    private static final int MICRO_DIGITS = 6;

    /**
     * The layout in that generation.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE if Iceberg cannot hold the table
     */
    static TableLayout of(TablePath path, TableDescriptor descriptor, LayoutGeneration generation) {
        checkPrimaryKey(path, descriptor);
        Schema schema = schema(descriptor, generation);
        return new TableLayout(
                generation,
                schema,
                spec(path, descriptor, schema, generation),
                sortOrder(schema, generation),
                properties(descriptor));
    }

    /** What a table has that this layout does not want, or lacks; empty if it fits. */
    List<String> differences(Table table, boolean withFlussProperties) {
        List<String> found = structureDifferences(table);
        if (!columns(schema).equals(columns(table.schema())) && found.isEmpty()) {
            found.add("it has the columns " + columns(table.schema()));
        }
        Set<String> wantedKey = new TreeSet<>(schema.identifierFieldNames());
        Set<String> actualKey = new TreeSet<>(table.schema().identifierFieldNames());
        if (!wantedKey.equals(actualKey)) {
            found.add("it has the identifier columns " + actualKey + ", wanted are " + wantedKey);
        }
        List<String> wantedOrder = sortFields(sortOrder);
        List<String> actualOrder = sortFields(table.sortOrder());
        if (!wantedOrder.equals(actualOrder)) {
            found.add("it is sorted by " + actualOrder + ", wanted is " + wantedOrder);
        }
        properties.forEach(
                (k, v) -> {
                    if (k.startsWith(FLUSS_PROPERTY_PREFIX) && !withFlussProperties) {
                        return;
                    }
                    String actual =
                            TableProperties.FORMAT_VERSION.equals(k)
                                    ? Integer.toString(TableUtil.formatVersion(table))
                                    : table.properties().get(k);
                    if (!v.equals(actual)) {
                        found.add("property '" + k + "' is " + actual + ", wanted is " + v);
                    }
                });
        return found;
    }

    /**
     * The part of {@link #differences} that decides whether files can be added. Nullable columns
     * behind the user's are no difference: a column is added to the lake table first, and readers
     * see nulls in files without it.
     */
    List<String> structureDifferences(Table table) {
        List<String> found = new ArrayList<>();
        List<String> wanted = columns(schema);
        List<String> actual = columns(filled(table.schema()).orElse(table.schema()));
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

    /**
     * The columns of a table that this layout has values for, with the table's ids; empty if the
     * table is not this layout with nullable columns more.
     */
    Optional<Schema> filled(Schema table) {
        int system = generation.systemColumns(0).size();
        int users = schema.columns().size() - system;
        int more = table.columns().size() - schema.columns().size();
        if (more < 0
                || table.columns().subList(users, users + more).stream()
                        .anyMatch(c -> c.isRequired())) {
            return Optional.empty();
        }
        List<Types.NestedField> fields = new ArrayList<>(table.columns().subList(0, users));
        fields.addAll(table.columns().subList(users + more, table.columns().size()));
        Schema filled = new Schema(fields);
        return columns(filled).equals(columns(schema)) ? Optional.of(filled) : Optional.empty();
    }

    boolean hasColumnsOf(Schema table) {
        return columns(schema).equals(columns(table));
    }

    private static List<String> sortFields(SortOrder order) {
        return order.fields().stream()
                .map(
                        f ->
                                f.transform()
                                        + "("
                                        + order.schema().findColumnName(f.sourceId())
                                        + ") "
                                        + f.direction()
                                        + " "
                                        + f.nullOrder())
                .toList();
    }

    private static SortOrder sortOrder(Schema schema, LayoutGeneration generation) {
        return generation == LayoutGeneration.LEGACY
                ? SortOrder.builderFor(schema)
                        .asc(LayoutGeneration.OFFSET, NullOrder.NULLS_FIRST)
                        .build()
                : SortOrder.unsorted();
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

    /** Iceberg finds rows by equality of the key, so the key must come back as it went in. */
    private static void checkPrimaryKey(TablePath path, TableDescriptor descriptor) {
        for (String key : descriptor.schema().primaryKey()) {
            DataType type = descriptor.schema().column(key).type();
            boolean isInexact =
                    type instanceof DataType.FloatType
                            || type instanceof DataType.DoubleType
                            || type.isNested();
            if (isInexact) {
                throw ErrorReason.INVALID_TABLE.exception(
                        path
                                + ": primary key column '"
                                + key
                                + "' is "
                                + type
                                + "; Iceberg takes neither floating point nor nested columns in a"
                                + " key, choose another type");
            }
            boolean isFine =
                    (type instanceof DataType.TimestampType t && t.precision() > MICRO_DIGITS)
                            || (type instanceof DataType.TimestampLtzType l
                                    && l.precision() > MICRO_DIGITS);
            if (isFine) {
                throw ErrorReason.INVALID_TABLE.exception(
                        path
                                + ": primary key column '"
                                + key
                                + "' is "
                                + type
                                + "; Iceberg keeps microseconds, so that different keys would"
                                + " become one; use a precision of at most 6");
            }
        }
        String version =
                descriptor
                        .customProperties()
                        .get(LAKE_PROPERTY_PREFIX + TableProperties.FORMAT_VERSION);
        if (descriptor.hasPrimaryKey() && "1".equals(version)) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path
                            + ": tables with a primary key need Iceberg's format version 2 or later,"
                            + " '"
                            + LAKE_PROPERTY_PREFIX
                            + TableProperties.FORMAT_VERSION
                            + "' is 1");
        }
    }

    /** The bucket key; of a table with a primary key by default that without partition keys. */
    private static List<String> bucketKeys(TableDescriptor descriptor) {
        if (!descriptor.bucketKeys().isEmpty()) {
            return descriptor.bucketKeys();
        }
        List<String> keys = new ArrayList<>(descriptor.schema().primaryKey());
        keys.removeAll(descriptor.partitionKeys());
        return keys;
    }

    private static Schema schema(TableDescriptor descriptor, LayoutGeneration generation) {
        List<Column> columns = descriptor.schema().columns();
        List<Types.NestedField> system = generation.systemColumns(columns.size() + 1);
        IcebergTypes types = new IcebergTypes(columns.size() + system.size());
        List<Types.NestedField> fields = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column c = columns.get(i);
            fields.add(types.field(i + 1, c.name(), c.type(), c.comment()));
        }
        fields.addAll(system);
        Set<Integer> identifiers = new HashSet<>();
        for (String key : descriptor.schema().primaryKey()) {
            identifiers.add(descriptor.schema().positionOf(key).orElseThrow() + 1);
        }
        return new Schema(fields, identifiers);
    }

    private static PartitionSpec spec(
            TablePath path,
            TableDescriptor descriptor,
            Schema schema,
            LayoutGeneration generation) {
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
            if (generation == LayoutGeneration.LEGACY && bucketKeys(descriptor).isEmpty()) {
                spec.identity(LayoutGeneration.BUCKET);
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
        List<String> keys = bucketKeys(descriptor);
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
        if (descriptor.hasPrimaryKey()) {
            for (String mode :
                    List.of(
                            TableProperties.DELETE_MODE,
                            TableProperties.UPDATE_MODE,
                            TableProperties.MERGE_MODE)) {
                all.put(mode, RowLevelOperationMode.MERGE_ON_READ.modeName());
            }
        }
        descriptor.properties().forEach((k, v) -> put(all, k, v));
        descriptor.customProperties().forEach((k, v) -> put(all, k, v));
        return all;
    }

    private static void put(Map<String, String> all, String key, String value) {
        all.put(property(key), value);
    }

    /** What an option of the Fluss table is called in the Iceberg table. */
    static String property(String key) {
        return key.startsWith(LAKE_PROPERTY_PREFIX)
                ? key.substring(LAKE_PROPERTY_PREFIX.length())
                : FLUSS_PROPERTY_PREFIX + key;
    }
}
