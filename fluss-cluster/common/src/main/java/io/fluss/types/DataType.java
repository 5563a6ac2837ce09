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
package io.fluss.types;

import java.util.List;
import java.util.Optional;

/**
 * The type of a column. Immutable. The SQL names, parameters and defaults are those of the data
 * formats document, section 1.
 *
 * <p>Dispatch with {@link #accept(Cases)}: a new type does not compile until every place handles
 * it.
 */
public sealed interface DataType {

    /** Whether a value of this type may be null. */
    boolean isNullable();

    /** The same type with the given nullability. */
    DataType withNullable(boolean nullable);

    <R> R accept(Cases<R> cases);

    /** The same type, nullable. */
    default DataType nullable() {
        return withNullable(true);
    }

    /** The same type, NOT NULL. */
    default DataType notNull() {
        return withNullable(false);
    }

    /** True for ARRAY, MAP and ROW, which cannot be part of a key. */
    default boolean isNested() {
        return this instanceof ArrayType || this instanceof MapType || this instanceof RowType;
    }

    /** One method for each type. */
    interface Cases<R> {
        R bool(BooleanType type);

        R tinyInt(TinyIntType type);

        R smallInt(SmallIntType type);

        R integer(IntType type);

        R bigInt(BigIntType type);

        R floating(FloatType type);

        R doubling(DoubleType type);

        R character(CharType type);

        R string(StringType type);

        R binary(BinaryType type);

        R bytes(BytesType type);

        R decimal(DecimalType type);

        R date(DateType type);

        R time(TimeType type);

        R timestamp(TimestampType type);

        R timestampLtz(TimestampLtzType type);

        R array(ArrayType type);

        R map(MapType type);

        R row(RowType type);
    }

    /** A truth value. */
    record BooleanType(boolean isNullable) implements DataType {
        @Override
        public BooleanType withNullable(boolean nullable) {
            return new BooleanType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.bool(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("BOOLEAN", isNullable);
        }
    }

    /** 8-bit signed integer. */
    record TinyIntType(boolean isNullable) implements DataType {
        @Override
        public TinyIntType withNullable(boolean nullable) {
            return new TinyIntType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.tinyInt(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("TINYINT", isNullable);
        }
    }

    /** 16-bit signed integer. */
    record SmallIntType(boolean isNullable) implements DataType {
        @Override
        public SmallIntType withNullable(boolean nullable) {
            return new SmallIntType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.smallInt(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("SMALLINT", isNullable);
        }
    }

    /** 32-bit signed integer. */
    record IntType(boolean isNullable) implements DataType {
        @Override
        public IntType withNullable(boolean nullable) {
            return new IntType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.integer(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("INT", isNullable);
        }
    }

    /** 64-bit signed integer. */
    record BigIntType(boolean isNullable) implements DataType {
        @Override
        public BigIntType withNullable(boolean nullable) {
            return new BigIntType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.bigInt(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("BIGINT", isNullable);
        }
    }

    /** IEEE-754 binary32. */
    record FloatType(boolean isNullable) implements DataType {
        @Override
        public FloatType withNullable(boolean nullable) {
            return new FloatType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.floating(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("FLOAT", isNullable);
        }
    }

    /** IEEE-754 binary64. */
    record DoubleType(boolean isNullable) implements DataType {
        @Override
        public DoubleType withNullable(boolean nullable) {
            return new DoubleType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.doubling(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("DOUBLE", isNullable);
        }
    }

    /** UTF-8 text of any length. */
    record StringType(boolean isNullable) implements DataType {
        @Override
        public StringType withNullable(boolean nullable) {
            return new StringType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.string(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("STRING", isNullable);
        }
    }

    /** Bytes of any length. */
    record BytesType(boolean isNullable) implements DataType {
        @Override
        public BytesType withNullable(boolean nullable) {
            return new BytesType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.bytes(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("BYTES", isNullable);
        }
    }

    /** Days since 1970-01-01. */
    record DateType(boolean isNullable) implements DataType {
        @Override
        public DateType withNullable(boolean nullable) {
            return new DateType(nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.date(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("DATE", isNullable);
        }
    }

    /**
     * Text of a declared length of 1..2^31-1; the length is neither enforced nor padded by the
     * type.
     */
    record CharType(int length, boolean isNullable) implements DataType {
        public CharType {
            TypeText.checkRange("CHAR length", length, 1, Integer.MAX_VALUE);
        }

        @Override
        public CharType withNullable(boolean nullable) {
            return new CharType(length, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.character(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("CHAR(" + length + ")", isNullable);
        }
    }

    /** Bytes of a fixed length of 1..2^31-1. */
    record BinaryType(int length, boolean isNullable) implements DataType {
        public BinaryType {
            TypeText.checkRange("BINARY length", length, 1, Integer.MAX_VALUE);
        }

        @Override
        public BinaryType withNullable(boolean nullable) {
            return new BinaryType(length, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.binary(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("BINARY(" + length + ")", isNullable);
        }
    }

    /** Time of day, held as milliseconds of the day; precision 0..9. */
    record TimeType(int precision, boolean isNullable) implements DataType {
        public TimeType {
            TypeText.checkRange("TIME precision", precision, 0, 9);
        }

        @Override
        public TimeType withNullable(boolean nullable) {
            return new TimeType(precision, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.time(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("TIME(" + precision + ")", isNullable);
        }
    }

    /** Local date and time without a zone; precision 0..9 digits of a second. */
    record TimestampType(int precision, boolean isNullable) implements DataType {
        public TimestampType {
            TypeText.checkRange("TIMESTAMP precision", precision, 0, 9);
        }

        @Override
        public TimestampType withNullable(boolean nullable) {
            return new TimestampType(precision, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.timestamp(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("TIMESTAMP(" + precision + ")", isNullable);
        }
    }

    /** An instant; precision 0..9 digits of a second. */
    record TimestampLtzType(int precision, boolean isNullable) implements DataType {
        public TimestampLtzType {
            TypeText.checkRange("TIMESTAMP_LTZ precision", precision, 0, 9);
        }

        @Override
        public TimestampLtzType withNullable(boolean nullable) {
            return new TimestampLtzType(precision, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.timestampLtz(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("TIMESTAMP_LTZ(" + precision + ")", isNullable);
        }
    }

    /** Exact decimal number with 1..38 digits, {@code scale} of them behind the point. */
    record DecimalType(int precision, int scale, boolean isNullable) implements DataType {
        /** Up to this precision the unscaled value is handled as a 64-bit integer. */
        public static final int COMPACT_PRECISION_MAX = 18;

        public DecimalType {
            TypeText.checkRange("DECIMAL precision", precision, 1, 38);
            TypeText.checkRange("DECIMAL scale", scale, 0, precision);
        }

        public boolean isCompact() {
            return precision <= COMPACT_PRECISION_MAX;
        }

        @Override
        public DecimalType withNullable(boolean nullable) {
            return new DecimalType(precision, scale, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.decimal(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability(
                    "DECIMAL(" + precision + ", " + scale + ")", isNullable);
        }
    }

    /** A list of elements of one type. */
    record ArrayType(DataType elementType, boolean isNullable) implements DataType {
        @Override
        public ArrayType withNullable(boolean nullable) {
            return new ArrayType(elementType, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.array(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("ARRAY<" + elementType + ">", isNullable);
        }
    }

    /** Pairs of key and value in insertion order; the key type is always made NOT NULL. */
    record MapType(DataType keyType, DataType valueType, boolean isNullable) implements DataType {
        public MapType {
            keyType = keyType.notNull();
        }

        @Override
        public MapType withNullable(boolean nullable) {
            return new MapType(keyType, valueType, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.map(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability("MAP<" + keyType + ", " + valueType + ">", isNullable);
        }
    }

    /** A nested row. */
    record RowType(List<Field> fields, boolean isNullable) implements DataType {
        public RowType {
            fields = List.copyOf(fields);
        }

        @Override
        public RowType withNullable(boolean nullable) {
            return new RowType(fields, nullable);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.row(this);
        }

        @Override
        public String toString() {
            return TypeText.withNullability(TypeText.row(fields), isNullable);
        }
    }

    /**
     * A field of a nested row. {@code id} is unique in the table's schema, -1 while it is not
     * assigned.
     */
    record Field(String name, DataType type, Optional<String> description, int id) {
        public static Field of(String name, DataType type) {
            return new Field(name, type, Optional.empty(), -1);
        }

        public Field withId(int newId) {
            return new Field(name, type, description, newId);
        }

        public Field withType(DataType newType) {
            return new Field(name, newType, description, id);
        }
    }
}
