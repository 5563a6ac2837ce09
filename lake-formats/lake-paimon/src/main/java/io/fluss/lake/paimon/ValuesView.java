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
package io.fluss.lake.paimon;

import io.fluss.formats.row.ListValues;
import io.fluss.formats.row.RowValues;
import java.math.BigDecimal;
import org.apache.paimon.data.BinaryString;
import org.apache.paimon.data.Blob;
import org.apache.paimon.data.DataGetters;
import org.apache.paimon.data.Decimal;
import org.apache.paimon.data.InternalArray;
import org.apache.paimon.data.InternalMap;
import org.apache.paimon.data.InternalRow;
import org.apache.paimon.data.InternalVector;
import org.apache.paimon.data.Timestamp;
import org.apache.paimon.data.variant.Variant;
import org.apache.paimon.types.RowKind;

/** Values of ours in Paimon's terms, read in place; a view moves with what it looks at. */
abstract class ValuesView implements DataGetters {
    /** Digits of a decimal that fit into 64 bits. */
    private static final int LONG_DIGITS = 18;

    /** A row of as many fields; inserted, if it matters. */
    static InternalRow row(RowValues values, int count) {
        return new Fields(values, count);
    }

    /** What the view looks at. */
    abstract RowValues values();

    @Override
    public boolean isNullAt(int pos) {
        return values().isNull(pos);
    }

    @Override
    public boolean getBoolean(int pos) {
        return values().bool(pos);
    }

    @Override
    public byte getByte(int pos) {
        return (byte) values().integer(pos);
    }

    @Override
    public short getShort(int pos) {
        return (short) values().integer(pos);
    }

    @Override
    public int getInt(int pos) {
        return (int) values().integer(pos);
    }

    @Override
    public long getLong(int pos) {
        return values().integer(pos);
    }

    @Override
    public float getFloat(int pos) {
        return values().floating(pos);
    }

    @Override
    public double getDouble(int pos) {
        return values().doubling(pos);
    }

    @Override
    public BinaryString getString(int pos) {
        return BinaryString.fromBytes(values().bytes(pos));
    }

    @Override
    public Decimal getDecimal(int pos, int precision, int scale) {
        return precision <= LONG_DIGITS
                ? Decimal.fromUnscaledLong(values().unscaledLong(pos), precision, scale)
                : Decimal.fromBigDecimal(
                        new BigDecimal(values().unscaled(pos), scale), precision, scale);
    }

    @Override
    public Timestamp getTimestamp(int pos, int precision) {
        return Timestamp.fromEpochMillis(values().timestampMs(pos), values().nanoOfMs(pos));
    }

    @Override
    public byte[] getBinary(int pos) {
        return values().bytes(pos);
    }

    @Override
    public Variant getVariant(int pos) {
        throw new UnsupportedOperationException("no VARIANT columns here");
    }

    @Override
    public Blob getBlob(int pos) {
        throw new UnsupportedOperationException("no BLOB columns here");
    }

    @Override
    public InternalVector getVector(int pos) {
        throw new UnsupportedOperationException("no VECTOR columns here");
    }

    @Override
    public InternalArray getArray(int pos) {
        return new Elements(values().elements(pos));
    }

    @Override
    public InternalMap getMap(int pos) {
        return new Entries(values().keys(pos), values().values(pos));
    }

    @Override
    public InternalRow getRow(int pos, int numFields) {
        return new Fields(values().row(pos), numFields);
    }

    private static final class Fields extends ValuesView implements InternalRow {
        private final RowValues values;
        private final int count;

        Fields(RowValues values, int count) {
            this.values = values;
            this.count = count;
        }

        @Override
        RowValues values() {
            return values;
        }

        @Override
        public int getFieldCount() {
            return count;
        }

        @Override
        public RowKind getRowKind() {
            return RowKind.INSERT;
        }

        @Override
        public void setRowKind(RowKind kind) {
            throw new UnsupportedOperationException("the kind of this row is fixed");
        }
    }

    private record Entries(ListValues keys, ListValues values) implements InternalMap {
        @Override
        public int size() {
            return keys.count();
        }

        @Override
        public InternalArray keyArray() {
            return new Elements(keys);
        }

        @Override
        public InternalArray valueArray() {
            return new Elements(values);
        }
    }

    private static final class Elements extends ValuesView implements InternalArray {
        private final ListValues values;

        Elements(ListValues values) {
            this.values = values;
        }

        @Override
        RowValues values() {
            return values;
        }

        @Override
        public int size() {
            return values.count();
        }

        @Override
        public boolean[] toBooleanArray() {
            boolean[] out = new boolean[size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = getBoolean(i);
            }
            return out;
        }

        @Override
        public byte[] toByteArray() {
            byte[] out = new byte[size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = getByte(i);
            }
            return out;
        }

        @Override
        public short[] toShortArray() {
            short[] out = new short[size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = getShort(i);
            }
            return out;
        }

        @Override
        public int[] toIntArray() {
            int[] out = new int[size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = getInt(i);
            }
            return out;
        }

        @Override
        public long[] toLongArray() {
            long[] out = new long[size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = getLong(i);
            }
            return out;
        }

        @Override
        public float[] toFloatArray() {
            float[] out = new float[size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = getFloat(i);
            }
            return out;
        }

        @Override
        public double[] toDoubleArray() {
            double[] out = new double[size()];
            for (int i = 0; i < out.length; i++) {
                out[i] = getDouble(i);
            }
            return out;
        }
    }
}
