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
package io.fluss.formats.keys;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.row.RowBytes;
import io.fluss.formats.row.RowValues;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions.LakeFormatName;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Makes the bytes of a key out of some columns of a row (data formats document, section 3.2).
 * Immutable. Golden vectors: {@code keys.json}.
 */
public final class KeyEncoder {
    private final Encoding encoding;
    private final KeyLayout layout;
    private final List<DataType.Field> fields;
    private final int[] positions;

    /** The layouts there are. */
    enum Encoding {
        COMPACTED,
        PAIMON,
        ICEBERG;

        private KeyLayout of(List<DataType.Field> key) {
            return switch (this) {
                case COMPACTED -> new CompactedKey(key);
                case PAIMON -> new PaimonKey(key);
                case ICEBERG -> new IcebergKey(key);
            };
        }
    }

    private KeyEncoder(
            Encoding encoding, KeyLayout layout, List<DataType.Field> fields, int[] positions) {
        this.encoding = encoding;
        this.layout = layout;
        this.fields = fields;
        this.positions = positions;
    }

    /** Compacted key: the Fluss layout, without null bits. */
    public static KeyEncoder compacted(DataType.RowType row, List<String> key) {
        return of(Encoding.COMPACTED, row, key);
    }

    /** Paimon's binary row of the key columns. */
    public static KeyEncoder paimon(DataType.RowType row, List<String> key) {
        return of(Encoding.PAIMON, row, key);
    }

    /** The bytes that Iceberg hashes; exactly one column. */
    public static KeyEncoder iceberg(DataType.RowType row, List<String> key) {
        return of(Encoding.ICEBERG, row, key);
    }

    /** The key of the key-value store and of lookups, from whole rows of the table. */
    public static KeyEncoder forPrimaryKey(TableDescriptor table) {
        return primaryKeyRule(table, physicalPrimaryKey(table));
    }

    /**
     * What prefix lookups send: the bucket key columns in the encoding of the primary key, from
     * whole rows of the table.
     *
     * @throws FlussException with INVALID_TABLE if the bucket key is not a leading part of the
     *     primary key
     */
    public static KeyEncoder forPrefixKey(TableDescriptor table) {
        List<String> key = physicalPrimaryKey(table);
        List<String> prefix = bucketKey(table);
        if (prefix.size() >= key.size() || !key.subList(0, prefix.size()).equals(prefix)) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "prefix lookups need a bucket key that is a leading part of the primary key; "
                            + prefix
                            + " is none of "
                            + key);
        }
        return primaryKeyRule(table, prefix);
    }

    /**
     * What the {@link BucketFunction} of the table hashes, from whole rows of the table; empty if
     * the table has no bucket key and writers pick buckets as they like.
     */
    public static Optional<KeyEncoder> forBucketKey(TableDescriptor table) {
        List<String> key = bucketKey(table);
        return key.isEmpty()
                ? Optional.empty()
                : Optional.of(lake(table.options().lakeFormat(), table, key));
    }

    private static KeyEncoder primaryKeyRule(TableDescriptor table, List<String> key) {
        boolean followsLake =
                table.options().kvFormatVersion() == 1
                        || bucketKey(table).equals(physicalPrimaryKey(table));
        Optional<LakeFormatName> format = table.options().lakeFormat();
        return followsLake && format.filter(f -> f != LakeFormatName.HUDI).isPresent()
                ? lake(format, table, key)
                : compacted(table.schema().rowType(), key);
    }

    private static KeyEncoder lake(
            Optional<LakeFormatName> format, TableDescriptor table, List<String> key) {
        DataType.RowType row = table.schema().rowType();
        if (format.isEmpty()) {
            return compacted(row, key);
        }
        return switch (format.get()) {
            case LANCE -> compacted(row, key);
            case PAIMON -> paimon(row, key);
            case ICEBERG -> iceberg(row, key);
            case HUDI ->
                    throw ErrorReason.INVALID_TABLE.exception(
                            "bucket keys of tables with the lake format hudi are not supported");
        };
    }

    private static List<String> physicalPrimaryKey(TableDescriptor table) {
        List<String> key = new ArrayList<>(table.schema().primaryKey());
        key.removeAll(table.partitionKeys());
        return key;
    }

    private static List<String> bucketKey(TableDescriptor table) {
        return table.bucketKeys().isEmpty() ? physicalPrimaryKey(table) : table.bucketKeys();
    }

    private static KeyEncoder of(Encoding encoding, DataType.RowType row, List<String> columns) {
        List<String> names = row.fields().stream().map(DataType.Field::name).toList();
        int[] positions = positions(names, columns);
        List<DataType.Field> fields = new ArrayList<>();
        for (int position : positions) {
            fields.add(row.fields().get(position));
        }
        List<DataType.Field> key = List.copyOf(fields);
        return new KeyEncoder(encoding, encoding.of(key), key, positions);
    }

    private static int[] positions(List<String> names, List<String> key) {
        int[] positions = new int[key.size()];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = names.indexOf(key.get(i));
            if (positions[i] < 0) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "key column '" + key.get(i) + "' does not exist; columns are " + names);
            }
        }
        return positions;
    }

    /** This encoder for rows that have other columns than the table, such as just the key. */
    public KeyEncoder reading(List<String> columns) {
        return new KeyEncoder(encoding, layout, fields, positions(columns, this.columns()));
    }

    /** The key columns in key order. */
    public List<String> columns() {
        return fields.stream().map(DataType.Field::name).toList();
    }

    /**
     * The key of a row.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN for a null where the encoding has none
     */
    public byte[] encode(RowValues row) {
        RowBytes out = new RowBytes(32);
        encode(row, out);
        return out.toArray();
    }

    /** As above, appended to what is there. */
    public void encode(RowValues row, RowBytes out) {
        layout.encode(row, positions, out);
    }

    Encoding encoding() {
        return encoding;
    }

    /** The key of one row of vectors; for many rows keep an {@link ArrowRow}. */
    public byte[] encode(VectorSchemaRoot root, int row) {
        return encode(ArrowRow.of(root).at(row));
    }

    static FlussException unsupported(DataType.Field field, String encoding) {
        return ErrorReason.INVALID_TABLE.exception(
                "column '%s' of type %s cannot be part of %s key"
                        .formatted(field.name(), field.type(), encoding));
    }

    static void checkNotNested(List<DataType.Field> key, String encoding) {
        for (DataType.Field field : key) {
            if (field.type().isNested()) {
                throw unsupported(field, encoding);
            }
        }
    }

    static FlussException nullValue(DataType.Field field) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                "key column '" + field.name() + "' is null; key columns need a value");
    }

    /** One of the encodings, made for the key columns. */
    interface KeyLayout {
        void encode(RowValues row, int[] positions, RowBytes out);
    }
}
