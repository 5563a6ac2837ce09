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
package io.fluss.formats.log;

import io.fluss.types.DataType;
import java.util.List;

/**
 * How the values of a type lie in the buffers of an Arrow record batch (data formats document,
 * section 4.6): one node and its buffers, then those of its children, depth first. Immutable.
 *
 * @param widthBits bits per value for {@link Kind#FIXED}, otherwise 0
 */
public record ColumnShape(Kind kind, long widthBits, List<ColumnShape> children) {

    /** The buffers of a node; the first one is always the validity. */
    public enum Kind {
        /** Validity, values of one width. */
        FIXED(2),
        /** Validity, offsets, bytes. */
        VARIABLE(3),
        /** Validity, offsets; one child with the elements. */
        LIST(2),
        /** Validity; one child per field, as long as the parent. */
        STRUCT(1);

        private final int buffers;

        Kind(int buffers) {
            this.buffers = buffers;
        }

        /** Number of buffers, children not counted. */
        public int buffers() {
            return buffers;
        }

        public boolean hasOffsets() {
            return this == VARIABLE || this == LIST;
        }
    }

    public ColumnShape {
        children = List.copyOf(children);
    }

    public static ColumnShape of(DataType type) {
        return type.accept(FromType.INSTANCE);
    }

    /** The shapes of the columns of a row. */
    public static List<ColumnShape> ofColumns(DataType.RowType type) {
        return type.fields().stream().map(f -> of(f.type())).toList();
    }

    /** Number of nodes, with those of the children. */
    public int nodeCount() {
        return 1 + children.stream().mapToInt(ColumnShape::nodeCount).sum();
    }

    /** Number of buffers, with those of the children. */
    public int bufferCount() {
        return kind.buffers() + children.stream().mapToInt(ColumnShape::bufferCount).sum();
    }

    private static ColumnShape fixed(long bits) {
        return new ColumnShape(Kind.FIXED, bits, List.of());
    }

    private static ColumnShape variable() {
        return new ColumnShape(Kind.VARIABLE, 0, List.of());
    }

    private enum FromType implements DataType.Cases<ColumnShape> {
        INSTANCE;

        @Override
        public ColumnShape bool(DataType.BooleanType type) {
            return fixed(1);
        }

        @Override
        public ColumnShape tinyInt(DataType.TinyIntType type) {
            return fixed(8);
        }

        @Override
        public ColumnShape smallInt(DataType.SmallIntType type) {
            return fixed(16);
        }

        @Override
        public ColumnShape integer(DataType.IntType type) {
            return fixed(32);
        }

        @Override
        public ColumnShape bigInt(DataType.BigIntType type) {
            return fixed(64);
        }

        @Override
        public ColumnShape floating(DataType.FloatType type) {
            return fixed(32);
        }

        @Override
        public ColumnShape doubling(DataType.DoubleType type) {
            return fixed(64);
        }

        @Override
        public ColumnShape character(DataType.CharType type) {
            return variable();
        }

        @Override
        public ColumnShape string(DataType.StringType type) {
            return variable();
        }

        @Override
        public ColumnShape binary(DataType.BinaryType type) {
            return fixed(8L * type.length());
        }

        @Override
        public ColumnShape bytes(DataType.BytesType type) {
            return variable();
        }

        @Override
        public ColumnShape decimal(DataType.DecimalType type) {
            return fixed(128);
        }

        @Override
        public ColumnShape date(DataType.DateType type) {
            return fixed(32);
        }

        @Override
        public ColumnShape time(DataType.TimeType type) {
            return fixed(type.precision() <= 3 ? 32 : 64);
        }

        @Override
        public ColumnShape timestamp(DataType.TimestampType type) {
            return fixed(64);
        }

        @Override
        public ColumnShape timestampLtz(DataType.TimestampLtzType type) {
            return fixed(64);
        }

        @Override
        public ColumnShape array(DataType.ArrayType type) {
            return new ColumnShape(Kind.LIST, 0, List.of(of(type.elementType())));
        }

        @Override
        public ColumnShape map(DataType.MapType type) {
            ColumnShape entries =
                    new ColumnShape(
                            Kind.STRUCT, 0, List.of(of(type.keyType()), of(type.valueType())));
            return new ColumnShape(Kind.LIST, 0, List.of(entries));
        }

        @Override
        public ColumnShape row(DataType.RowType type) {
            return new ColumnShape(Kind.STRUCT, 0, ofColumns(type));
        }
    }
}
