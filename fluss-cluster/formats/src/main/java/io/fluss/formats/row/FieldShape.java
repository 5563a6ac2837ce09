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
package io.fluss.formats.row;

import io.fluss.types.DataType;
import java.util.List;

/**
 * What the encodings know of a type. Children are the element of an array, key and value of a map,
 * or the fields of a row; nested rows have the format of the row that holds them.
 *
 * @param length bytes of CHAR and BINARY, 0 otherwise
 */
record FieldShape(Kind kind, DataType type, int length, RowFormat rows, List<FieldShape> children) {

    /** Types that are laid out in the same way. */
    enum Kind {
        BOOL(1, 1),
        INT8(1, 1),
        INT16(2, 2),
        INT32(4, 4),
        INT64(8, 8),
        FLOAT(4, 4),
        DOUBLE(8, 8),
        CHAR(0, 8),
        BINARY(0, 8),
        BYTES(0, 8),
        DECIMAL(8, 8),
        BIG_DECIMAL(0, 8),
        INSTANT(8, 8),
        NANO_INSTANT(12, 8),
        ARRAY(0, 8),
        MAP(0, 8),
        ROW(0, 8);

        /** Bytes of a value as it is; 0 if that depends on the value or on the type. */
        final int width;

        /** Bytes in an array, where a slot holds what fits into 8 bytes. */
        final int slotWidth;

        Kind(int width, int slotWidth) {
            this.width = width;
            this.slotWidth = slotWidth;
        }

        /** Whether an indexed row lists the size. */
        boolean isListed() {
            return switch (this) {
                case BYTES, BIG_DECIMAL, ARRAY, MAP, ROW -> true;
                case BOOL, INT8, INT16, INT32, INT64, FLOAT, DOUBLE -> false;
                case CHAR, BINARY, DECIMAL, INSTANT, NANO_INSTANT -> false;
            };
        }

        /** Whether a slot refers to bytes outside of it, or may. */
        boolean isOutside() {
            return switch (this) {
                case CHAR, BINARY, BYTES, BIG_DECIMAL, NANO_INSTANT, ARRAY, MAP, ROW -> true;
                case BOOL, INT8, INT16, INT32, INT64, FLOAT, DOUBLE, DECIMAL, INSTANT -> false;
            };
        }
    }

    static FieldShape of(DataType type, RowFormat rows) {
        return type.accept(new FromType(rows));
    }

    static List<FieldShape> ofFields(DataType.RowType type, RowFormat rows) {
        return type.fields().stream().map(f -> of(f.type(), rows)).toList();
    }

    /** Bytes of a value in an indexed row, if the row does not list them. */
    int indexedWidth() {
        return kind == Kind.CHAR || kind == Kind.BINARY ? length : kind.width;
    }

    private record FromType(RowFormat rows) implements DataType.Cases<FieldShape> {
        private FieldShape shape(Kind kind, DataType type) {
            return new FieldShape(kind, type, 0, rows, List.of());
        }

        private FieldShape instant(int precision, DataType type) {
            return shape(precision <= 3 ? Kind.INSTANT : Kind.NANO_INSTANT, type);
        }

        @Override
        public FieldShape bool(DataType.BooleanType type) {
            return shape(Kind.BOOL, type);
        }

        @Override
        public FieldShape tinyInt(DataType.TinyIntType type) {
            return shape(Kind.INT8, type);
        }

        @Override
        public FieldShape smallInt(DataType.SmallIntType type) {
            return shape(Kind.INT16, type);
        }

        @Override
        public FieldShape integer(DataType.IntType type) {
            return shape(Kind.INT32, type);
        }

        @Override
        public FieldShape bigInt(DataType.BigIntType type) {
            return shape(Kind.INT64, type);
        }

        @Override
        public FieldShape floating(DataType.FloatType type) {
            return shape(Kind.FLOAT, type);
        }

        @Override
        public FieldShape doubling(DataType.DoubleType type) {
            return shape(Kind.DOUBLE, type);
        }

        @Override
        public FieldShape character(DataType.CharType type) {
            return new FieldShape(Kind.CHAR, type, type.length(), rows, List.of());
        }

        @Override
        public FieldShape string(DataType.StringType type) {
            return shape(Kind.BYTES, type);
        }

        @Override
        public FieldShape binary(DataType.BinaryType type) {
            return new FieldShape(Kind.BINARY, type, type.length(), rows, List.of());
        }

        @Override
        public FieldShape bytes(DataType.BytesType type) {
            return shape(Kind.BYTES, type);
        }

        @Override
        public FieldShape decimal(DataType.DecimalType type) {
            return shape(type.isCompact() ? Kind.DECIMAL : Kind.BIG_DECIMAL, type);
        }

        @Override
        public FieldShape date(DataType.DateType type) {
            return shape(Kind.INT32, type);
        }

        @Override
        public FieldShape time(DataType.TimeType type) {
            return shape(Kind.INT32, type);
        }

        @Override
        public FieldShape timestamp(DataType.TimestampType type) {
            return instant(type.precision(), type);
        }

        @Override
        public FieldShape timestampLtz(DataType.TimestampLtzType type) {
            return instant(type.precision(), type);
        }

        @Override
        public FieldShape array(DataType.ArrayType type) {
            return new FieldShape(Kind.ARRAY, type, 0, rows, List.of(of(type.elementType(), rows)));
        }

        @Override
        public FieldShape map(DataType.MapType type) {
            return new FieldShape(
                    Kind.MAP,
                    type,
                    0,
                    rows,
                    List.of(of(type.keyType(), rows), of(type.valueType(), rows)));
        }

        @Override
        public FieldShape row(DataType.RowType type) {
            return new FieldShape(Kind.ROW, type, 0, rows, ofFields(type, rows));
        }
    }
}
