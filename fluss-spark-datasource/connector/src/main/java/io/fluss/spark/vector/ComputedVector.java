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

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;

/** A column that is worked out and never null; kinds override the getter of their type. */
abstract class ComputedVector extends ColumnVector {
    ComputedVector(DataType type) {
        super(type);
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
        throw notOfType();
    }

    @Override
    public byte getByte(int rowId) {
        throw notOfType();
    }

    @Override
    public short getShort(int rowId) {
        throw notOfType();
    }

    @Override
    public int getInt(int rowId) {
        throw notOfType();
    }

    @Override
    public long getLong(int rowId) {
        throw notOfType();
    }

    @Override
    public float getFloat(int rowId) {
        throw notOfType();
    }

    @Override
    public double getDouble(int rowId) {
        throw notOfType();
    }

    @Override
    public ColumnarArray getArray(int rowId) {
        throw notOfType();
    }

    @Override
    public ColumnarMap getMap(int ordinal) {
        throw notOfType();
    }

    @Override
    public Decimal getDecimal(int rowId, int precision, int scale) {
        throw notOfType();
    }

    @Override
    public UTF8String getUTF8String(int rowId) {
        throw notOfType();
    }

    @Override
    public byte[] getBinary(int rowId) {
        throw notOfType();
    }

    @Override
    public ColumnVector getChild(int ordinal) {
        throw notOfType();
    }

    private UnsupportedOperationException notOfType() {
        return new UnsupportedOperationException("the column is " + dataType().sql());
    }
}
