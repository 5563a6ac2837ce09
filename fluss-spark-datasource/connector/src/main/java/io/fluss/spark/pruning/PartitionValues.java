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
package io.fluss.spark.pruning;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.keys.PartitionNames;
import io.fluss.spark.types.SparkTypes;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The values in the names of a table's partitions (data formats document, section 3.4), as Spark
 * holds values of the partition columns, and back. Immutable.
 */
public final class PartitionValues {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH-mm-ss_SSS", Locale.ROOT);
    private static final DateTimeFormatter TIMESTAMP =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd-HH-mm-ss_")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, false)
                    .toFormatter(Locale.ROOT);

    private final List<Column> columns;
    private final PartitionNames names;

    private PartitionValues(List<Column> columns, PartitionNames names) {
        this.columns = columns;
        this.names = names;
    }

    /** For a partitioned table. */
    public static PartitionValues of(TableInfo table) {
        List<String> keys = table.descriptor().partitionKeys();
        List<Column> columns = keys.stream().map(k -> table.schema().column(k)).toList();
        DataType.RowType row =
                new DataType.RowType(
                        columns.stream()
                                .map(
                                        c ->
                                                new DataType.Field(
                                                        c.name(), c.type(), c.comment(), c.id()))
                                .toList(),
                        false);
        return new PartitionValues(columns, PartitionNames.of(row, keys));
    }

    /** The partition columns in the order of the keys. */
    public StructType schema() {
        return new StructType(
                columns.stream()
                        .map(
                                c ->
                                        new StructField(
                                                c.name(),
                                                SparkTypes.of(c.type()),
                                                false,
                                                Metadata.empty()))
                        .toArray(StructField[]::new));
    }

    /**
     * The texts of a partition, by key.
     *
     * @param row of {@link #schema}
     * @throws io.fluss.errors.FlussException with PARTITION_SPEC_INVALID for a null or a text that
     *     no partition can have
     */
    public Map<String, String> spec(InternalRow row) {
        return names.spec(new SparkRow(row, columns.stream().map(Column::type).toList()));
    }

    /**
     * The values of a partition in Spark's own form, in the order of the keys; an element is empty
     * if its text is none of its type, which only a partition made by hand can have.
     */
    List<Optional<Object>> values(Map<String, String> spec) {
        return columns.stream()
                .map(c -> Optional.ofNullable(spec.get(c.name())).flatMap(t -> parse(c.type(), t)))
                .toList();
    }

    /**
     * The values of a partition as a row of {@link #schema}.
     *
     * @throws io.fluss.errors.FlussException with PARTITION_SPEC_INVALID if a text is none of its
     *     type
     */
    public Object[] row(Map<String, String> spec) {
        List<Optional<Object>> values = values(spec);
        Object[] out = new Object[values.size()];
        for (int i = 0; i < out.length; i++) {
            Column c = columns.get(i);
            out[i] =
                    values.get(i)
                            .orElseThrow(
                                    () ->
                                            ErrorReason.PARTITION_SPEC_INVALID.exception(
                                                    "value '"
                                                            + spec.get(c.name())
                                                            + "' of partition column '"
                                                            + c.name()
                                                            + "' is no "
                                                            + c.type()));
        }
        return out;
    }

    private static Optional<Object> parse(DataType type, String text) {
        try {
            return Optional.of(type.accept(new Parser(text)));
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Text to Spark's internal value. */
    private record Parser(String text) implements DataType.Cases<Object> {
        private static final long MICROS_PER_SECOND = 1_000_000;
        private static final int NANOS_PER_MICRO = 1_000;

        @Override
        public Object bool(DataType.BooleanType type) {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException(text);
            };
        }

        @Override
        public Object tinyInt(DataType.TinyIntType type) {
            return Byte.parseByte(text);
        }

        @Override
        public Object smallInt(DataType.SmallIntType type) {
            return Short.parseShort(text);
        }

        @Override
        public Object integer(DataType.IntType type) {
            return Integer.parseInt(text);
        }

        @Override
        public Object bigInt(DataType.BigIntType type) {
            return Long.parseLong(text);
        }

        @Override
        public Object floating(DataType.FloatType type) {
            return Float.parseFloat(javaNumber());
        }

        @Override
        public Object doubling(DataType.DoubleType type) {
            return Double.parseDouble(javaNumber());
        }

        private String javaNumber() {
            return switch (text) {
                case "Inf" -> "Infinity";
                case "-Inf" -> "-Infinity";
                default -> text.replace('_', '.');
            };
        }

        @Override
        public Object character(DataType.CharType type) {
            return UTF8String.fromString(text);
        }

        @Override
        public Object string(DataType.StringType type) {
            return UTF8String.fromString(text);
        }

        @Override
        public Object binary(DataType.BinaryType type) {
            return HexFormat.of().parseHex(text);
        }

        @Override
        public Object bytes(DataType.BytesType type) {
            return HexFormat.of().parseHex(text);
        }

        @Override
        public Object decimal(DataType.DecimalType type) {
            throw new IllegalArgumentException("no partition key: " + type);
        }

        @Override
        public Object date(DataType.DateType type) {
            return Math.toIntExact(LocalDate.parse(text, DATE).toEpochDay());
        }

        @Override
        public Object time(DataType.TimeType type) {
            return LocalTime.parse(text, TIME).toNanoOfDay();
        }

        @Override
        public Object timestamp(DataType.TimestampType type) {
            return micros();
        }

        @Override
        public Object timestampLtz(DataType.TimestampLtzType type) {
            return micros();
        }

        private long micros() {
            Instant t = LocalDateTime.parse(text, TIMESTAMP).toInstant(ZoneOffset.UTC);
            return t.getEpochSecond() * MICROS_PER_SECOND + t.getNano() / NANOS_PER_MICRO;
        }

        @Override
        public Object array(DataType.ArrayType type) {
            throw new IllegalArgumentException("no partition key: " + type);
        }

        @Override
        public Object map(DataType.MapType type) {
            throw new IllegalArgumentException("no partition key: " + type);
        }

        @Override
        public Object row(DataType.RowType type) {
            throw new IllegalArgumentException("no partition key: " + type);
        }
    }
}
