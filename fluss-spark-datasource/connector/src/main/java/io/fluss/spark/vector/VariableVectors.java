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

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** Views of vectors with values of variable width and of nested ones. */
final class VariableVectors {
    private VariableVectors() {}

    /** Text; values point into the batch's memory and are valid as long as the batch. */
    static final class Strings extends LogVector {
        private final ArrowBuf offsets;
        private final ArrowBuf data;

        Strings(FieldVector vector) {
            super(DataTypes.StringType, vector);
            this.offsets = vector.getOffsetBuffer();
            this.data = vector.getDataBuffer();
        }

        @Override
        public @Nullable UTF8String getUTF8String(int rowId) {
            if (isNullAt(rowId)) {
                return null;
            }
            int start = offsets.getInt((long) rowId << 2);
            int end = offsets.getInt((rowId + 1L) << 2);
            return UTF8String.fromAddress(null, data.memoryAddress() + start, end - start);
        }
    }

    static final class Binaries extends LogVector {
        private final ArrowBuf offsets;
        private final ArrowBuf data;

        Binaries(FieldVector vector) {
            super(DataTypes.BinaryType, vector);
            this.offsets = vector.getOffsetBuffer();
            this.data = vector.getDataBuffer();
        }

        @Override
        public byte @Nullable [] getBinary(int rowId) {
            if (isNullAt(rowId)) {
                return null;
            }
            int start = offsets.getInt((long) rowId << 2);
            int end = offsets.getInt((rowId + 1L) << 2);
            byte[] out = new byte[end - start];
            data.getBytes(start, out);
            return out;
        }
    }

    static final class Arrays extends LogVector {
        private final ArrowBuf offsets;
        private final ColumnVector elements;

        Arrays(DataType type, ListVector vector, ColumnVector elements) {
            super(type, vector);
            this.offsets = vector.getOffsetBuffer();
            this.elements = elements;
        }

        @Override
        public ColumnarArray getArray(int rowId) {
            int start = offsets.getInt((long) rowId << 2);
            int end = offsets.getInt((rowId + 1L) << 2);
            return new ColumnarArray(elements, start, end - start);
        }

        @Override
        public ColumnVector getChild(int ordinal) {
            return elements;
        }
    }

    static final class Maps extends LogVector {
        private final ArrowBuf offsets;
        private final ColumnVector keys;
        private final ColumnVector values;

        Maps(DataType type, ListVector vector, ColumnVector keys, ColumnVector values) {
            super(type, vector);
            this.offsets = vector.getOffsetBuffer();
            this.keys = keys;
            this.values = values;
        }

        @Override
        public ColumnarMap getMap(int rowId) {
            int start = offsets.getInt((long) rowId << 2);
            int end = offsets.getInt((rowId + 1L) << 2);
            return new ColumnarMap(keys, values, start, end - start);
        }

        @Override
        public ColumnVector getChild(int ordinal) {
            return ordinal == 0 ? keys : values;
        }
    }

    static final class Rows extends LogVector {
        private final List<ColumnVector> fields;

        Rows(DataType type, StructVector vector, List<ColumnVector> fields) {
            super(type, vector);
            this.fields = List.copyOf(fields);
        }

        @Override
        public ColumnVector getChild(int ordinal) {
            return fields.get(ordinal);
        }
    }
}
