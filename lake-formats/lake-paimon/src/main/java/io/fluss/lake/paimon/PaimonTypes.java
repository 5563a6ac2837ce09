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

import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.paimon.types.ArrayType;
import org.apache.paimon.types.DataField;
import org.apache.paimon.types.DataTypes;
import org.apache.paimon.types.MapType;
import org.apache.paimon.types.RowType;

/** The Paimon type of a Fluss type; nested fields get the next ids. */
final class PaimonTypes implements DataType.Cases<org.apache.paimon.types.DataType> {
    private int lastId;

    /** Starts behind the ids that the caller has given to top-level columns. */
    PaimonTypes(int lastId) {
        this.lastId = lastId;
    }

    /** A column or field of that id. */
    DataField field(int id, String name, DataType type, Optional<String> description) {
        return new DataField(id, name, of(type), description.orElse(null));
    }

    org.apache.paimon.types.DataType of(DataType type) {
        return type.accept(this).copy(type.isNullable());
    }

    @Override
    public org.apache.paimon.types.DataType bool(DataType.BooleanType type) {
        return DataTypes.BOOLEAN();
    }

    @Override
    public org.apache.paimon.types.DataType tinyInt(DataType.TinyIntType type) {
        return DataTypes.TINYINT();
    }

    @Override
    public org.apache.paimon.types.DataType smallInt(DataType.SmallIntType type) {
        return DataTypes.SMALLINT();
    }

    @Override
    public org.apache.paimon.types.DataType integer(DataType.IntType type) {
        return DataTypes.INT();
    }

    @Override
    public org.apache.paimon.types.DataType bigInt(DataType.BigIntType type) {
        return DataTypes.BIGINT();
    }

    @Override
    public org.apache.paimon.types.DataType floating(DataType.FloatType type) {
        return DataTypes.FLOAT();
    }

    @Override
    public org.apache.paimon.types.DataType doubling(DataType.DoubleType type) {
        return DataTypes.DOUBLE();
    }

    @Override
    public org.apache.paimon.types.DataType character(DataType.CharType type) {
        return DataTypes.CHAR(type.length());
    }

    @Override
    public org.apache.paimon.types.DataType string(DataType.StringType type) {
        return DataTypes.STRING();
    }

    @Override
    public org.apache.paimon.types.DataType binary(DataType.BinaryType type) {
        return DataTypes.BINARY(type.length());
    }

    @Override
    public org.apache.paimon.types.DataType bytes(DataType.BytesType type) {
        return DataTypes.BYTES();
    }

    @Override
    public org.apache.paimon.types.DataType decimal(DataType.DecimalType type) {
        return DataTypes.DECIMAL(type.precision(), type.scale());
    }

    @Override
    public org.apache.paimon.types.DataType date(DataType.DateType type) {
        return DataTypes.DATE();
    }

    /** The published format drops the precision. */
    @Override
    public org.apache.paimon.types.DataType time(DataType.TimeType type) {
        return DataTypes.TIME();
    }

    @Override
    public org.apache.paimon.types.DataType timestamp(DataType.TimestampType type) {
        return DataTypes.TIMESTAMP(type.precision());
    }

    @Override
    public org.apache.paimon.types.DataType timestampLtz(DataType.TimestampLtzType type) {
        return DataTypes.TIMESTAMP_WITH_LOCAL_TIME_ZONE(type.precision());
    }

    @Override
    public org.apache.paimon.types.DataType array(DataType.ArrayType type) {
        return new ArrayType(of(type.elementType()));
    }

    @Override
    public org.apache.paimon.types.DataType map(DataType.MapType type) {
        return new MapType(of(type.keyType()), of(type.valueType()));
    }

    @Override
    public org.apache.paimon.types.DataType row(DataType.RowType type) {
        List<DataField> fields = new ArrayList<>();
        for (DataType.Field f : type.fields()) {
            int id = ++lastId;
            fields.add(field(id, f.name(), f.type(), f.description()));
        }
        return new RowType(fields);
    }
}
