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
package io.fluss.spark.paimon;

import org.apache.paimon.data.columnar.BooleanColumnVector;
import org.apache.paimon.data.columnar.ByteColumnVector;
import org.apache.paimon.data.columnar.BytesColumnVector;
import org.apache.paimon.data.columnar.DecimalColumnVector;
import org.apache.paimon.data.columnar.DoubleColumnVector;
import org.apache.paimon.data.columnar.FloatColumnVector;
import org.apache.paimon.data.columnar.IntColumnVector;
import org.apache.paimon.data.columnar.LongColumnVector;
import org.apache.paimon.data.columnar.ShortColumnVector;
import org.apache.paimon.data.columnar.TimestampColumnVector;
import org.apache.paimon.types.DataType;
import org.apache.paimon.types.RowType;
import org.apache.paimon.types.TimeType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A flat vector of Paimon's as Spark sees it; its memory stays Paimon's, so closing does nothing.
 */
final class PaimonVector extends ColumnVector {
    private final org.apache.paimon.data.columnar.ColumnVector vector;
    private final boolean isTime;
    private final int timestampPrecision;

    PaimonVector(DataType type, org.apache.paimon.data.columnar.ColumnVector vector) {
        super(PaimonTypes.schema(RowType.of(type)).apply(0).dataType());
        this.vector = vector;
        this.isTime = type instanceof TimeType;
        this.timestampPrecision = SparkValues.timestampPrecision(type);
    }

    @Override
    public void close() {}

    @Override
    public void closeIfFreeable() {}

    /** Not known without looking at all; readers then ask row by row. */
    @Override
    public boolean hasNull() {
        return true;
    }

    @Override
    public int numNulls() {
        return 1;
    }

    @Override
    public boolean isNullAt(int row) {
        return vector.isNullAt(row);
    }

    @Override
    public boolean getBoolean(int row) {
        return ((BooleanColumnVector) vector).getBoolean(row);
    }

    @Override
    public byte getByte(int row) {
        return ((ByteColumnVector) vector).getByte(row);
    }

    @Override
    public short getShort(int row) {
        return ((ShortColumnVector) vector).getShort(row);
    }

    @Override
    public int getInt(int row) {
        return ((IntColumnVector) vector).getInt(row);
    }

    /** Besides BIGINT the times and timestamps. */
    @Override
    public long getLong(int row) {
        if (timestampPrecision >= 0) {
            return ((TimestampColumnVector) vector)
                    .getTimestamp(row, timestampPrecision)
                    .toMicros();
        }
        return isTime
                ? SparkValues.timeNanos(((IntColumnVector) vector).getInt(row))
                : ((LongColumnVector) vector).getLong(row);
    }

    @Override
    public float getFloat(int row) {
        return ((FloatColumnVector) vector).getFloat(row);
    }

    @Override
    public double getDouble(int row) {
        return ((DoubleColumnVector) vector).getDouble(row);
    }

    @Override
    public Decimal getDecimal(int row, int precision, int scale) {
        return SparkValues.decimal(
                ((DecimalColumnVector) vector).getDecimal(row, precision, scale));
    }

    @Override
    public UTF8String getUTF8String(int row) {
        BytesColumnVector.Bytes bytes = ((BytesColumnVector) vector).getBytes(row);
        return UTF8String.fromBytes(bytes.data, bytes.offset, bytes.len);
    }

    @Override
    public byte[] getBinary(int row) {
        return ((BytesColumnVector) vector).getBytes(row).getBytes();
    }

    @Override
    public ColumnarArray getArray(int row) {
        throw flat();
    }

    @Override
    public ColumnarMap getMap(int row) {
        throw flat();
    }

    @Override
    public ColumnVector getChild(int ordinal) {
        throw flat();
    }

    private static UnsupportedOperationException flat() {
        return new UnsupportedOperationException("nested columns are gathered from rows");
    }
}
