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
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.Types.MinorType;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** Rows of Arrow batches as Iceberg's generic records. */
final class ArrowRecords {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long NANOS_PER_MICRO = 1_000;

    private final Types.StructType type;

    ArrowRecords(Types.StructType type) {
        this.type = type;
    }

    Record row(List<FieldVector> columns, int row) {
        return struct(type, columns, row);
    }

    private static Record struct(
            Types.StructType type, List<? extends ValueVector> columns, int row) {
        List<Types.NestedField> fields = type.fields();
        if (columns.size() != fields.size()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "a batch has " + columns.size() + " columns where the lake table has " + type);
        }
        GenericRecord record = GenericRecord.create(type);
        for (int i = 0; i < fields.size(); i++) {
            Types.NestedField f = fields.get(i);
            Object value = value(f.type(), columns.get(i), row);
            if (value == null && f.isRequired()) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "column '" + f.name() + "' is NOT NULL, a batch has a null in it");
            }
            record.set(i, value);
        }
        return record;
    }

    private static @Nullable Object value(Type type, ValueVector vector, int row) {
        if (vector.isNull(row)) {
            return null;
        }
        return switch (type.typeId()) {
            case BOOLEAN -> ((BitVector) vector).get(row) != 0;
            case INTEGER -> (int) ((BaseIntVector) vector).getValueAsLong(row);
            case LONG -> ((BigIntVector) vector).get(row);
            case FLOAT -> ((Float4Vector) vector).get(row);
            case DOUBLE -> ((Float8Vector) vector).get(row);
            case DECIMAL -> ((DecimalVector) vector).getObject(row);
            case DATE -> LocalDate.ofEpochDay(((DateDayVector) vector).get(row));
            case TIME -> LocalTime.ofNanoOfDay(timeMicros(vector, row) * NANOS_PER_MICRO);
            case TIMESTAMP -> timestamp((Types.TimestampType) type, (TimeStampVector) vector, row);
            case STRING ->
                    new String(
                            ((VarCharVector) vector).get(row),
                            java.nio.charset.StandardCharsets.UTF_8);
            case BINARY -> ByteBuffer.wrap(bytes(vector, row));
            case LIST -> list(type.asListType(), (ListVector) vector, row);
            case MAP -> map(type.asMapType(), (MapVector) vector, row);
            case STRUCT ->
                    struct(
                            type.asStructType(),
                            ((StructVector) vector).getChildrenFromFields(),
                            row);
            default ->
                    throw ErrorReason.INVALID_TABLE.exception(
                            "Iceberg type " + type + " cannot be written");
        };
    }

    private static byte[] bytes(ValueVector vector, int row) {
        return vector instanceof FixedSizeBinaryVector fixed
                ? fixed.get(row)
                : ((VarBinaryVector) vector).get(row);
    }

    private static long timeMicros(ValueVector vector, int row) {
        return switch (vector.getMinorType()) {
            case TIMESEC -> ((TimeSecVector) vector).get(row) * MICROS_PER_SECOND;
            case TIMEMILLI -> ((TimeMilliVector) vector).get(row) * 1_000L;
            case TIMEMICRO -> ((TimeMicroVector) vector).get(row);
            case TIMENANO -> Math.floorDiv(((TimeNanoVector) vector).get(row), NANOS_PER_MICRO);
            default -> throw new IllegalArgumentException(vector.getMinorType() + " is not a time");
        };
    }

    private static Object timestamp(Types.TimestampType type, TimeStampVector vector, int row) {
        long unitsPerSecond = unitsPerSecond(vector.getMinorType());
        long value = vector.get(row);
        long micros =
                unitsPerSecond > MICROS_PER_SECOND
                        ? Math.floorDiv(value, NANOS_PER_MICRO)
                        : Math.multiplyExact(value, MICROS_PER_SECOND / unitsPerSecond);
        long seconds = Math.floorDiv(micros, MICROS_PER_SECOND);
        long nanos = Math.floorMod(micros, MICROS_PER_SECOND) * NANOS_PER_MICRO;
        return type.shouldAdjustToUTC()
                ? OffsetDateTime.ofInstant(Instant.ofEpochSecond(seconds, nanos), ZoneOffset.UTC)
                : LocalDateTime.ofEpochSecond(seconds, (int) nanos, ZoneOffset.UTC);
    }

    private static long unitsPerSecond(MinorType type) {
        return switch (type) {
            case TIMESTAMPSEC, TIMESTAMPSECTZ -> 1;
            case TIMESTAMPMILLI, TIMESTAMPMILLITZ -> 1_000;
            case TIMESTAMPMICRO, TIMESTAMPMICROTZ -> MICROS_PER_SECOND;
            default -> 1_000_000_000;
        };
    }

    private static List<@Nullable Object> list(Types.ListType type, ListVector vector, int row) {
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = vector.getElementStartIndex(row); i < vector.getElementEndIndex(row); i++) {
            values.add(value(type.elementType(), vector.getDataVector(), i));
        }
        return values;
    }

    private static Map<Object, @Nullable Object> map(
            Types.MapType type, MapVector vector, int row) {
        StructVector entries = (StructVector) vector.getDataVector();
        List<FieldVector> pair = entries.getChildrenFromFields();
        Map<Object, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = vector.getElementStartIndex(row); i < vector.getElementEndIndex(row); i++) {
            Object key = value(type.keyType(), pair.get(0), i);
            if (key == null) {
                throw ErrorReason.INVALID_TABLE.exception("a batch has a null as key of a map");
            }
            values.put(key, value(type.valueType(), pair.get(1), i));
        }
        return values;
    }
}
