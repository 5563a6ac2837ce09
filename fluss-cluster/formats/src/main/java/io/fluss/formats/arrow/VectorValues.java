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
package io.fluss.formats.arrow;

import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowValues;
import java.math.BigInteger;
import org.apache.arrow.vector.BaseVariableWidthVector;
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
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Values out of Arrow vectors, which rows and lists address differently. */
abstract class VectorValues implements RowValues {
    abstract FieldVector vector(int column);

    /** Where in its vector the value of a column stands. */
    abstract int index(int column);

    /** The view of the nested values of a column, to be used again and again. */
    abstract VectorNest nest(int column);

    @Override
    public final boolean isNull(int column) {
        return vector(column).isNull(index(column));
    }

    @Override
    public final boolean bool(int column) {
        return ((BitVector) vector(column)).get(index(column)) != 0;
    }

    @Override
    public final long integer(int column) {
        FieldVector vector = vector(column);
        int i = index(column);
        return switch (vector.getMinorType()) {
            case TINYINT -> ((TinyIntVector) vector).get(i);
            case SMALLINT -> ((SmallIntVector) vector).get(i);
            case INT -> ((IntVector) vector).get(i);
            case BIGINT -> ((BigIntVector) vector).get(i);
            case DATEDAY -> ((DateDayVector) vector).get(i);
            case TIMESEC -> ((TimeSecVector) vector).get(i) * 1000L;
            case TIMEMILLI -> ((TimeMilliVector) vector).get(i);
            case TIMEMICRO -> ((TimeMicroVector) vector).get(i) / 1_000;
            case TIMENANO -> ((TimeNanoVector) vector).get(i) / 1_000_000;
            default -> throw wrongType(column, "an integer");
        };
    }

    @Override
    public final float floating(int column) {
        return ((Float4Vector) vector(column)).get(index(column));
    }

    @Override
    public final double doubling(int column) {
        return ((Float8Vector) vector(column)).get(index(column));
    }

    @Override
    public final byte[] bytes(int column) {
        byte[] value = new byte[byteCount(column)];
        copyBytes(column, value, 0);
        return value;
    }

    @Override
    public final int byteCount(int column) {
        FieldVector vector = vector(column);
        return switch (vector.getMinorType()) {
            case VARCHAR, VARBINARY ->
                    ((BaseVariableWidthVector) vector).getValueLength(index(column));
            case FIXEDSIZEBINARY -> ((FixedSizeBinaryVector) vector).getByteWidth();
            default -> throw wrongType(column, "text or bytes");
        };
    }

    @Override
    public final void copyBytes(int column, byte[] to, int at) {
        FieldVector vector = vector(column);
        int count = byteCount(column);
        long start =
                vector instanceof BaseVariableWidthVector text
                        ? text.getStartOffset(index(column))
                        : (long) index(column) * count;
        if (count > 0) {
            vector.getDataBuffer().getBytes(start, to, at, count);
        }
    }

    @Override
    public final BigInteger unscaled(int column) {
        DecimalVector vector = (DecimalVector) vector(column);
        byte[] littleEndian = new byte[DecimalVector.TYPE_WIDTH];
        vector.getDataBuffer()
                .getBytes((long) index(column) * DecimalVector.TYPE_WIDTH, littleEndian);
        byte[] bigEndian = new byte[littleEndian.length];
        for (int i = 0; i < bigEndian.length; i++) {
            bigEndian[i] = littleEndian[littleEndian.length - 1 - i];
        }
        return new BigInteger(bigEndian);
    }

    @Override
    public final long unscaledLong(int column) {
        DecimalVector vector = (DecimalVector) vector(column);
        return vector.getDataBuffer().getLong((long) index(column) * DecimalVector.TYPE_WIDTH);
    }

    @Override
    public final long timestampMs(int column) {
        long value = ((TimeStampVector) vector(column)).get(index(column));
        return switch (unit(column)) {
            case SECOND -> value * 1000;
            case MILLISECOND -> value;
            case MICROSECOND -> Math.floorDiv(value, 1_000L);
            case NANOSECOND -> Math.floorDiv(value, 1_000_000L);
        };
    }

    @Override
    public final int nanoOfMs(int column) {
        long value = ((TimeStampVector) vector(column)).get(index(column));
        return switch (unit(column)) {
            case SECOND, MILLISECOND -> 0;
            case MICROSECOND -> Math.floorMod(value, 1_000) * 1_000;
            case NANOSECOND -> Math.floorMod(value, 1_000_000);
        };
    }

    @Override
    public final ListValues elements(int column) {
        return nest(column).elements((ListVector) vector(column), index(column));
    }

    @Override
    public final ListValues keys(int column) {
        return nest(column).keys((ListVector) vector(column), index(column));
    }

    @Override
    public final ListValues values(int column) {
        return nest(column).values((ListVector) vector(column), index(column));
    }

    @Override
    public final RowValues row(int column) {
        return nest(column).row((StructVector) vector(column), index(column));
    }

    private TimeUnit unit(int column) {
        return ((ArrowType.Timestamp) vector(column).getField().getType()).getUnit();
    }

    private IllegalArgumentException wrongType(int column, String wanted) {
        return new IllegalArgumentException(
                "column " + column + " is " + vector(column).getField() + ", not " + wanted);
    }
}
