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
package io.fluss.formats.arrow;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.BaseFixedWidthVector;
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

/**
 * Puts rows into vectors, one after the other. What the vectors take up is bounded, whatever the
 * rows claim: few bytes can stand for many nulls in wide columns.
 */
public final class VectorFill {
    private final VectorSchemaRoot root;
    private final ColumnFill[] columns;
    private final int[] sources;
    private final long rowWidth;
    private byte[] scratch = new byte[64];
    private long roomBytes = BatchDecoding.DECODED_BYTES_MAX;
    private int rowCount;

    /**
     * @param type of the vectors
     * @param sources for each vector the column of the rows
     */
    VectorFill(VectorSchemaRoot root, DataType.RowType type, int[] sources) {
        this.root = root;
        this.sources = sources;
        this.columns = columns(type, root.getFieldVectors()).toArray(ColumnFill[]::new);
        this.rowWidth = root.getFieldVectors().stream().mapToLong(VectorFill::width).sum();
    }

    /** Forgets the rows; the vectors are cleared by {@link #expect}. */
    void restart() {
        rowCount = 0;
        roomBytes = BatchDecoding.DECODED_BYTES_MAX;
    }

    /**
     * Appends rows of exactly these columns to vectors that may hold some already.
     *
     * @param root stays the caller's; its row count is right after {@link #finish}
     */
    public static VectorFill onto(VectorSchemaRoot root, DataType.RowType type) {
        VectorFill fill =
                new VectorFill(
                        root,
                        type,
                        java.util.stream.IntStream.range(0, type.fields().size()).toArray());
        fill.rowCount = root.getRowCount();
        return fill;
    }

    /** Makes room for rows. */
    void expect(int rows) {
        spend(rows, rowWidth);
        for (FieldVector vector : root.getFieldVectors()) {
            vector.setInitialCapacity(rows);
            vector.allocateNew();
        }
    }

    /** Appends a row; a row that fails is not counted. */
    public void add(RowValues row) {
        for (int i = 0; i < columns.length; i++) {
            columns[i].set(row, sources[i], rowCount);
        }
        rowCount++;
    }

    /** Tells the vectors how many rows they hold. */
    public void finish() {
        root.setRowCount(rowCount);
    }

    private void spend(int count, long width) {
        roomBytes -= count * width;
        if (roomBytes < 0) {
            throw ErrorReason.CORRUPT_RECORD.exception(
                    "a log batch takes up more than "
                            + BatchDecoding.DECODED_BYTES_MAX
                            + " bytes in memory");
        }
    }

    /** Bytes that a value takes up at least, null or not. */
    private static long width(FieldVector vector) {
        if (vector instanceof BaseFixedWidthVector fixed) {
            return 1L + fixed.getTypeWidth();
        }
        long width = 5;
        if (vector instanceof StructVector) {
            for (FieldVector child : vector.getChildrenFromFields()) {
                width += width(child);
            }
        }
        return width;
    }

    private List<ColumnFill> columns(DataType.RowType type, List<FieldVector> vectors) {
        List<ColumnFill> all = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            all.add(column(type.fields().get(i).type(), vectors.get(i)));
        }
        return all;
    }

    private ColumnFill column(DataType type, FieldVector vector) {
        ColumnFill notNull = type.accept(new Fills(vector));
        return (row, column, index) -> {
            if (row.isNull(column)) {
                vector.setNull(index);
            } else {
                notNull.set(row, column, index);
            }
        };
    }

    /** The bytes of a value at the start of the scratch array. */
    private int toScratch(RowValues row, int column) {
        int count = row.byteCount(column);
        if (count > scratch.length) {
            scratch = new byte[Math.max(count, (int) Math.min(2L * scratch.length, 1 << 30))];
        }
        row.copyBytes(column, scratch, 0);
        return count;
    }

    /** Writes one value of a row into one vector. */
    private interface ColumnFill {
        void set(RowValues row, int column, int index);
    }

    private final class Fills implements DataType.Cases<ColumnFill> {
        private final FieldVector vector;

        Fills(FieldVector vector) {
            this.vector = vector;
        }

        @Override
        public ColumnFill bool(DataType.BooleanType type) {
            BitVector to = (BitVector) vector;
            return (row, column, i) -> to.setSafe(i, row.bool(column) ? 1 : 0);
        }

        @Override
        public ColumnFill tinyInt(DataType.TinyIntType type) {
            TinyIntVector to = (TinyIntVector) vector;
            return (row, column, i) -> to.setSafe(i, (byte) row.integer(column));
        }

        @Override
        public ColumnFill smallInt(DataType.SmallIntType type) {
            SmallIntVector to = (SmallIntVector) vector;
            return (row, column, i) -> to.setSafe(i, (short) row.integer(column));
        }

        @Override
        public ColumnFill integer(DataType.IntType type) {
            IntVector to = (IntVector) vector;
            return (row, column, i) -> to.setSafe(i, (int) row.integer(column));
        }

        @Override
        public ColumnFill bigInt(DataType.BigIntType type) {
            BigIntVector to = (BigIntVector) vector;
            return (row, column, i) -> to.setSafe(i, row.integer(column));
        }

        @Override
        public ColumnFill floating(DataType.FloatType type) {
            Float4Vector to = (Float4Vector) vector;
            return (row, column, i) -> to.setSafe(i, row.floating(column));
        }

        @Override
        public ColumnFill doubling(DataType.DoubleType type) {
            Float8Vector to = (Float8Vector) vector;
            return (row, column, i) -> to.setSafe(i, row.doubling(column));
        }

        @Override
        public ColumnFill character(DataType.CharType type) {
            return text();
        }

        @Override
        public ColumnFill string(DataType.StringType type) {
            return text();
        }

        private ColumnFill text() {
            VarCharVector to = (VarCharVector) vector;
            return (row, column, i) -> {
                int count = toScratch(row, column);
                to.setSafe(i, scratch, 0, count);
            };
        }

        @Override
        public ColumnFill binary(DataType.BinaryType type) {
            FixedSizeBinaryVector to = (FixedSizeBinaryVector) vector;
            return (row, column, i) -> {
                int count = row.byteCount(column);
                if (count > type.length()) {
                    throw ErrorReason.CORRUPT_RECORD.exception(
                            "a value of " + count + " bytes in a column of type " + type);
                }
                byte[] padded = new byte[type.length()];
                row.copyBytes(column, padded, 0);
                to.setSafe(i, padded);
            };
        }

        @Override
        public ColumnFill bytes(DataType.BytesType type) {
            VarBinaryVector to = (VarBinaryVector) vector;
            return (row, column, i) -> {
                int count = toScratch(row, column);
                to.setSafe(i, scratch, 0, count);
            };
        }

        @Override
        public ColumnFill decimal(DataType.DecimalType type) {
            DecimalVector to = (DecimalVector) vector;
            return type.isCompact()
                    ? (row, column, i) -> to.setSafe(i, row.unscaledLong(column))
                    : (row, column, i) ->
                            to.setBigEndianSafe(i, row.unscaled(column).toByteArray());
        }

        @Override
        public ColumnFill date(DataType.DateType type) {
            DateDayVector to = (DateDayVector) vector;
            return (row, column, i) -> to.setSafe(i, (int) row.integer(column));
        }

        @Override
        public ColumnFill time(DataType.TimeType type) {
            if (type.precision() == 0) {
                TimeSecVector to = (TimeSecVector) vector;
                return (row, column, i) -> to.setSafe(i, (int) (row.integer(column) / 1000));
            }
            if (type.precision() <= 3) {
                TimeMilliVector to = (TimeMilliVector) vector;
                return (row, column, i) -> to.setSafe(i, (int) row.integer(column));
            }
            if (type.precision() <= 6) {
                TimeMicroVector to = (TimeMicroVector) vector;
                return (row, column, i) -> to.setSafe(i, row.integer(column) * 1000);
            }
            TimeNanoVector to = (TimeNanoVector) vector;
            return (row, column, i) -> to.setSafe(i, row.integer(column) * 1_000_000);
        }

        @Override
        public ColumnFill timestamp(DataType.TimestampType type) {
            return instant(type.precision());
        }

        @Override
        public ColumnFill timestampLtz(DataType.TimestampLtzType type) {
            return instant(type.precision());
        }

        /** The units and the rounding of the format (section 4.6). */
        private ColumnFill instant(int precision) {
            TimeStampVector to = (TimeStampVector) vector;
            if (precision == 0) {
                return (row, column, i) -> to.setSafe(i, row.timestampMs(column) / 1000);
            }
            if (precision <= 3) {
                return (row, column, i) -> to.setSafe(i, row.timestampMs(column));
            }
            if (precision <= 6) {
                return (row, column, i) ->
                        to.setSafe(i, row.timestampMs(column) * 1000 + row.nanoOfMs(column) / 1000);
            }
            return (row, column, i) ->
                    to.setSafe(i, row.timestampMs(column) * 1_000_000 + row.nanoOfMs(column));
        }

        @Override
        public ColumnFill array(DataType.ArrayType type) {
            ListVector to = (ListVector) vector;
            FieldVector data = to.getDataVector();
            ColumnFill element = column(type.elementType(), data);
            long width = width(data);
            return (row, column, i) -> {
                ListValues values = row.elements(column);
                spend(values.count(), width);
                int start = to.startNewValue(i);
                for (int e = 0; e < values.count(); e++) {
                    element.set(values, e, start + e);
                }
                to.endValue(i, values.count());
            };
        }

        @Override
        public ColumnFill map(DataType.MapType type) {
            MapVector to = (MapVector) vector;
            StructVector entries = (StructVector) to.getDataVector();
            ColumnFill key = column(type.keyType(), entries.getChildrenFromFields().get(0));
            ColumnFill value = column(type.valueType(), entries.getChildrenFromFields().get(1));
            long width = width(entries);
            return (row, column, i) -> {
                ListValues keys = row.keys(column);
                ListValues values = row.values(column);
                spend(keys.count(), width);
                int start = to.startNewValue(i);
                for (int e = 0; e < keys.count(); e++) {
                    if (keys.isNull(e)) {
                        throw ErrorReason.CORRUPT_RECORD.exception(
                                "a null key in a column of type " + type);
                    }
                    entries.setIndexDefined(start + e);
                    key.set(keys, e, start + e);
                    value.set(values, e, start + e);
                }
                to.endValue(i, keys.count());
            };
        }

        @Override
        public ColumnFill row(DataType.RowType type) {
            StructVector to = (StructVector) vector;
            List<ColumnFill> fields = columns(type, to.getChildrenFromFields());
            return (row, column, i) -> {
                RowValues nested = row.row(column);
                to.setIndexDefined(i);
                for (int f = 0; f < fields.size(); f++) {
                    fields.get(f).set(nested, f, i);
                }
            };
        }
    }
}
