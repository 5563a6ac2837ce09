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
package io.fluss.spark.pruning;

import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import java.math.BigInteger;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.Decimal;

/**
 * A Spark row of key columns, as the encoders of keys and partition names read it. Holds no nested
 * values.
 *
 * @param types of the row's columns, as the table declares them
 */
record SparkRow(InternalRow row, List<DataType> types) implements RowValues {
    private static final long MICROS_PER_MILLI = 1_000;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    SparkRow {
        types = List.copyOf(types);
    }

    @Override
    public boolean isNull(int column) {
        return row.isNullAt(column);
    }

    @Override
    public boolean bool(int column) {
        return row.getBoolean(column);
    }

    @Override
    public long integer(int column) {
        DataType type = types.get(column);
        if (type instanceof DataType.TinyIntType) {
            return row.getByte(column);
        }
        if (type instanceof DataType.SmallIntType) {
            return row.getShort(column);
        }
        if (type instanceof DataType.BigIntType) {
            return row.getLong(column);
        }
        if (type instanceof DataType.TimeType) {
            return row.getLong(column) / NANOS_PER_MILLI;
        }
        return row.getInt(column);
    }

    @Override
    public float floating(int column) {
        return row.getFloat(column);
    }

    @Override
    public double doubling(int column) {
        return row.getDouble(column);
    }

    @Override
    public byte[] bytes(int column) {
        DataType type = types.get(column);
        return type instanceof DataType.CharType || type instanceof DataType.StringType
                ? row.getUTF8String(column).getBytes()
                : row.getBinary(column);
    }

    @Override
    public BigInteger unscaled(int column) {
        DataType.DecimalType type = (DataType.DecimalType) types.get(column);
        Decimal value = row.getDecimal(column, type.precision(), type.scale());
        return value.toJavaBigDecimal().setScale(type.scale()).unscaledValue();
    }

    @Override
    public long timestampMs(int column) {
        return Math.floorDiv(row.getLong(column), MICROS_PER_MILLI);
    }

    @Override
    public int nanoOfMs(int column) {
        return (int) (Math.floorMod(row.getLong(column), MICROS_PER_MILLI) * NANOS_PER_MICRO);
    }
}
