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
package io.fluss.lake.paimon;

import io.fluss.errors.ErrorReason;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.paimon.CoreOptions;
import org.apache.paimon.schema.Schema;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.types.DataField;
import org.apache.paimon.types.LocalZonedTimestampType;
import org.apache.paimon.types.RowType;
import org.jspecify.annotations.Nullable;

/**
 * What the Paimon table of a Fluss table must look like (lakehouse document, section 4.3): the
 * user's columns, partition keys with their types, {@code bucket = -1} for log tables without
 * bucket key and the bucket count of the Fluss table otherwise, and the whole changelog kept for
 * tables with a primary key. In the legacy layout three system columns more.
 */
record TableLayout(LayoutGeneration generation, Schema schema) {
    /** Holds what only the Fluss table may decide; users may neither set nor change it. */
    private static final Set<String> OURS =
            Set.of(
                    CoreOptions.BUCKET.key(),
                    CoreOptions.BUCKET_KEY.key(),
                    CoreOptions.PARTITION_GENERATE_LEGACY_NAME.key());

    private static final String LAKE_PROPERTY_PREFIX = "paimon.";
    private static final String CATALOG_PROPERTY_PREFIX = "table.datalake.paimon.";
    private static final String FLUSS_PROPERTY_PREFIX = "fluss.";
    private static final String UNAWARE_BUCKET = "-1";

    /**
     * The layout in that generation.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE if Paimon cannot hold the table
     */
    static TableLayout of(TablePath path, TableDescriptor descriptor, LayoutGeneration generation) {
        List<Column> columns = descriptor.schema().columns();
        List<DataField> system = generation.systemColumns(columns.size());
        PaimonTypes types = new PaimonTypes(columns.size() + system.size() - 1);
        List<DataField> fields = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column c = columns.get(i);
            fields.add(types.field(i, c.name(), c.type(), c.comment()));
        }
        fields.addAll(system);
        Map<String, String> options = options(path, descriptor);
        checkDeletionVectors(path, descriptor, options);
        return new TableLayout(
                generation,
                new Schema(
                        fields,
                        descriptor.partitionKeys(),
                        descriptor.schema().primaryKey(),
                        options,
                        descriptor.comment().orElse(null)));
    }

    /** What an option of the Fluss table is called in the Paimon table. */
    static String property(String key) {
        return key.startsWith(LAKE_PROPERTY_PREFIX)
                ? key.substring(LAKE_PROPERTY_PREFIX.length())
                : FLUSS_PROPERTY_PREFIX + key;
    }

    /** Whether an option of the Fluss table is the catalog's and not the table's. */
    static boolean isOfCatalog(String key) {
        return key.startsWith(CATALOG_PROPERTY_PREFIX);
    }

    /** Whether a Paimon option cannot be changed in an existing table. */
    static boolean isFixed(String option) {
        return OURS.contains(option)
                || option.equals(CoreOptions.PATH.key())
                || CoreOptions.IMMUTABLE_OPTIONS.contains(option);
    }

    /** What a table has that this layout does not want, or lacks; empty if it fits. */
    List<String> differences(FileStoreTable table) {
        List<String> found = structureDifferences(table);
        List<String> wanted = columns(schema.fields());
        List<String> actual = columns(table.schema().fields());
        if (found.isEmpty() && !wanted.equals(actual)) {
            found.add("it has the columns " + actual);
        }
        return found;
    }

    /**
     * The part of {@link #differences} that decides whether rows can be added. Nullable columns
     * behind the user's are no difference: a column is added to the lake table first.
     */
    List<String> structureDifferences(FileStoreTable table) {
        List<String> found = new ArrayList<>();
        List<String> wanted = columns(schema.fields());
        List<String> actual = columns(filled(table.rowType().getFields()));
        for (int i = 0; i < Math.max(wanted.size(), actual.size()); i++) {
            String w = i < wanted.size() ? wanted.get(i) : "absent";
            String a = i < actual.size() ? actual.get(i) : "absent";
            if (!w.equals(a)) {
                found.add("column " + (i + 1) + " is " + a + ", wanted is " + w);
            }
        }
        compare(found, "partition keys", schema.partitionKeys(), table.partitionKeys());
        compare(found, "primary key", schema.primaryKeys(), table.primaryKeys());
        Map<String, String> actualOptions = table.schema().options();
        Set<String> compared = new TreeSet<>(CoreOptions.IMMUTABLE_OPTIONS);
        compared.addAll(OURS);
        // The path says where the table is, not what it is.
        compared.remove(CoreOptions.PATH.key());
        for (String key : compared) {
            compare(
                    found,
                    "option '" + key + "'",
                    effective(key, schema.options()),
                    effective(key, actualOptions));
        }
        return found;
    }

    boolean hasColumnsOf(RowType table) {
        return columns(schema.fields()).equals(columns(table.getFields()));
    }

    /** Number of columns that are the user's. */
    int userColumns() {
        return schema.fields().size() - generation.systemColumns(0).size();
    }

    /** The columns of a table without the nullable ones behind those of the user. */
    private List<DataField> filled(List<DataField> table) {
        int users = userColumns();
        int more = table.size() - schema.fields().size();
        if (more <= 0
                || table.subList(users, users + more).stream()
                        .anyMatch(f -> !f.type().isNullable())) {
            return table;
        }
        List<DataField> out = new ArrayList<>(table.subList(0, users));
        out.addAll(table.subList(users + more, table.size()));
        return out;
    }

    private static void compare(
            List<String> found, String what, @Nullable Object wanted, @Nullable Object actual) {
        if (!Objects.equals(wanted, actual)) {
            found.add(what + " is " + actual + ", wanted is " + wanted);
        }
    }

    /** An option as Paimon understands it if it is not set. */
    private static @Nullable String effective(String key, Map<String, String> options) {
        String value = options.get(key);
        if (value != null) {
            return value;
        }
        return CoreOptions.getOptions().stream()
                .filter(o -> o.key().equals(key) && o.defaultValue() != null)
                .map(o -> String.valueOf(o.defaultValue()))
                .findFirst()
                .orElse(null);
    }

    private static List<String> columns(List<DataField> fields) {
        return fields.stream().map(f -> "'" + f.name() + "' " + text(f)).toList();
    }

    /**
     * The type without field ids and comments, which do not count. Very old legacy tables hold the
     * commit time in microseconds.
     */
    private static String text(DataField field) {
        return field.name().equals(LayoutGeneration.TIMESTAMP)
                        && field.type() instanceof LocalZonedTimestampType
                ? "the commit time"
                : text(field.type());
    }

    private static String text(org.apache.paimon.types.DataType type) {
        String nullable = type.isNullable() ? "" : " NOT NULL";
        if (type instanceof RowType row) {
            return row.getFields().stream()
                    .map(f -> "'" + f.name() + "' " + text(f.type()))
                    .collect(Collectors.joining(", ", "ROW<", ">" + nullable));
        }
        if (type instanceof org.apache.paimon.types.ArrayType array) {
            return "ARRAY<" + text(array.getElementType()) + ">" + nullable;
        }
        if (type instanceof org.apache.paimon.types.MapType map) {
            return "MAP<"
                    + text(map.getKeyType())
                    + ", "
                    + text(map.getValueType())
                    + ">"
                    + nullable;
        }
        return type.asSQLString();
    }

    private static Map<String, String> options(TablePath path, TableDescriptor descriptor) {
        Map<String, String> all = new LinkedHashMap<>();
        if (descriptor.hasPrimaryKey()) {
            all.put(CoreOptions.CHANGELOG_PRODUCER.key(), "input");
        }
        descriptor.properties().forEach((k, v) -> put(path, all, k, v));
        descriptor.customProperties().forEach((k, v) -> put(path, all, k, v));
        List<String> keys = bucketKeys(descriptor);
        all.put(
                CoreOptions.BUCKET.key(),
                keys.isEmpty() ? UNAWARE_BUCKET : Integer.toString(bucketCount(path, descriptor)));
        if (!keys.isEmpty()) {
            all.put(CoreOptions.BUCKET_KEY.key(), String.join(",", keys));
        }
        all.put(CoreOptions.PARTITION_GENERATE_LEGACY_NAME.key(), "false");
        return all;
    }

    private static void put(TablePath path, Map<String, String> all, String key, String value) {
        if (isOfCatalog(key)) {
            return;
        }
        String bare =
                key.startsWith(LAKE_PROPERTY_PREFIX)
                        ? key.substring(LAKE_PROPERTY_PREFIX.length())
                        : key;
        if (OURS.contains(bare)) {
            throw ErrorReason.INVALID_TABLE.exception(
                    path
                            + ": option '"
                            + key
                            + "' follows from the buckets and keys of the table; leave it out");
        }
        all.put(property(key), value);
    }

    /** Those of the table, or what its primary key has besides the partition keys. */
    private static List<String> bucketKeys(TableDescriptor descriptor) {
        return descriptor.bucketKeys().isEmpty()
                ? descriptor.schema().primaryKey().stream()
                        .filter(k -> !descriptor.partitionKeys().contains(k))
                        .toList()
                : descriptor.bucketKeys();
    }

    private static int bucketCount(TablePath path, TableDescriptor descriptor) {
        return descriptor
                .bucketCount()
                .orElseThrow(
                        () ->
                                ErrorReason.INVALID_TABLE.exception(
                                        path
                                                + ": a table with a bucket key needs its bucket count"));
    }

    private static void checkDeletionVectors(
            TablePath path, TableDescriptor descriptor, Map<String, String> options) {
        if (!CoreOptions.fromMap(options).batchScanSkipLevel0()) {
            return;
        }
        for (String key : descriptor.partitionKeys()) {
            DataType type = descriptor.schema().column(key).type();
            if (!(type instanceof DataType.StringType)) {
                throw ErrorReason.INVALID_TABLE.exception(
                        path
                                + ": partition key '"
                                + key
                                + "' is "
                                + type
                                + "; with paimon.deletion-vectors.enabled or"
                                + " paimon.merge-engine = first-row partition keys must be STRING");
            }
        }
    }
}
