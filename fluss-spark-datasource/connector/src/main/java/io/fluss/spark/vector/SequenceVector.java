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
package io.fluss.spark.vector;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;

/** Consecutive BIGINT values, one a row, without memory. Immutable. */
public final class SequenceVector extends ColumnVector {
    private final long first;

    public SequenceVector(long first) {
        super(DataTypes.LongType);
        this.first = first;
    }

    @Override
    public long getLong(int rowId) {
        return first + rowId;
    }

    @Override
    public boolean hasNull() {
        return false;
    }

    @Override
    public int numNulls() {
        return 0;
    }

    @Override
    public boolean isNullAt(int rowId) {
        return false;
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    @Override
    public boolean getBoolean(int rowId) {
        throw notLong();
    }

    @Override
    public byte getByte(int rowId) {
        throw notLong();
    }

    @Override
    public short getShort(int rowId) {
        throw notLong();
    }

    @Override
    public int getInt(int rowId) {
        throw notLong();
    }

    @Override
    public float getFloat(int rowId) {
        throw notLong();
    }

    @Override
    public double getDouble(int rowId) {
        throw notLong();
    }

    @Override
    public ColumnarArray getArray(int rowId) {
        throw notLong();
    }

    @Override
    public ColumnarMap getMap(int ordinal) {
        throw notLong();
    }

    @Override
    public Decimal getDecimal(int rowId, int precision, int scale) {
        throw notLong();
    }

    @Override
    public UTF8String getUTF8String(int rowId) {
        throw notLong();
    }

    @Override
    public byte[] getBinary(int rowId) {
        throw notLong();
    }

    @Override
    public ColumnVector getChild(int ordinal) {
        throw notLong();
    }

    private static UnsupportedOperationException notLong() {
        return new UnsupportedOperationException("the column is BIGINT");
    }
}
