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

import io.fluss.errors.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.avro.AvroSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.DecimalType;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.TimestampType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.apache.parquet.schema.Types.PrimitiveBuilder;

/**
 * The Parquet schema of flat Iceberg columns, as Iceberg's own writer would make it, with field
 * ids.
 */
final class ParquetSchemas {
    private static final int INT32_DIGITS_MAX = 9;
    private static final int INT64_DIGITS_MAX = 18;

    private ParquetSchemas() {}

    static MessageType of(Schema schema) {
        List<org.apache.parquet.schema.Type> fields = new ArrayList<>();
        for (NestedField f : schema.columns()) {
            fields.add(
                    builder(f).id(f.fieldId()).named(AvroSchemaUtil.makeCompatibleName(f.name())));
        }
        return new MessageType("table", fields);
    }

    private static PrimitiveBuilder<PrimitiveType> builder(NestedField field) {
        Repetition r = field.isOptional() ? Repetition.OPTIONAL : Repetition.REQUIRED;
        return switch (field.type().typeId()) {
            case BOOLEAN -> Types.primitive(PrimitiveTypeName.BOOLEAN, r);
            case INTEGER -> Types.primitive(PrimitiveTypeName.INT32, r);
            case LONG -> Types.primitive(PrimitiveTypeName.INT64, r);
            case FLOAT -> Types.primitive(PrimitiveTypeName.FLOAT, r);
            case DOUBLE -> Types.primitive(PrimitiveTypeName.DOUBLE, r);
            case DATE ->
                    Types.primitive(PrimitiveTypeName.INT32, r)
                            .as(LogicalTypeAnnotation.dateType());
            case TIME ->
                    Types.primitive(PrimitiveTypeName.INT64, r)
                            .as(LogicalTypeAnnotation.timeType(false, TimeUnit.MICROS));
            case TIMESTAMP ->
                    Types.primitive(PrimitiveTypeName.INT64, r)
                            .as(
                                    LogicalTypeAnnotation.timestampType(
                                            ((TimestampType) field.type()).shouldAdjustToUTC(),
                                            TimeUnit.MICROS));
            case STRING ->
                    Types.primitive(PrimitiveTypeName.BINARY, r)
                            .as(LogicalTypeAnnotation.stringType());
            case BINARY -> Types.primitive(PrimitiveTypeName.BINARY, r);
            case DECIMAL -> decimal((DecimalType) field.type(), r);
            default -> throw unsupported(field.name(), field.type());
        };
    }

    private static PrimitiveBuilder<PrimitiveType> decimal(DecimalType type, Repetition r) {
        LogicalTypeAnnotation logical =
                LogicalTypeAnnotation.decimalType(type.scale(), type.precision());
        if (type.precision() <= INT32_DIGITS_MAX) {
            return Types.primitive(PrimitiveTypeName.INT32, r).as(logical);
        }
        if (type.precision() <= INT64_DIGITS_MAX) {
            return Types.primitive(PrimitiveTypeName.INT64, r).as(logical);
        }
        return Types.primitive(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY, r)
                .length(decimalBytes(type.precision()))
                .as(logical);
    }

    /** Least bytes of two's complement that hold every number of so many digits. */
    static int decimalBytes(int precision) {
        return java.math.BigInteger.TEN
                                .pow(precision)
                                .subtract(java.math.BigInteger.ONE)
                                .bitLength()
                        / Byte.SIZE
                + 1;
    }

    private static RuntimeException unsupported(String name, Type type) {
        return ErrorReason.INVALID_TABLE.exception(
                "column '" + name + "': Iceberg type " + type + " is not flat");
    }
}
