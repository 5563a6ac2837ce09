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
package io.fluss.spark.write;

import io.fluss.types.DataType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Makes the writer of a vector. Timestamps lose digits that the column's precision does not have,
 * towards the past; everything else that does not fit is refused.
 */
final class ColumnWriters implements DataType.Cases<ColumnWriter> {
    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long MICROS_PER_MILLI = 1_000L;
    private static final long NANOS_PER_MICRO = 1_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final FieldVector vector;
    private final String place;

    private ColumnWriters(FieldVector vector, String place) {
        this.vector = vector;
        this.place = place;
    }

    /**
     * @param place name of the column or nested field, for errors
     */
    static ColumnWriter of(DataType type, FieldVector vector, String place) {
        ColumnWriter values = type.accept(new ColumnWriters(vector, place));
        if (type.isNullable()) {
            return (source, ordinal, index) -> {
                if (source.isNullAt(ordinal)) {
                    setNull(vector, index);
                } else {
                    values.write(source, ordinal, index);
                }
            };
        }
        return (source, ordinal, index) -> {
            if (source.isNullAt(ordinal)) {
                throw new RefusedValue(place, "is NOT NULL, but the value is null");
            }
            values.write(source, ordinal, index);
        };
    }

    /** Nulls of fixed-size and nested vectors need room too. */
    private static void setNull(FieldVector vector, int index) {
        while (index >= vector.getValueCapacity()) {
            vector.reAlloc();
        }
        vector.setNull(index);
    }

    @Override
    public ColumnWriter bool(DataType.BooleanType type) {
        BitVector v = (BitVector) vector;
        return (s, o, i) -> v.setSafe(i, s.getBoolean(o) ? 1 : 0);
    }

    @Override
    public ColumnWriter tinyInt(DataType.TinyIntType type) {
        TinyIntVector v = (TinyIntVector) vector;
        return (s, o, i) -> v.setSafe(i, s.getByte(o));
    }

    @Override
    public ColumnWriter smallInt(DataType.SmallIntType type) {
        SmallIntVector v = (SmallIntVector) vector;
        return (s, o, i) -> v.setSafe(i, s.getShort(o));
    }

    @Override
    public ColumnWriter integer(DataType.IntType type) {
        IntVector v = (IntVector) vector;
        return (s, o, i) -> v.setSafe(i, s.getInt(o));
    }

    @Override
    public ColumnWriter bigInt(DataType.BigIntType type) {
        BigIntVector v = (BigIntVector) vector;
        return (s, o, i) -> v.setSafe(i, s.getLong(o));
    }

    @Override
    public ColumnWriter floating(DataType.FloatType type) {
        Float4Vector v = (Float4Vector) vector;
        return (s, o, i) -> v.setSafe(i, s.getFloat(o));
    }

    @Override
    public ColumnWriter doubling(DataType.DoubleType type) {
        Float8Vector v = (Float8Vector) vector;
        return (s, o, i) -> v.setSafe(i, s.getDouble(o));
    }

    @Override
    public ColumnWriter character(DataType.CharType type) {
        return text();
    }

    @Override
    public ColumnWriter string(DataType.StringType type) {
        return text();
    }

    private ColumnWriter text() {
        VarCharVector v = (VarCharVector) vector;
        return (s, o, i) -> {
            UTF8String text = s.getUTF8String(o);
            if (text.getBaseObject() instanceof byte[] bytes) {
                int start = Math.toIntExact(text.getBaseOffset() - Platform.BYTE_ARRAY_OFFSET);
                v.setSafe(i, bytes, start, text.numBytes());
            } else {
                byte[] bytes = text.getBytes();
                v.setSafe(i, bytes, 0, bytes.length);
            }
        };
    }

    @Override
    public ColumnWriter binary(DataType.BinaryType type) {
        FixedSizeBinaryVector v = (FixedSizeBinaryVector) vector;
        int length = type.length();
        return (s, o, i) -> {
            byte[] bytes = s.getBinary(o);
            if (bytes.length != length) {
                throw new RefusedValue(
                        place, "is " + type + ", but the value has " + bytes.length + " bytes");
            }
            v.setSafe(i, bytes);
        };
    }

    @Override
    public ColumnWriter bytes(DataType.BytesType type) {
        VarBinaryVector v = (VarBinaryVector) vector;
        return (s, o, i) -> v.setSafe(i, s.getBinary(o));
    }

    @Override
    public ColumnWriter decimal(DataType.DecimalType type) {
        DecimalVector v = (DecimalVector) vector;
        int precision = type.precision();
        int scale = type.scale();
        if (type.isCompact()) {
            return (s, o, i) -> {
                Decimal value = s.getDecimal(o, precision, scale);
                if (value.scale() == scale && value.precision() <= precision) {
                    v.setSafe(i, value.toUnscaledLong());
                } else {
                    v.setSafe(i, fitted(value, type));
                }
            };
        }
        return (s, o, i) -> v.setSafe(i, fitted(s.getDecimal(o, precision, scale), type));
    }

    private BigDecimal fitted(Decimal value, DataType.DecimalType type) {
        BigDecimal exact = value.toJavaBigDecimal();
        try {
            exact = exact.setScale(type.scale());
        } catch (ArithmeticException e) {
            throw new RefusedValue(place, "is " + type + ", but the value is " + value);
        }
        if (exact.precision() > type.precision()) {
            throw new RefusedValue(place, "is " + type + ", but the value is " + value);
        }
        return exact;
    }

    @Override
    public ColumnWriter date(DataType.DateType type) {
        DateDayVector v = (DateDayVector) vector;
        return (s, o, i) -> v.setSafe(i, s.getInt(o));
    }

    @Override
    public ColumnWriter time(DataType.TimeType type) {
        if (vector instanceof TimeSecVector v) {
            return (s, o, i) -> v.setSafe(i, (int) (s.getLong(o) / NANOS_PER_SECOND));
        }
        if (vector instanceof TimeMilliVector v) {
            return (s, o, i) -> v.setSafe(i, (int) (s.getLong(o) / NANOS_PER_MILLI));
        }
        if (vector instanceof TimeMicroVector v) {
            return (s, o, i) -> v.setSafe(i, s.getLong(o) / NANOS_PER_MICRO);
        }
        TimeNanoVector v = (TimeNanoVector) vector;
        return (s, o, i) -> v.setSafe(i, s.getLong(o));
    }

    @Override
    public ColumnWriter timestamp(DataType.TimestampType type) {
        return instant(type);
    }

    @Override
    public ColumnWriter timestampLtz(DataType.TimestampLtzType type) {
        return instant(type);
    }

    private ColumnWriter instant(DataType type) {
        TimeStampVector v = (TimeStampVector) vector;
        return switch (v.getMinorType()) {
            case TIMESTAMPSEC, TIMESTAMPSECTZ ->
                    (s, o, i) -> v.setSafe(i, Math.floorDiv(s.getLong(o), MICROS_PER_SECOND));
            case TIMESTAMPMILLI, TIMESTAMPMILLITZ ->
                    (s, o, i) -> v.setSafe(i, Math.floorDiv(s.getLong(o), MICROS_PER_MILLI));
            case TIMESTAMPMICRO, TIMESTAMPMICROTZ -> (s, o, i) -> v.setSafe(i, s.getLong(o));
            case TIMESTAMPNANO, TIMESTAMPNANOTZ ->
                    (s, o, i) -> v.setSafe(i, nanos(type, s.getLong(o)));
            default ->
                    throw new IllegalStateException(
                            "column of type " + type + " has vector " + v.getMinorType());
        };
    }

    private long nanos(DataType type, long micros) {
        try {
            return Math.multiplyExact(micros, NANOS_PER_MICRO);
        } catch (ArithmeticException e) {
            throw new RefusedValue(
                    place,
                    "is "
                            + type
                            + ", which holds the years 1677 to 2262, but the value is "
                            + micros
                            + " microseconds since 1970");
        }
    }

    @Override
    public ColumnWriter array(DataType.ArrayType type) {
        ListVector v = (ListVector) vector;
        ColumnWriter elements = of(type.elementType(), v.getDataVector(), place + ".element");
        return (s, o, i) -> {
            ArrayData values = s.getArray(o);
            int start = v.startNewValue(i);
            int count = values.numElements();
            for (int k = 0; k < count; k++) {
                elements.write(values, k, start + k);
            }
            v.endValue(i, count);
        };
    }

    @Override
    public ColumnWriter map(DataType.MapType type) {
        MapVector v = (MapVector) vector;
        StructVector entries = (StructVector) v.getDataVector();
        ColumnWriter keys = of(type.keyType(), child(entries, 0), place + ".key");
        ColumnWriter values = of(type.valueType(), child(entries, 1), place + ".value");
        return (s, o, i) -> {
            MapData map = s.getMap(o);
            int start = v.startNewValue(i);
            int count = map.numElements();
            for (int k = 0; k < count; k++) {
                define(entries, start + k);
                keys.write(map.keyArray(), k, start + k);
                values.write(map.valueArray(), k, start + k);
            }
            v.endValue(i, count);
        };
    }

    @Override
    public ColumnWriter row(DataType.RowType type) {
        StructVector v = (StructVector) vector;
        List<ColumnWriter> fields = new ArrayList<>();
        for (int f = 0; f < type.fields().size(); f++) {
            DataType.Field field = type.fields().get(f);
            fields.add(of(field.type(), child(v, f), place + "." + field.name()));
        }
        int count = fields.size();
        return (s, o, i) -> {
            InternalRow row = s.getStruct(o, count);
            define(v, i);
            for (int f = 0; f < count; f++) {
                fields.get(f).write(row, f, i);
            }
        };
    }

    private static void define(StructVector struct, int index) {
        while (index >= struct.getValueCapacity()) {
            struct.reAlloc();
        }
        struct.setIndexDefined(index);
    }

    private static FieldVector child(StructVector struct, int ordinal) {
        return (FieldVector) struct.getChildByOrdinal(ordinal);
    }
}
