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
package io.fluss.spark.types;

import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimeType;

/**
 * The Spark type in which the values of a table's type are seen.
 *
 * <p>CHAR is seen as STRING, because Spark would pad values of its own CHAR while the cluster
 * neither pads nor cuts. Timestamps of any precision are seen in Spark's microseconds. TIME is
 * Spark's TIME with at most six digits, which needs {@code spark.sql.timeType.enabled}.
 */
public final class SparkTypes implements DataType.Cases<org.apache.spark.sql.types.DataType> {
    private static final SparkTypes CASES = new SparkTypes();
    private static final int TIME_PRECISION_MAX = 6;

    private SparkTypes() {}

    public static org.apache.spark.sql.types.DataType of(DataType type) {
        return type.accept(CASES);
    }

    /** The schema of a table with nullability and comments. */
    public static StructType of(TableSchema schema) {
        return new StructType(
                schema.columns().stream().map(SparkTypes::field).toArray(StructField[]::new));
    }

    private static StructField field(Column c) {
        StructField f =
                new StructField(c.name(), of(c.type()), c.type().isNullable(), Metadata.empty());
        return c.comment().map(f::withComment).orElse(f);
    }

    @Override
    public org.apache.spark.sql.types.DataType bool(DataType.BooleanType type) {
        return DataTypes.BooleanType;
    }

    @Override
    public org.apache.spark.sql.types.DataType tinyInt(DataType.TinyIntType type) {
        return DataTypes.ByteType;
    }

    @Override
    public org.apache.spark.sql.types.DataType smallInt(DataType.SmallIntType type) {
        return DataTypes.ShortType;
    }

    @Override
    public org.apache.spark.sql.types.DataType integer(DataType.IntType type) {
        return DataTypes.IntegerType;
    }

    @Override
    public org.apache.spark.sql.types.DataType bigInt(DataType.BigIntType type) {
        return DataTypes.LongType;
    }

    @Override
    public org.apache.spark.sql.types.DataType floating(DataType.FloatType type) {
        return DataTypes.FloatType;
    }

    @Override
    public org.apache.spark.sql.types.DataType doubling(DataType.DoubleType type) {
        return DataTypes.DoubleType;
    }

    @Override
    public org.apache.spark.sql.types.DataType character(DataType.CharType type) {
        return DataTypes.StringType;
    }

    @Override
    public org.apache.spark.sql.types.DataType string(DataType.StringType type) {
        return DataTypes.StringType;
    }

    @Override
    public org.apache.spark.sql.types.DataType binary(DataType.BinaryType type) {
        return DataTypes.BinaryType;
    }

    @Override
    public org.apache.spark.sql.types.DataType bytes(DataType.BytesType type) {
        return DataTypes.BinaryType;
    }

    @Override
    public org.apache.spark.sql.types.DataType decimal(DataType.DecimalType type) {
        return new DecimalType(type.precision(), type.scale());
    }

    @Override
    public org.apache.spark.sql.types.DataType date(DataType.DateType type) {
        return DataTypes.DateType;
    }

    @Override
    public org.apache.spark.sql.types.DataType time(DataType.TimeType type) {
        return new TimeType(Math.min(type.precision(), TIME_PRECISION_MAX));
    }

    @Override
    public org.apache.spark.sql.types.DataType timestamp(DataType.TimestampType type) {
        return DataTypes.TimestampNTZType;
    }

    @Override
    public org.apache.spark.sql.types.DataType timestampLtz(DataType.TimestampLtzType type) {
        return DataTypes.TimestampType;
    }

    @Override
    public org.apache.spark.sql.types.DataType array(DataType.ArrayType type) {
        return DataTypes.createArrayType(of(type.elementType()), type.elementType().isNullable());
    }

    @Override
    public org.apache.spark.sql.types.DataType map(DataType.MapType type) {
        return DataTypes.createMapType(
                of(type.keyType()), of(type.valueType()), type.valueType().isNullable());
    }

    @Override
    public org.apache.spark.sql.types.DataType row(DataType.RowType type) {
        List<StructField> fields =
                type.fields().stream()
                        .map(
                                f -> {
                                    StructField s =
                                            new StructField(
                                                    f.name(),
                                                    of(f.type()),
                                                    f.type().isNullable(),
                                                    Metadata.empty());
                                    return f.description().map(s::withComment).orElse(s);
                                })
                        .toList();
        return DataTypes.createStructType(fields);
    }
}
