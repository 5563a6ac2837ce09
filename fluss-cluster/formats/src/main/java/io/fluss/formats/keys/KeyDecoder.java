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
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowValues;
import io.fluss.table.TableDescriptor;
import io.fluss.types.DataType;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The way back from the bytes of a primary key, and the name of the partition it stands in, to a
 * row of the table that has these columns only. Belongs to one thread.
 */
public final class KeyDecoder {
    /** In {@link #places}: not part of the key; such columns are null. */
    private static final int NOWHERE = -1;

    private final String table;
    private final KeyEncoder encoder;
    private final DataType.RowType key;
    private final Layout layout;
    private final Optional<RowValues> partition;

    /** Where each column of the table is found: in the key, or behind it in the partition. */
    private final int[] places;

    private KeyDecoder(
            String table,
            KeyEncoder encoder,
            DataType.RowType key,
            Layout layout,
            Optional<RowValues> partition,
            int[] places) {
        this.table = table;
        this.encoder = encoder;
        this.key = key;
        this.layout = layout;
        this.partition = partition;
        this.places = places;
    }

    /**
     * For the keys of one table or partition.
     *
     * @param name of the table, for errors
     * @param partitionName of a partitioned table
     * @throws FlussException with PARTITION_SPEC_INVALID for a name that no row can have
     */
    public static KeyDecoder of(
            String name, TableDescriptor table, Optional<String> partitionName) {
        KeyEncoder encoder = KeyEncoder.forPrimaryKey(table);
        List<DataType.Field> columns = table.schema().rowType().fields();
        List<DataType.Field> fields = new ArrayList<>();
        int[] places = new int[columns.size()];
        Arrays.fill(places, NOWHERE);
        for (String c : encoder.columns()) {
            int position = table.schema().positionOf(c).orElseThrow();
            places[position] = fields.size();
            fields.add(columns.get(position));
        }
        Optional<RowValues> partition =
                partitionName.map(
                        p ->
                                PartitionNames.values(
                                        table.schema().rowType(), table.partitionKeys(), p));
        for (int i = 0; i < table.partitionKeys().size(); i++) {
            String c = table.partitionKeys().get(i);
            places[table.schema().positionOf(c).orElseThrow()] = fields.size() + i;
        }
        DataType.RowType key = new DataType.RowType(List.copyOf(fields), false);
        return new KeyDecoder(
                name, encoder, key, layout(encoder.encoding(), key), partition, places);
    }

    private static Layout layout(KeyEncoder.Encoding encoding, DataType.RowType key) {
        return switch (encoding) {
            case COMPACTED -> {
                var reader = RowFormat.COMPACTED.reader(key);
                int nullBytes = (key.fields().size() + 7) / 8;
                yield bytes -> {
                    // A key is a row without null bits.
                    ByteBuffer row =
                            ByteBuffer.allocate(nullBytes + bytes.length)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .put(nullBytes, bytes);
                    return reader.open(row, 0, row.limit());
                };
            }
            case PAIMON -> {
                var reader = RowFormat.ALIGNED.reader(key);
                yield bytes ->
                        reader.open(
                                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN),
                                0,
                                bytes.length);
            }
            case ICEBERG -> bytes -> iceberg(key.fields().get(0).type(), bytes);
        };
    }

    /** See {@link IcebergKey}. */
    private static RowValues iceberg(DataType type, byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (type instanceof DataType.FloatType) {
            return new BoxedRow(b.getFloat());
        }
        if (type instanceof DataType.DoubleType) {
            return new BoxedRow(b.getDouble());
        }
        if (type instanceof DataType.DecimalType) {
            return new BoxedRow(new BigInteger(bytes));
        }
        if (type instanceof DataType.TimeType) {
            return new BoxedRow(b.getLong() / 1000);
        }
        if (type instanceof DataType.TimestampType) {
            long micros = b.getLong();
            return new BoxedRow(
                    new BoxedRow.Instant(
                            Math.floorDiv(micros, 1000L), Math.floorMod(micros, 1000) * 1000));
        }
        boolean isInteger =
                type instanceof DataType.IntType
                        || type instanceof DataType.BigIntType
                        || type instanceof DataType.DateType;
        return isInteger ? new BoxedRow(b.getLong()) : new BoxedRow((Object) bytes);
    }

    /**
     * The row that has the columns of the key, the others null; valid until the next call.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN for bytes that are no key of this table
     */
    public RowValues decode(byte[] bytes) {
        try {
            RowValues row = new KeyRow(layout.read(bytes), partition, key.fields().size(), places);
            if (Arrays.equals(encoder.encode(row), bytes)) {
                return row;
            }
        } catch (FlussException | java.nio.BufferUnderflowException | NumberFormatException e) {
            throw invalid(bytes, e);
        }
        throw invalid(bytes, new IllegalArgumentException("not as it would be encoded"));
    }

    private FlussException invalid(byte[] bytes, Exception e) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                table
                        + ": "
                        + bytes.length
                        + " bytes that are no key of columns "
                        + encoder.columns()
                        + ": "
                        + e.getMessage(),
                e);
    }

    private interface Layout {
        RowValues read(byte[] key);
    }

    /** The columns of a table, taken from key and partition; nobody changes the places. */
    @SuppressWarnings("ArrayRecordComponent")
    private record KeyRow(
            RowValues key, Optional<RowValues> partition, int keyColumns, int[] places)
            implements RowValues {
        private RowValues source(int column) {
            return places[column] < keyColumns ? key : partition.orElseThrow();
        }

        private int place(int column) {
            return places[column] < keyColumns ? places[column] : places[column] - keyColumns;
        }

        @Override
        public boolean isNull(int column) {
            return places[column] == NOWHERE || source(column).isNull(place(column));
        }

        @Override
        public boolean bool(int column) {
            return source(column).bool(place(column));
        }

        @Override
        public long integer(int column) {
            return source(column).integer(place(column));
        }

        @Override
        public float floating(int column) {
            return source(column).floating(place(column));
        }

        @Override
        public double doubling(int column) {
            return source(column).doubling(place(column));
        }

        @Override
        public byte[] bytes(int column) {
            return source(column).bytes(place(column));
        }

        @Override
        public BigInteger unscaled(int column) {
            return source(column).unscaled(place(column));
        }

        @Override
        public long unscaledLong(int column) {
            return source(column).unscaledLong(place(column));
        }

        @Override
        public long timestampMs(int column) {
            return source(column).timestampMs(place(column));
        }

        @Override
        public int nanoOfMs(int column) {
            return source(column).nanoOfMs(place(column));
        }
    }
}
