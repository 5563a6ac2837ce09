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

import java.io.IOException;
import org.apache.paimon.data.DataGetters;
import org.apache.paimon.data.InternalArray;
import org.apache.paimon.data.InternalMap;
import org.apache.paimon.data.InternalRow;
import org.apache.paimon.reader.RecordReader.RecordIterator;
import org.apache.paimon.types.ArrayType;
import org.apache.paimon.types.DataType;
import org.apache.paimon.types.DecimalType;
import org.apache.paimon.types.MapType;
import org.apache.paimon.types.RowType;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/** Gathers rows into vectors, which are used again for each batch. */
final class RowBatch implements AutoCloseable {
    private static final int ROWS_MAX = 4096;
    private static final int LONG_DIGITS = 18;

    private final RowType columns;
    private final WritableColumnVector[] vectors;

    RowBatch(RowType columns) {
        this.columns = columns;
        StructType schema = PaimonTypes.schema(columns);
        this.vectors = OnHeapColumnVector.allocateColumns(ROWS_MAX, schema);
    }

    /** The next rows; none at the end. */
    ColumnarBatch fill(RecordIterator<InternalRow> rows) throws IOException {
        for (WritableColumnVector v : vectors) {
            v.reset();
        }
        int count = 0;
        while (count < ROWS_MAX) {
            @Nullable InternalRow row = rows.next();
            if (row == null) {
                break;
            }
            for (int i = 0; i < vectors.length; i++) {
                append(vectors[i], columns.getTypeAt(i), row, i);
            }
            count++;
        }
        return new ColumnarBatch(vectors, count);
    }

    private static void append(
            WritableColumnVector to, DataType type, DataGetters from, int position) {
        if (from.isNullAt(position)) {
            if (type instanceof RowType) {
                to.appendStruct(true);
            } else {
                to.appendNull();
            }
            return;
        }
        switch (type.getTypeRoot()) {
            case BOOLEAN -> to.appendBoolean(from.getBoolean(position));
            case TINYINT -> to.appendByte(from.getByte(position));
            case SMALLINT -> to.appendShort(from.getShort(position));
            case INTEGER, DATE -> to.appendInt(from.getInt(position));
            case TIME_WITHOUT_TIME_ZONE ->
                    to.appendLong(SparkValues.timeNanos(from.getInt(position)));
            case BIGINT -> to.appendLong(from.getLong(position));
            case FLOAT -> to.appendFloat(from.getFloat(position));
            case DOUBLE -> to.appendDouble(from.getDouble(position));
            case CHAR, VARCHAR -> bytes(to, from.getString(position).toBytes());
            case BINARY, VARBINARY -> bytes(to, from.getBinary(position));
            case DECIMAL -> decimal(to, (DecimalType) type, from, position);
            case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
                    to.appendLong(
                            from.getTimestamp(position, SparkValues.timestampPrecision(type))
                                    .toMicros());
            case ARRAY -> {
                InternalArray array = from.getArray(position);
                to.appendArray(array.size());
                elements(to.getChild(0), ((ArrayType) type).getElementType(), array);
            }
            case MAP -> {
                InternalMap map = from.getMap(position);
                to.appendArray(map.size());
                elements(to.getChild(0), ((MapType) type).getKeyType(), map.keyArray());
                elements(to.getChild(1), ((MapType) type).getValueType(), map.valueArray());
            }
            case ROW -> {
                RowType nested = (RowType) type;
                InternalRow row = from.getRow(position, nested.getFieldCount());
                to.appendStruct(false);
                for (int i = 0; i < nested.getFieldCount(); i++) {
                    append(to.getChild(i), nested.getTypeAt(i), row, i);
                }
            }
            default -> throw new IllegalStateException(type + " was refused when planned");
        }
    }

    private static void elements(WritableColumnVector to, DataType type, InternalArray array) {
        for (int i = 0; i < array.size(); i++) {
            append(to, type, array, i);
        }
    }

    private static void bytes(WritableColumnVector to, byte[] value) {
        to.appendByteArray(value, 0, value.length);
    }

    private static void decimal(
            WritableColumnVector to, DecimalType type, DataGetters from, int position) {
        org.apache.paimon.data.Decimal value =
                from.getDecimal(position, type.getPrecision(), type.getScale());
        if (type.getPrecision() <= Decimal.MAX_INT_DIGITS()) {
            to.appendInt((int) value.toUnscaledLong());
        } else if (type.getPrecision() <= LONG_DIGITS) {
            to.appendLong(value.toUnscaledLong());
        } else {
            bytes(to, value.toUnscaledBytes());
        }
    }

    @Override
    public void close() {
        for (WritableColumnVector v : vectors) {
            v.close();
        }
    }
}
