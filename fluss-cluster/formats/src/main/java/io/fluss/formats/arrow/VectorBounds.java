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

import io.fluss.formats.row.RowValues;
import io.fluss.formats.statistics.BatchStatistics;
import io.fluss.formats.statistics.StatisticsColumns;
import io.fluss.types.DataType;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.arrow.memory.util.ByteFunctionHelpers;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Finds the rows with the smallest and with the largest value of a column, one column after the
 * other and without an object per row. Values are taken from these rows only at the end, as every
 * reader sees them.
 */
final class VectorBounds {
    /** Longer texts are cut: bounds need not be values, and statistics should stay small. */
    static final int TEXT_BYTES_MAX = 128;

    private final FieldVector vector;
    private final int rows;
    private final boolean hasNulls;
    private int min = -1;
    private int max = -1;

    private VectorBounds(FieldVector vector, int rows) {
        this.vector = vector;
        this.rows = rows;
        this.hasNulls = vector.getNullCount() > 0;
    }

    /** The encoded statistics of a root that has rows. */
    static byte[] statistics(VectorSchemaRoot root, StatisticsColumns columns) {
        int n = columns.count();
        int[] nullCounts = new int[n];
        int[] minRows = new int[n];
        int[] maxRows = new int[n];
        for (int i = 0; i < n; i++) {
            FieldVector vector = root.getVector(columns.position(i));
            VectorBounds bounds = new VectorBounds(vector, root.getRowCount());
            nullCounts[i] = vector.getNullCount();
            // The published format has CHAR columns without bounds.
            if (!(columns.type(i) instanceof DataType.CharType)) {
                bounds.find();
            }
            minRows[i] = bounds.min;
            maxRows[i] = bounds.max;
        }
        return BatchStatistics.encode(
                columns,
                nullCounts,
                new BoundRow(root, columns, minRows, false),
                new BoundRow(root, columns, maxRows, true));
    }

    private void find() {
        if (rows == 0 || vector.getNullCount() == rows) {
            return;
        }
        switch (vector.getMinorType()) {
            case BIT -> bits();
            case TINYINT -> bytes();
            case SMALLINT -> shorts();
            case INT, DATEDAY, TIMESEC, TIMEMILLI -> ints();
            case FLOAT4 -> floats();
            case FLOAT8 -> doubles();
            case DECIMAL -> decimals();
            case VARCHAR -> texts((BaseVariableWidthVector) vector);
            default -> longs(); // BIGINT, times and timestamps of 64 bits
        }
    }

    private boolean isNull(int row) {
        return hasNulls && vector.isNull(row);
    }

    private ByteBuffer data(int width) {
        return vector.getDataBuffer()
                .nioBuffer(0, Math.multiplyExact(rows, width))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private void bits() {
        BitVector bits = (BitVector) vector;
        int firstFalse = -1;
        int firstTrue = -1;
        for (int i = 0; i < rows && (firstFalse < 0 || firstTrue < 0); i++) {
            if (!isNull(i)) {
                boolean isSet = bits.get(i) != 0;
                firstTrue = isSet && firstTrue < 0 ? i : firstTrue;
                firstFalse = !isSet && firstFalse < 0 ? i : firstFalse;
            }
        }
        min = firstFalse < 0 ? firstTrue : firstFalse;
        max = firstTrue < 0 ? firstFalse : firstTrue;
    }

    private void bytes() {
        ByteBuffer data = data(1);
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (int i = 0; i < rows; i++) {
            long v = data.get(i);
            if ((v < low || v > high) && !isNull(i)) {
                low = keepMin(i, v, low);
                high = keepMax(i, v, high);
            }
        }
    }

    private void shorts() {
        ByteBuffer data = data(Short.BYTES);
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (int i = 0; i < rows; i++) {
            long v = data.getShort(Short.BYTES * i);
            if ((v < low || v > high) && !isNull(i)) {
                low = keepMin(i, v, low);
                high = keepMax(i, v, high);
            }
        }
    }

    private void ints() {
        ByteBuffer data = data(Integer.BYTES);
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (int i = 0; i < rows; i++) {
            long v = data.getInt(Integer.BYTES * i);
            if ((v < low || v > high) && !isNull(i)) {
                low = keepMin(i, v, low);
                high = keepMax(i, v, high);
            }
        }
    }

    private void longs() {
        ByteBuffer data = data(Long.BYTES);
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (int i = 0; i < rows; i++) {
            long v = data.getLong(Long.BYTES * i);
            // The first value counts even if it is one of the two that the bounds begin with.
            if ((v < low || v > high || min < 0) && !isNull(i)) {
                low = keepMin(i, v, low);
                high = keepMax(i, v, high);
            }
        }
    }

    private long keepMin(int row, long value, long low) {
        if (value < low || min < 0) {
            min = row;
            return value;
        }
        return low;
    }

    private long keepMax(int row, long value, long high) {
        if (value > high || max < 0) {
            max = row;
            return value;
        }
        return high;
    }

    /** No bounds if there is a NaN: engines do not agree on where it stands. */
    private void floats() {
        ByteBuffer data = data(Float.BYTES);
        for (int i = 0; i < rows; i++) {
            if (isNull(i)) {
                continue;
            }
            float v = data.getFloat(Float.BYTES * i);
            if (Float.isNaN(v)) {
                min = -1;
                max = -1;
                return;
            }
            if (min < 0 || Float.compare(v, data.getFloat(Float.BYTES * min)) < 0) {
                min = i;
            }
            if (max < 0 || Float.compare(v, data.getFloat(Float.BYTES * max)) > 0) {
                max = i;
            }
        }
    }

    private void doubles() {
        ByteBuffer data = data(Double.BYTES);
        for (int i = 0; i < rows; i++) {
            if (isNull(i)) {
                continue;
            }
            double v = data.getDouble(Double.BYTES * i);
            if (Double.isNaN(v)) {
                min = -1;
                max = -1;
                return;
            }
            if (min < 0 || Double.compare(v, data.getDouble(Double.BYTES * min)) < 0) {
                min = i;
            }
            if (max < 0 || Double.compare(v, data.getDouble(Double.BYTES * max)) > 0) {
                max = i;
            }
        }
    }

    private void decimals() {
        ByteBuffer data = data(DecimalVector.TYPE_WIDTH);
        for (int i = 0; i < rows; i++) {
            if (!isNull(i)) {
                min = min < 0 || compareDecimals(data, i, min) < 0 ? i : min;
                max = max < 0 || compareDecimals(data, i, max) > 0 ? i : max;
            }
        }
    }

    private static int compareDecimals(ByteBuffer data, int a, int b) {
        int i = a * DecimalVector.TYPE_WIDTH;
        int j = b * DecimalVector.TYPE_WIDTH;
        int upper = Long.compare(data.getLong(i + Long.BYTES), data.getLong(j + Long.BYTES));
        return upper != 0 ? upper : Long.compareUnsigned(data.getLong(i), data.getLong(j));
    }

    private void texts(BaseVariableWidthVector texts) {
        for (int i = 0; i < rows; i++) {
            if (!isNull(i)) {
                min = min < 0 || compareTexts(texts, i, min) < 0 ? i : min;
                max = max < 0 || compareTexts(texts, i, max) > 0 ? i : max;
            }
        }
    }

    private static int compareTexts(BaseVariableWidthVector texts, int a, int b) {
        return ByteFunctionHelpers.compare(
                texts.getDataBuffer(),
                texts.getStartOffset(a),
                texts.getEndOffset(a),
                texts.getDataBuffer(),
                texts.getStartOffset(b),
                texts.getEndOffset(b));
    }

    /**
     * A text that is not above (or, for {@code upper}, not below) the given one and not longer than
     * the limit; empty bytes stand for no such text.
     */
    static byte[] shortened(byte[] text, boolean upper) {
        if (text.length <= TEXT_BYTES_MAX) {
            return text;
        }
        int end = TEXT_BYTES_MAX;
        while (end > 0 && isInside(text[end])) {
            end--;
        }
        if (!upper) {
            return Arrays.copyOf(text, end);
        }
        // The last character that has a next one of the same length is replaced by that.
        while (end > 0) {
            int start = end - 1;
            while (start > 0 && isInside(text[start])) {
                start--;
            }
            byte[] cut = Arrays.copyOf(text, end);
            if (raise(cut, start)) {
                return cut;
            }
            end = start;
        }
        return new byte[0];
    }

    private static boolean isInside(byte utf8) {
        return (utf8 & 0xc0) == 0x80;
    }

    /** Turns the last character into the next one; false if that would need another length. */
    private static boolean raise(byte[] text, int start) {
        byte last = text[text.length - 1];
        if (text.length - start == 1) {
            if (last < 0 || last == 0x7f) {
                return false;
            }
            text[text.length - 1]++;
            return true;
        }
        if (last == (byte) 0xbf) {
            return false;
        }
        text[text.length - 1]++;
        return true;
    }

    /** Row numbers per column as the values of one row; -1 is null. */
    private static final class BoundRow implements RowValues {
        private final ArrowRow values;
        private final VectorSchemaRoot root;
        private final StatisticsColumns columns;
        private final int[] rows;
        private final boolean upper;

        BoundRow(VectorSchemaRoot root, StatisticsColumns columns, int[] rows, boolean upper) {
            this.values = ArrowRow.of(root);
            this.root = root;
            this.columns = columns;
            this.rows = rows;
            this.upper = upper;
        }

        private RowValues at(int column) {
            return values.at(rows[column]);
        }

        private int position(int column) {
            return columns.position(column);
        }

        @Override
        public boolean isNull(int column) {
            return rows[column] < 0
                    || (columns.type(column) instanceof DataType.StringType
                            && upper
                            && bytes(column).length == 0
                            && at(column).byteCount(position(column)) > 0);
        }

        @Override
        public boolean bool(int column) {
            return at(column).bool(position(column));
        }

        @Override
        public long integer(int column) {
            long value = at(column).integer(position(column));
            return upper && isCut(column) ? value + 1 : value;
        }

        /** Whether a time has digits below the milliseconds that rows and statistics hold. */
        private boolean isCut(int column) {
            FieldVector vector = root.getVector(position(column));
            int row = rows[column];
            return (vector instanceof TimeMicroVector micros && micros.get(row) % 1_000 != 0)
                    || (vector instanceof TimeNanoVector nanos && nanos.get(row) % 1_000_000 != 0);
        }

        @Override
        public float floating(int column) {
            return at(column).floating(position(column));
        }

        @Override
        public double doubling(int column) {
            return at(column).doubling(position(column));
        }

        @Override
        public byte[] bytes(int column) {
            return shortened(at(column).bytes(position(column)), upper);
        }

        @Override
        public BigInteger unscaled(int column) {
            return at(column).unscaled(position(column));
        }

        @Override
        public long unscaledLong(int column) {
            return at(column).unscaledLong(position(column));
        }

        @Override
        public long timestampMs(int column) {
            return at(column).timestampMs(position(column));
        }

        @Override
        public int nanoOfMs(int column) {
            return at(column).nanoOfMs(position(column));
        }
    }
}
