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

import io.fluss.errors.ErrorReason;
import io.fluss.formats.row.RowBytes;
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.TableInfo;
import java.io.Serializable;
import java.math.BigInteger;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimeType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * Where the columns of a key are in a row, and how their values are compared: by Spark's own form
 * of them, which is the same for rows of either tier. Immutable.
 *
 * @param ordinals of the columns in the rows, in the order of the key
 * @param types of the columns
 * @param kinds of the columns
 */
public record KeyColumns(List<Integer> ordinals, List<DataType> types, List<Kind> kinds)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public KeyColumns {
        ordinals = List.copyOf(ordinals);
        types = List.copyOf(types);
        kinds = List.copyOf(kinds);
    }

    /** How a value is held. */
    public enum Kind {
        BOOLEAN,
        BYTE,
        SHORT,
        INT,
        LONG,
        FLOAT,
        DOUBLE,
        TEXT,
        BINARY,
        DECIMAL;

        static Kind of(DataType type) {
            if (type instanceof IntegerType || type instanceof DateType) {
                return INT;
            }
            if (type instanceof LongType
                    || type instanceof TimestampType
                    || type instanceof TimestampNTZType
                    || type instanceof TimeType) {
                return LONG;
            }
            if (type instanceof StringType) {
                return TEXT;
            }
            if (type instanceof DecimalType) {
                return DECIMAL;
            }
            if (type instanceof BinaryType) {
                return BINARY;
            }
            if (type instanceof BooleanType) {
                return BOOLEAN;
            }
            if (type instanceof ByteType) {
                return BYTE;
            }
            if (type instanceof ShortType) {
                return SHORT;
            }
            if (type instanceof FloatType) {
                return FLOAT;
            }
            if (type instanceof DoubleType) {
                return DOUBLE;
            }
            throw ErrorReason.INVALID_TABLE.exception(
                    "a column of type " + type.sql() + " cannot be compared as a part of a key");
        }
    }

    /**
     * Columns at these places.
     *
     * @param types of the columns of the key
     */
    public static KeyColumns of(List<Integer> ordinals, List<DataType> types) {
        return new KeyColumns(ordinals, types, types.stream().map(Kind::of).toList());
    }

    /**
     * Some columns of a table, where they are in rows of these columns.
     *
     * @param names in the order of the key
     */
    public static KeyColumns of(TableInfo table, StructType columns, List<String> names) {
        return of(
                names.stream().map(columns::fieldIndex).toList(),
                names.stream().map(n -> SparkTypes.of(table.schema().column(n).type())).toList());
    }

    /** The same key in other rows. */
    public KeyColumns at(List<Integer> otherOrdinals) {
        return new KeyColumns(otherOrdinals, types, kinds);
    }

    /** Whether the key is one number. */
    boolean isNumber() {
        return kinds.size() == 1
                && switch (kinds.get(0)) {
                    case BYTE, SHORT, INT, LONG -> true;
                    default -> false;
                };
    }

    /** The key that is a number. */
    long number(SpecializedGetters row) {
        int at = ordinals.get(0);
        return switch (kinds.get(0)) {
            case BYTE -> row.getByte(at);
            case SHORT -> row.getShort(at);
            case INT -> row.getInt(at);
            default -> row.getLong(at);
        };
    }

    /** The keys that are numbers, from a column. */
    void numbers(ColumnVector column, int count, long[] out) {
        switch (kinds.get(0)) {
            case BYTE -> {
                for (int i = 0; i < count; i++) {
                    out[i] = column.getByte(i);
                }
            }
            case SHORT -> {
                for (int i = 0; i < count; i++) {
                    out[i] = column.getShort(i);
                }
            }
            case INT -> {
                for (int i = 0; i < count; i++) {
                    out[i] = column.getInt(i);
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    out[i] = column.getLong(i);
                }
            }
        }
    }

    /** Appends the key as bytes, which are the same exactly for the same key. */
    public void append(SpecializedGetters row, RowBytes out) {
        for (int i = 0; i < kinds.size(); i++) {
            int at = ordinals.get(i);
            switch (kinds.get(i)) {
                case BOOLEAN -> out.put1(row.getBoolean(at) ? 1 : 0);
                case BYTE -> out.put1(row.getByte(at));
                case SHORT -> out.put4(row.getShort(at));
                case INT -> out.put4(row.getInt(at));
                case LONG -> out.put8(row.getLong(at));
                case FLOAT -> out.put4(Float.floatToIntBits(row.getFloat(at)));
                case DOUBLE -> out.put8(Double.doubleToLongBits(row.getDouble(at)));
                case TEXT -> put(row.getUTF8String(at).getBytes(), out);
                case BINARY -> put(row.getBinary(at), out);
                case DECIMAL -> put(unscaled(row, i).toByteArray(), out);
            }
        }
    }

    private BigInteger unscaled(SpecializedGetters row, int i) {
        DecimalType type = (DecimalType) types.get(i);
        Decimal d = row.getDecimal(ordinals.get(i), type.precision(), type.scale());
        return d.toJavaBigDecimal().setScale(type.scale()).unscaledValue();
    }

    private static void put(byte[] bytes, RowBytes out) {
        out.put4(bytes.length);
        out.put(bytes);
    }
}
