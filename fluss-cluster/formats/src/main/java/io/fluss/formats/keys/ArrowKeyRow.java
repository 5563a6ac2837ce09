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
package io.fluss.formats.keys;

import java.math.BigInteger;
import org.apache.arrow.memory.util.MemoryUtil;
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
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * One row of Arrow vectors at a time, moved on with {@link #at}. Not thread-safe; the vectors stay
 * the caller's.
 */
public final class ArrowKeyRow implements KeyRow {
    private final FieldVector[] vectors;
    private int row;

    private ArrowKeyRow(FieldVector[] vectors) {
        this.vectors = vectors;
    }

    public static ArrowKeyRow of(VectorSchemaRoot root) {
        return new ArrowKeyRow(root.getFieldVectors().toArray(new FieldVector[0]));
    }

    /** This, at another row. */
    public ArrowKeyRow at(int newRow) {
        this.row = newRow;
        return this;
    }

    @Override
    public boolean isNull(int column) {
        return vectors[column].isNull(row);
    }

    @Override
    public boolean bool(int column) {
        return ((BitVector) vectors[column]).get(row) != 0;
    }

    @Override
    public long integer(int column) {
        FieldVector vector = vectors[column];
        return switch (vector.getMinorType()) {
            case TINYINT -> ((TinyIntVector) vector).get(row);
            case SMALLINT -> ((SmallIntVector) vector).get(row);
            case INT -> ((IntVector) vector).get(row);
            case BIGINT -> ((BigIntVector) vector).get(row);
            case DATEDAY -> ((DateDayVector) vector).get(row);
            case TIMESEC -> ((TimeSecVector) vector).get(row) * 1000L;
            case TIMEMILLI -> ((TimeMilliVector) vector).get(row);
            case TIMEMICRO -> ((TimeMicroVector) vector).get(row) / 1_000;
            case TIMENANO -> ((TimeNanoVector) vector).get(row) / 1_000_000;
            default -> throw wrongType(column, "an integer");
        };
    }

    @Override
    public float floating(int column) {
        return ((Float4Vector) vectors[column]).get(row);
    }

    @Override
    public double doubling(int column) {
        return ((Float8Vector) vectors[column]).get(row);
    }

    @Override
    public byte[] bytes(int column) {
        FieldVector vector = vectors[column];
        return switch (vector.getMinorType()) {
            case VARCHAR -> ((VarCharVector) vector).get(row);
            case VARBINARY -> ((VarBinaryVector) vector).get(row);
            case FIXEDSIZEBINARY -> ((FixedSizeBinaryVector) vector).get(row);
            default -> throw wrongType(column, "text or bytes");
        };
    }

    @Override
    public BigInteger unscaled(int column) {
        DecimalVector vector = (DecimalVector) vectors[column];
        byte[] littleEndian = new byte[DecimalVector.TYPE_WIDTH];
        MemoryUtil.copyFromMemory(
                vector.getDataBuffer().memoryAddress() + (long) row * DecimalVector.TYPE_WIDTH,
                littleEndian,
                0,
                littleEndian.length);
        byte[] bigEndian = new byte[littleEndian.length];
        for (int i = 0; i < bigEndian.length; i++) {
            bigEndian[i] = littleEndian[littleEndian.length - 1 - i];
        }
        return new BigInteger(bigEndian);
    }

    @Override
    public long timestampMs(int column) {
        long value = ((TimeStampVector) vectors[column]).get(row);
        return switch (unit(column)) {
            case SECOND -> value * 1000;
            case MILLISECOND -> value;
            case MICROSECOND -> Math.floorDiv(value, 1_000L);
            case NANOSECOND -> Math.floorDiv(value, 1_000_000L);
        };
    }

    @Override
    public int nanoOfMs(int column) {
        long value = ((TimeStampVector) vectors[column]).get(row);
        return switch (unit(column)) {
            case SECOND, MILLISECOND -> 0;
            case MICROSECOND -> Math.floorMod(value, 1_000) * 1_000;
            case NANOSECOND -> Math.floorMod(value, 1_000_000);
        };
    }

    private TimeUnit unit(int column) {
        return ((ArrowType.Timestamp) vectors[column].getField().getType()).getUnit();
    }

    private IllegalArgumentException wrongType(int column, String wanted) {
        return new IllegalArgumentException(
                "column " + column + " is " + vectors[column].getField() + ", not " + wanted);
    }
}
