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

import io.fluss.errors.ErrorReason;
import io.fluss.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimeType;
import org.apache.spark.sql.types.VarcharType;

/**
 * The type of a table's column for a type declared in Spark's DDL. VARCHAR(n) becomes STRING: the
 * cluster has no limited text besides CHAR(n), whose length it does not enforce either.
 */
public final class ColumnTypes {
    private static final int MICROSECONDS = 6;
    private static final Map<org.apache.spark.sql.types.DataType, DataType> PLAIN =
            Map.ofEntries(
                    Map.entry(DataTypes.BooleanType, new DataType.BooleanType(true)),
                    Map.entry(DataTypes.ByteType, new DataType.TinyIntType(true)),
                    Map.entry(DataTypes.ShortType, new DataType.SmallIntType(true)),
                    Map.entry(DataTypes.IntegerType, new DataType.IntType(true)),
                    Map.entry(DataTypes.LongType, new DataType.BigIntType(true)),
                    Map.entry(DataTypes.FloatType, new DataType.FloatType(true)),
                    Map.entry(DataTypes.DoubleType, new DataType.DoubleType(true)),
                    Map.entry(DataTypes.BinaryType, new DataType.BytesType(true)),
                    Map.entry(DataTypes.DateType, new DataType.DateType(true)),
                    Map.entry(
                            DataTypes.TimestampType,
                            new DataType.TimestampLtzType(MICROSECONDS, true)),
                    Map.entry(
                            DataTypes.TimestampNTZType,
                            new DataType.TimestampType(MICROSECONDS, true)));

    private ColumnTypes() {}

    /**
     * The column type for a Spark type.
     *
     * @param where name of the column or nested field, for errors
     * @throws io.fluss.errors.FlussException with INVALID_TABLE for a type that no table can hold
     */
    public static DataType of(
            org.apache.spark.sql.types.DataType type, boolean nullable, String where) {
        DataType plain = PLAIN.get(type);
        return (plain != null ? plain : parameterized(type, where)).withNullable(nullable);
    }

    private static DataType parameterized(org.apache.spark.sql.types.DataType type, String where) {
        if (type instanceof CharType c) {
            return new DataType.CharType(c.length(), true);
        }
        if (type instanceof VarcharType) {
            return new DataType.StringType(true);
        }
        if (type instanceof StringType && type.equals(DataTypes.StringType)) {
            return new DataType.StringType(true);
        }
        if (type instanceof DecimalType d && d.scale() >= 0) {
            return new DataType.DecimalType(d.precision(), d.scale(), true);
        }
        if (type instanceof TimeType t) {
            return new DataType.TimeType(t.precision(), true);
        }
        if (type instanceof ArrayType a) {
            return new DataType.ArrayType(
                    of(a.elementType(), a.containsNull(), where + ".element"), true);
        }
        if (type instanceof MapType m) {
            return new DataType.MapType(
                    of(m.keyType(), false, where + ".key"),
                    of(m.valueType(), m.valueContainsNull(), where + ".value"),
                    true);
        }
        if (type instanceof StructType s) {
            List<DataType.Field> fields = new ArrayList<>();
            for (StructField f : s.fields()) {
                Optional<String> comment =
                        f.getComment().isDefined()
                                ? Optional.of(f.getComment().get())
                                : Optional.empty();
                fields.add(
                        new DataType.Field(
                                f.name(),
                                of(f.dataType(), f.nullable(), where + "." + f.name()),
                                comment,
                                -1));
            }
            return new DataType.RowType(fields, true);
        }
        throw ErrorReason.INVALID_TABLE.exception(
                "column '"
                        + where
                        + "': type "
                        + type.sql()
                        + " cannot be stored; use BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT,"
                        + " DOUBLE, DECIMAL, STRING, CHAR, VARCHAR, BINARY, DATE, TIMESTAMP,"
                        + " TIMESTAMP_NTZ, ARRAY, MAP or STRUCT");
    }
}
