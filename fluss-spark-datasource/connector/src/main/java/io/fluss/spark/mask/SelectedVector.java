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
package io.fluss.spark.mask;

import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;

/** Some rows of a column, by their numbers. Nothing is copied; closing closes the whole column. */
public final class SelectedVector extends ColumnVector {
    private final ColumnVector all;
    private final int[] rows;
    private final int count;

    private SelectedVector(ColumnVector all, int[] rows, int count) {
        super(all.dataType());
        this.all = all;
        this.rows = rows;
        this.count = count;
    }

    /**
     * Some rows of the first columns of a batch; the batch itself if that is all of it.
     *
     * @param rows numbers of the rows, which must not change while the result is used
     * @param count how many of them count
     * @param columnCount how many columns
     */
    public static ColumnarBatch of(ColumnarBatch batch, int[] rows, int count, int columnCount) {
        boolean isWhole = count == batch.numRows();
        if (isWhole && columnCount == batch.numCols()) {
            return batch;
        }
        ColumnVector[] columns = new ColumnVector[columnCount];
        for (int i = 0; i < columnCount; i++) {
            ColumnVector all = batch.column(i);
            columns[i] = isWhole ? all : new SelectedVector(all, rows, count);
        }
        return new ColumnarBatch(columns, count);
    }

    @Override
    public void close() {
        all.close();
    }

    @Override
    public void closeIfFreeable() {
        all.closeIfFreeable();
    }

    @Override
    public boolean hasNull() {
        return all.hasNull();
    }

    @Override
    public int numNulls() {
        int nulls = 0;
        for (int i = 0; i < count; i++) {
            nulls += all.isNullAt(rows[i]) ? 1 : 0;
        }
        return nulls;
    }

    @Override
    public boolean isNullAt(int rowId) {
        return all.isNullAt(rows[rowId]);
    }

    @Override
    public boolean getBoolean(int rowId) {
        return all.getBoolean(rows[rowId]);
    }

    @Override
    public byte getByte(int rowId) {
        return all.getByte(rows[rowId]);
    }

    @Override
    public short getShort(int rowId) {
        return all.getShort(rows[rowId]);
    }

    @Override
    public int getInt(int rowId) {
        return all.getInt(rows[rowId]);
    }

    @Override
    public long getLong(int rowId) {
        return all.getLong(rows[rowId]);
    }

    @Override
    public float getFloat(int rowId) {
        return all.getFloat(rows[rowId]);
    }

    @Override
    public double getDouble(int rowId) {
        return all.getDouble(rows[rowId]);
    }

    @Override
    public ColumnarArray getArray(int rowId) {
        return all.getArray(rows[rowId]);
    }

    @Override
    public ColumnarMap getMap(int ordinal) {
        return all.getMap(rows[ordinal]);
    }

    @Override
    public Decimal getDecimal(int rowId, int precision, int scale) {
        return all.getDecimal(rows[rowId], precision, scale);
    }

    @Override
    public UTF8String getUTF8String(int rowId) {
        return all.getUTF8String(rows[rowId]);
    }

    @Override
    public byte[] getBinary(int rowId) {
        return all.getBinary(rows[rowId]);
    }

    /** Fields of a row are at the place of the row, so they are selected as it is. */
    @Override
    public ColumnVector getChild(int ordinal) {
        return new SelectedVector(all.getChild(ordinal), rows, count);
    }
}
