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
package io.fluss.lake.iceberg;

import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** The Iceberg type of a Fluss type; nested fields get the next ids. */
final class IcebergTypes implements DataType.Cases<Type> {
    private int lastId;

    /** Starts behind the ids that the caller has given to top-level columns. */
    IcebergTypes(int lastId) {
        this.lastId = lastId;
    }

    @Override
    public Type bool(DataType.BooleanType type) {
        return Types.BooleanType.get();
    }

    @Override
    public Type tinyInt(DataType.TinyIntType type) {
        return Types.IntegerType.get();
    }

    @Override
    public Type smallInt(DataType.SmallIntType type) {
        return Types.IntegerType.get();
    }

    @Override
    public Type integer(DataType.IntType type) {
        return Types.IntegerType.get();
    }

    @Override
    public Type bigInt(DataType.BigIntType type) {
        return Types.LongType.get();
    }

    @Override
    public Type floating(DataType.FloatType type) {
        return Types.FloatType.get();
    }

    @Override
    public Type doubling(DataType.DoubleType type) {
        return Types.DoubleType.get();
    }

    @Override
    public Type character(DataType.CharType type) {
        return Types.StringType.get();
    }

    @Override
    public Type string(DataType.StringType type) {
        return Types.StringType.get();
    }

    @Override
    public Type binary(DataType.BinaryType type) {
        return Types.BinaryType.get();
    }

    @Override
    public Type bytes(DataType.BytesType type) {
        return Types.BinaryType.get();
    }

    @Override
    public Type decimal(DataType.DecimalType type) {
        return Types.DecimalType.of(type.precision(), type.scale());
    }

    @Override
    public Type date(DataType.DateType type) {
        return Types.DateType.get();
    }

    @Override
    public Type time(DataType.TimeType type) {
        return Types.TimeType.get();
    }

    @Override
    public Type timestamp(DataType.TimestampType type) {
        return Types.TimestampType.withoutZone();
    }

    @Override
    public Type timestampLtz(DataType.TimestampLtzType type) {
        return Types.TimestampType.withZone();
    }

    @Override
    public Type array(DataType.ArrayType type) {
        int id = ++lastId;
        Type element = type.elementType().accept(this);
        return type.elementType().isNullable()
                ? Types.ListType.ofOptional(id, element)
                : Types.ListType.ofRequired(id, element);
    }

    @Override
    public Type map(DataType.MapType type) {
        int keyId = ++lastId;
        int valueId = ++lastId;
        Type key = type.keyType().accept(this);
        Type value = type.valueType().accept(this);
        return type.valueType().isNullable()
                ? Types.MapType.ofOptional(keyId, valueId, key, value)
                : Types.MapType.ofRequired(keyId, valueId, key, value);
    }

    @Override
    public Type row(DataType.RowType type) {
        List<Types.NestedField> fields = new ArrayList<>();
        for (DataType.Field f : type.fields()) {
            int id = ++lastId;
            fields.add(field(id, f.name(), f.type(), f.description()));
        }
        return Types.StructType.of(fields);
    }

    /** A column or field of that id. */
    Types.NestedField field(int id, String name, DataType type, Optional<String> doc) {
        Type mapped = type.accept(this);
        return type.isNullable()
                ? Types.NestedField.optional(id, name, mapped, doc.orElse(null))
                : Types.NestedField.required(id, name, mapped, doc.orElse(null));
    }
}
