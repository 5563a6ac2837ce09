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

/** Short forms for nullable types with their usual parameters. */
public final class DataTypes {
    private DataTypes() {}

    public static DataType.BooleanType bool() {
        return new DataType.BooleanType(true);
    }

    public static DataType.TinyIntType tinyInt() {
        return new DataType.TinyIntType(true);
    }

    public static DataType.SmallIntType smallInt() {
        return new DataType.SmallIntType(true);
    }

    public static DataType.IntType integer() {
        return new DataType.IntType(true);
    }

    public static DataType.BigIntType bigInt() {
        return new DataType.BigIntType(true);
    }

    public static DataType.FloatType floating() {
        return new DataType.FloatType(true);
    }

    public static DataType.DoubleType doubling() {
        return new DataType.DoubleType(true);
    }

    public static DataType.CharType character(int length) {
        return new DataType.CharType(length, true);
    }

    public static DataType.StringType string() {
        return new DataType.StringType(true);
    }

    public static DataType.BinaryType binary(int length) {
        return new DataType.BinaryType(length, true);
    }

    public static DataType.BytesType bytes() {
        return new DataType.BytesType(true);
    }

    public static DataType.DecimalType decimal(int precision, int scale) {
        return new DataType.DecimalType(precision, scale, true);
    }

    public static DataType.DateType date() {
        return new DataType.DateType(true);
    }

    public static DataType.TimeType time(int precision) {
        return new DataType.TimeType(precision, true);
    }

    public static DataType.TimestampType timestamp(int precision) {
        return new DataType.TimestampType(precision, true);
    }

    public static DataType.TimestampLtzType timestampLtz(int precision) {
        return new DataType.TimestampLtzType(precision, true);
    }

    public static DataType.ArrayType array(DataType elementType) {
        return new DataType.ArrayType(elementType, true);
    }

    public static DataType.MapType map(DataType keyType, DataType valueType) {
        return new DataType.MapType(keyType, valueType, true);
    }

    public static DataType.RowType row(DataType.Field... fields) {
        return new DataType.RowType(List.of(fields), true);
    }

    public static DataType.Field field(String name, DataType type) {
        return new DataType.Field(name, type, Optional.empty(), -1);
    }
}
