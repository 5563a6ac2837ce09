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
package io.fluss.spark.read;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;

/** An INT column of a lake that has no smaller integers, as the TINYINT or SMALLINT that it is. */
final class NarrowedVector extends ColumnVector {
    private final ColumnVector ints;

    NarrowedVector(DataType type, ColumnVector ints) {
        super(type);
        this.ints = ints;
    }

    @Override
    public void close() {
        ints.close();
    }

    @Override
    public void closeIfFreeable() {
        ints.closeIfFreeable();
    }

    @Override
    public boolean hasNull() {
        return ints.hasNull();
    }

    @Override
    public int numNulls() {
        return ints.numNulls();
    }

    @Override
    public boolean isNullAt(int rowId) {
        return ints.isNullAt(rowId);
    }

    @Override
    public byte getByte(int rowId) {
        return (byte) ints.getInt(rowId);
    }

    @Override
    public short getShort(int rowId) {
        return (short) ints.getInt(rowId);
    }

    @Override
    public boolean getBoolean(int rowId) {
        throw unsupported();
    }

    @Override
    public int getInt(int rowId) {
        throw unsupported();
    }

    @Override
    public long getLong(int rowId) {
        throw unsupported();
    }

    @Override
    public float getFloat(int rowId) {
        throw unsupported();
    }

    @Override
    public double getDouble(int rowId) {
        throw unsupported();
    }

    @Override
    public ColumnarArray getArray(int rowId) {
        throw unsupported();
    }

    @Override
    public ColumnarMap getMap(int ordinal) {
        throw unsupported();
    }

    @Override
    public Decimal getDecimal(int rowId, int precision, int scale) {
        throw unsupported();
    }

    @Override
    public UTF8String getUTF8String(int rowId) {
        throw unsupported();
    }

    @Override
    public byte[] getBinary(int rowId) {
        throw unsupported();
    }

    @Override
    public ColumnVector getChild(int ordinal) {
        throw unsupported();
    }

    private UnsupportedOperationException unsupported() {
        return new UnsupportedOperationException("column of type " + dataType().sql());
    }
}
