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

import java.math.BigDecimal;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;

/** Views of vectors with values of fixed width. */
final class FixedVectors {
    private FixedVectors() {}

    static final class Bools extends LogVector {
        private final ArrowBuf bits;

        Bools(BitVector vector) {
            super(DataTypes.BooleanType, vector);
            this.bits = vector.getDataBuffer();
        }

        @Override
        public boolean getBoolean(int rowId) {
            return ((bits.getByte(rowId >> 3) >> (rowId & 7)) & 1) != 0;
        }
    }

    static final class Bytes extends LogVector {
        private final ArrowBuf data;

        Bytes(FieldVector vector) {
            super(DataTypes.ByteType, vector);
            this.data = vector.getDataBuffer();
        }

        @Override
        public byte getByte(int rowId) {
            return data.getByte(rowId);
        }
    }

    static final class Shorts extends LogVector {
        private final ArrowBuf data;

        Shorts(FieldVector vector) {
            super(DataTypes.ShortType, vector);
            this.data = vector.getDataBuffer();
        }

        @Override
        public short getShort(int rowId) {
            return data.getShort((long) rowId << 1);
        }
    }

    /** INT and DATE. */
    static final class Ints extends LogVector {
        private final ArrowBuf data;

        Ints(DataType type, FieldVector vector) {
            super(type, vector);
            this.data = vector.getDataBuffer();
        }

        @Override
        public int getInt(int rowId) {
            return data.getInt((long) rowId << 2);
        }
    }

    /** BIGINT and what is held in Spark's own unit. */
    static final class Longs extends LogVector {
        private final ArrowBuf data;

        Longs(DataType type, FieldVector vector) {
            super(type, vector);
            this.data = vector.getDataBuffer();
        }

        @Override
        public long getLong(int rowId) {
            return data.getLong((long) rowId << 3);
        }
    }

    /** 64-bit times in a coarser unit than Spark's. */
    static final class ScaledUp extends LogVector {
        private final ArrowBuf data;
        private final long factor;

        ScaledUp(DataType type, FieldVector vector, long factor) {
            super(type, vector);
            this.data = vector.getDataBuffer();
            this.factor = factor;
        }

        @Override
        public long getLong(int rowId) {
            return Math.multiplyExact(data.getLong((long) rowId << 3), factor);
        }
    }

    /** 64-bit times in a finer unit than Spark's; digits beyond it are cut, towards the past. */
    static final class ScaledDown extends LogVector {
        private final ArrowBuf data;
        private final long divisor;

        ScaledDown(DataType type, FieldVector vector, long divisor) {
            super(type, vector);
            this.data = vector.getDataBuffer();
            this.divisor = divisor;
        }

        @Override
        public long getLong(int rowId) {
            return Math.floorDiv(data.getLong((long) rowId << 3), divisor);
        }
    }

    /** 32-bit times of day in a coarser unit than Spark's nanoseconds. */
    static final class ScaledInts extends LogVector {
        private final ArrowBuf data;
        private final long factor;

        ScaledInts(DataType type, FieldVector vector, long factor) {
            super(type, vector);
            this.data = vector.getDataBuffer();
            this.factor = factor;
        }

        @Override
        public long getLong(int rowId) {
            return data.getInt((long) rowId << 2) * factor;
        }
    }

    static final class Floats extends LogVector {
        private final ArrowBuf data;

        Floats(FieldVector vector) {
            super(DataTypes.FloatType, vector);
            this.data = vector.getDataBuffer();
        }

        @Override
        public float getFloat(int rowId) {
            return data.getFloat((long) rowId << 2);
        }
    }

    static final class Doubles extends LogVector {
        private final ArrowBuf data;

        Doubles(FieldVector vector) {
            super(DataTypes.DoubleType, vector);
            this.data = vector.getDataBuffer();
        }

        @Override
        public double getDouble(int rowId) {
            return data.getDouble((long) rowId << 3);
        }
    }

    static final class Decimals extends LogVector {
        private static final int WIDTH = 16;
        private final DecimalVector vector;
        private final ArrowBuf data;

        Decimals(DataType type, DecimalVector vector) {
            super(type, vector);
            this.vector = vector;
            this.data = vector.getDataBuffer();
        }

        @Override
        public Decimal getDecimal(int rowId, int precision, int scale) {
            if (precision <= Decimal.MAX_LONG_DIGITS()) {
                // Little-endian two's complement: the low half is the whole value.
                return Decimal.createUnsafe(data.getLong((long) rowId * WIDTH), precision, scale);
            }
            BigDecimal value = vector.getObjectNotNull(rowId);
            return Decimal.apply(value, precision, scale);
        }
    }

    static final class FixedBinaries extends LogVector {
        private final ArrowBuf data;
        private final int width;

        FixedBinaries(FixedSizeBinaryVector vector) {
            super(DataTypes.BinaryType, vector);
            this.data = vector.getDataBuffer();
            this.width = vector.getByteWidth();
        }

        @Override
        public byte[] getBinary(int rowId) {
            byte[] out = new byte[width];
            data.getBytes((long) rowId * width, out);
            return out;
        }
    }
}
