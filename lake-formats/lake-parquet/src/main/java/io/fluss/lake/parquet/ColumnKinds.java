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
package io.fluss.lake.parquet;

import io.fluss.errors.ErrorReason;
import java.util.EnumSet;
import java.util.Set;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.jspecify.annotations.Nullable;

/** Picks the writer of a column by its Parquet type, and the Arrow types that it takes. */
final class ColumnKinds {
    private static final Set<MinorType> INTEGERS =
            EnumSet.of(MinorType.TINYINT, MinorType.SMALLINT, MinorType.INT);
    private static final Set<MinorType> TIMES =
            EnumSet.of(
                    MinorType.TIMESEC,
                    MinorType.TIMEMILLI,
                    MinorType.TIMEMICRO,
                    MinorType.TIMENANO);
    private static final Set<MinorType> TIMESTAMPS =
            EnumSet.of(
                    MinorType.TIMESTAMPSEC,
                    MinorType.TIMESTAMPMILLI,
                    MinorType.TIMESTAMPMICRO,
                    MinorType.TIMESTAMPNANO);
    private static final Set<MinorType> ZONED_TIMESTAMPS =
            EnumSet.of(
                    MinorType.TIMESTAMPSEC,
                    MinorType.TIMESTAMPMILLI,
                    MinorType.TIMESTAMPMICRO,
                    MinorType.TIMESTAMPNANO,
                    MinorType.TIMESTAMPSECTZ,
                    MinorType.TIMESTAMPMILLITZ,
                    MinorType.TIMESTAMPMICROTZ,
                    MinorType.TIMESTAMPNANOTZ);
    private static final Set<MinorType> BINARIES =
            EnumSet.of(MinorType.VARBINARY, MinorType.FIXEDSIZEBINARY);

    private ColumnKinds() {}

    static ColumnWriter writer(ColumnDescriptor column, ParquetLayout layout) {
        if (column.getMaxRepetitionLevel() > 0 || column.getPath().length > 1) {
            throw unsupported(column);
        }
        LogicalTypeAnnotation logical = column.getPrimitiveType().getLogicalTypeAnnotation();
        return switch (column.getPrimitiveType().getPrimitiveTypeName()) {
            case BOOLEAN -> new BooleanColumn(column, layout);
            case FLOAT -> new NumberColumn(column, layout, EnumSet.of(MinorType.FLOAT4));
            case DOUBLE -> new NumberColumn(column, layout, EnumSet.of(MinorType.FLOAT8));
            case INT32 -> new NumberColumn(column, layout, ofInt32(column, logical));
            case INT64 -> new NumberColumn(column, layout, ofInt64(column, logical));
            case BINARY ->
                    new BytesColumn(
                            column,
                            layout,
                            logical instanceof StringLogicalTypeAnnotation
                                    ? EnumSet.of(MinorType.VARCHAR)
                                    : BINARIES);
            case FIXED_LEN_BYTE_ARRAY -> {
                if (!(logical instanceof DecimalLogicalTypeAnnotation)) {
                    throw unsupported(column);
                }
                yield new BytesColumn(column, layout, EnumSet.of(MinorType.DECIMAL));
            }
            case INT96 -> throw unsupported(column);
        };
    }

    private static Set<MinorType> ofInt32(
            ColumnDescriptor column, @Nullable LogicalTypeAnnotation logical) {
        if (logical == null) {
            return INTEGERS;
        }
        if (logical instanceof IntLogicalTypeAnnotation integer && integer.isSigned()) {
            return INTEGERS;
        }
        if (logical instanceof TimeLogicalTypeAnnotation) {
            return TIMES;
        }
        if (logical instanceof DateLogicalTypeAnnotation) {
            return EnumSet.of(MinorType.DATEDAY);
        }
        if (logical instanceof DecimalLogicalTypeAnnotation) {
            return EnumSet.of(MinorType.DECIMAL);
        }
        throw unsupported(column);
    }

    private static Set<MinorType> ofInt64(
            ColumnDescriptor column, @Nullable LogicalTypeAnnotation logical) {
        if (logical == null) {
            return EnumSet.of(MinorType.BIGINT);
        }
        if (logical instanceof TimeLogicalTypeAnnotation) {
            return TIMES;
        }
        if (logical instanceof TimestampLogicalTypeAnnotation t) {
            return t.isAdjustedToUTC() ? ZONED_TIMESTAMPS : TIMESTAMPS;
        }
        if (logical instanceof DecimalLogicalTypeAnnotation) {
            return EnumSet.of(MinorType.DECIMAL);
        }
        throw unsupported(column);
    }

    private static RuntimeException unsupported(ColumnDescriptor column) {
        return ErrorReason.INVALID_TABLE.exception(
                "column '"
                        + String.join(".", column.getPath())
                        + "': Parquet type "
                        + column.getPrimitiveType()
                        + " cannot be written from Arrow columns");
    }
}
