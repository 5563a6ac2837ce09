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

import org.apache.arrow.vector.ValueVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * A view of one Arrow vector. It owns nothing: Spark closes the vectors of a batch after use, but
 * the memory belongs to the batch of the reader, which releases it when it moves on. A subclass
 * answers the accessors of its type, all others fail.
 */
abstract class LogVector extends ColumnVector {
    private final ValueVector vector;
    private final int nullCount;

    LogVector(DataType type, ValueVector vector) {
        super(type);
        this.vector = vector;
        this.nullCount = vector.getNullCount();
    }

    @Override
    public final void close() {
        // The reader owns the memory.
    }

    @Override
    public final void closeIfFreeable() {
        // The reader owns the memory.
    }

    @Override
    public final boolean hasNull() {
        return nullCount > 0;
    }

    @Override
    public final int numNulls() {
        return nullCount;
    }

    @Override
    public final boolean isNullAt(int rowId) {
        return nullCount > 0 && vector.isNull(rowId);
    }

    @Override
    public boolean getBoolean(int rowId) {
        throw unsupported("boolean");
    }

    @Override
    public byte getByte(int rowId) {
        throw unsupported("byte");
    }

    @Override
    public short getShort(int rowId) {
        throw unsupported("short");
    }

    @Override
    public int getInt(int rowId) {
        throw unsupported("int");
    }

    @Override
    public long getLong(int rowId) {
        throw unsupported("long");
    }

    @Override
    public float getFloat(int rowId) {
        throw unsupported("float");
    }

    @Override
    public double getDouble(int rowId) {
        throw unsupported("double");
    }

    @Override
    public ColumnarArray getArray(int rowId) {
        throw unsupported("array");
    }

    @Override
    public ColumnarMap getMap(int rowId) {
        throw unsupported("map");
    }

    @Override
    public Decimal getDecimal(int rowId, int precision, int scale) {
        throw unsupported("decimal");
    }

    @Override
    public @Nullable UTF8String getUTF8String(int rowId) {
        throw unsupported("string");
    }

    @Override
    public byte @Nullable [] getBinary(int rowId) {
        throw unsupported("binary");
    }

    @Override
    public ColumnVector getChild(int ordinal) {
        throw unsupported("child " + ordinal);
    }

    private UnsupportedOperationException unsupported(String accessor) {
        return new UnsupportedOperationException(
                accessor + " of a column of type " + dataType().sql());
    }
}
