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

import io.fluss.types.DataType;
import java.util.List;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The Arrow schema of a row type (data formats document, section 4.6). In memory TIMESTAMP_LTZ has
 * the zone UTC.
 */
public final class ArrowSchemas {
    private ArrowSchemas() {}

    public static Schema of(DataType.RowType type) {
        return new Schema(fields(type));
    }

    /** A column or nested field of that name; its children are named as the format says. */
    public static Field field(String name, DataType type) {
        return type.accept(new FromType(name, type.isNullable()));
    }

    private static List<Field> fields(DataType.RowType type) {
        return type.fields().stream().map(f -> field(f.name(), f.type())).toList();
    }

    private static TimeUnit unit(int precision) {
        if (precision == 0) {
            return TimeUnit.SECOND;
        }
        if (precision <= 3) {
            return TimeUnit.MILLISECOND;
        }
        return precision <= 6 ? TimeUnit.MICROSECOND : TimeUnit.NANOSECOND;
    }

    private record FromType(String name, boolean nullable) implements DataType.Cases<Field> {

        private Field leaf(ArrowType type) {
            return parent(type, List.of());
        }

        private Field parent(ArrowType type, List<Field> children) {
            return new Field(name, new FieldType(nullable, type, null), children);
        }

        private Field integer(int bits) {
            return leaf(new ArrowType.Int(bits, true));
        }

        @Override
        public Field bool(DataType.BooleanType type) {
            return leaf(ArrowType.Bool.INSTANCE);
        }

        @Override
        public Field tinyInt(DataType.TinyIntType type) {
            return integer(8);
        }

        @Override
        public Field smallInt(DataType.SmallIntType type) {
            return integer(16);
        }

        @Override
        public Field integer(DataType.IntType type) {
            return integer(32);
        }

        @Override
        public Field bigInt(DataType.BigIntType type) {
            return integer(64);
        }

        @Override
        public Field floating(DataType.FloatType type) {
            return leaf(new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE));
        }

        @Override
        public Field doubling(DataType.DoubleType type) {
            return leaf(new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE));
        }

        @Override
        public Field character(DataType.CharType type) {
            return leaf(ArrowType.Utf8.INSTANCE);
        }

        @Override
        public Field string(DataType.StringType type) {
            return leaf(ArrowType.Utf8.INSTANCE);
        }

        @Override
        public Field binary(DataType.BinaryType type) {
            return leaf(new ArrowType.FixedSizeBinary(type.length()));
        }

        @Override
        public Field bytes(DataType.BytesType type) {
            return leaf(ArrowType.Binary.INSTANCE);
        }

        @Override
        public Field decimal(DataType.DecimalType type) {
            return leaf(new ArrowType.Decimal(type.precision(), type.scale(), 128));
        }

        @Override
        public Field date(DataType.DateType type) {
            return leaf(new ArrowType.Date(DateUnit.DAY));
        }

        @Override
        public Field time(DataType.TimeType type) {
            return leaf(
                    new ArrowType.Time(unit(type.precision()), type.precision() <= 3 ? 32 : 64));
        }

        @Override
        public Field timestamp(DataType.TimestampType type) {
            return leaf(new ArrowType.Timestamp(unit(type.precision()), null));
        }

        @Override
        public Field timestampLtz(DataType.TimestampLtzType type) {
            return leaf(new ArrowType.Timestamp(unit(type.precision()), "UTC"));
        }

        @Override
        public Field array(DataType.ArrayType type) {
            return parent(ArrowType.List.INSTANCE, List.of(field("element", type.elementType())));
        }

        @Override
        public Field map(DataType.MapType type) {
            Field entries =
                    new Field(
                            MapVector.DATA_VECTOR_NAME,
                            FieldType.notNullable(ArrowType.Struct.INSTANCE),
                            List.of(
                                    field(MapVector.KEY_NAME, type.keyType()),
                                    field(MapVector.VALUE_NAME, type.valueType())));
            return parent(new ArrowType.Map(false), List.of(entries));
        }

        @Override
        public Field row(DataType.RowType type) {
            return parent(ArrowType.Struct.INSTANCE, fields(type));
        }
    }
}
