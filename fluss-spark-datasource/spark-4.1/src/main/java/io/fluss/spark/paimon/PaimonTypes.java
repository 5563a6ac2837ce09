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
package io.fluss.spark.paimon;

import io.fluss.errors.ErrorReason;
import org.apache.paimon.types.ArrayType;
import org.apache.paimon.types.DataField;
import org.apache.paimon.types.DataType;
import org.apache.paimon.types.DecimalType;
import org.apache.paimon.types.MapType;
import org.apache.paimon.types.RowType;
import org.apache.paimon.types.TimeType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The Spark type of a Paimon type, as the connector sees the Fluss type behind it. */
final class PaimonTypes {
    private static final int TIME_PRECISION_MAX = 6;

    private PaimonTypes() {}

    static StructType schema(RowType row) {
        StructType out = new StructType();
        for (DataField f : row.getFields()) {
            out =
                    out.add(
                            new StructField(
                                    f.name(),
                                    of(f.type()),
                                    f.type().isNullable(),
                                    Metadata.empty()));
        }
        return out;
    }

    static boolean isNested(DataType type) {
        return type instanceof ArrayType || type instanceof MapType || type instanceof RowType;
    }

    private static org.apache.spark.sql.types.DataType of(DataType type) {
        return switch (type.getTypeRoot()) {
            case BOOLEAN -> DataTypes.BooleanType;
            case TINYINT -> DataTypes.ByteType;
            case SMALLINT -> DataTypes.ShortType;
            case INTEGER -> DataTypes.IntegerType;
            case BIGINT -> DataTypes.LongType;
            case FLOAT -> DataTypes.FloatType;
            case DOUBLE -> DataTypes.DoubleType;
            case CHAR, VARCHAR -> DataTypes.StringType;
            case BINARY, VARBINARY -> DataTypes.BinaryType;
            case DECIMAL ->
                    DataTypes.createDecimalType(
                            ((DecimalType) type).getPrecision(), ((DecimalType) type).getScale());
            case DATE -> DataTypes.DateType;
            case TIME_WITHOUT_TIME_ZONE ->
                    new org.apache.spark.sql.types.TimeType(
                            Math.min(((TimeType) type).getPrecision(), TIME_PRECISION_MAX));
            case TIMESTAMP_WITHOUT_TIME_ZONE -> DataTypes.TimestampNTZType;
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> DataTypes.TimestampType;
            case ARRAY -> {
                DataType element = ((ArrayType) type).getElementType();
                yield DataTypes.createArrayType(of(element), element.isNullable());
            }
            case MAP -> {
                MapType map = (MapType) type;
                yield DataTypes.createMapType(
                        of(map.getKeyType()),
                        of(map.getValueType()),
                        map.getValueType().isNullable());
            }
            case ROW -> schema((RowType) type);
            default ->
                    throw ErrorReason.INVALID_TABLE.exception(
                            "Paimon type " + type + " cannot be read in Spark");
        };
    }
}
