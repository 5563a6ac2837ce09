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
package io.fluss.formats.keys;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.row.RowValues;
import io.fluss.table.Names;
import io.fluss.table.TableDescriptor;
import io.fluss.types.DataType;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which partition a row belongs to: the text of its partition column values (data formats document,
 * section 3.4). Immutable. Golden vectors: {@code partition-names.json}.
 */
public final class PartitionNames {
    /** Stands between the values of a name. */
    public static final String SEPARATOR = "$";

    static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT);
    static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH-mm-ss_SSS", Locale.ROOT);
    static final DateTimeFormatter TIMESTAMP =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd-HH-mm-ss_")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, false)
                    .toFormatter(Locale.ROOT);

    private final List<String> keys;
    private final int[] positions;
    private final List<Text> texts;

    private PartitionNames(List<String> keys, int[] positions, List<Text> texts) {
        this.keys = keys;
        this.positions = positions;
        this.texts = texts;
    }

    /**
     * For whole rows of a partitioned table.
     *
     * @throws FlussException with INVALID_TABLE if a partition column has a type that cannot be one
     */
    public static PartitionNames of(TableDescriptor table) {
        return of(table.schema().rowType(), table.partitionKeys());
    }

    /** For rows of a type, partitioned by these columns of it. */
    public static PartitionNames of(DataType.RowType row, List<String> keys) {
        List<String> names = row.fields().stream().map(DataType.Field::name).toList();
        int[] positions = new int[keys.size()];
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < positions.length; i++) {
            positions[i] = names.indexOf(keys.get(i));
            if (positions[i] < 0) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "partition key '" + keys.get(i) + "' does not exist; columns are " + names);
            }
            texts.add(row.fields().get(positions[i]).type().accept(Texts.INSTANCE));
        }
        return new PartitionNames(List.copyOf(keys), positions, texts);
    }

    /**
     * The values of a row as text, by partition key in declared order.
     *
     * @throws FlussException with PARTITION_SPEC_INVALID for a null or a text that no partition can
     *     have
     */
    public Map<String, String> spec(RowValues row) {
        Map<String, String> spec = new LinkedHashMap<>();
        for (int i = 0; i < positions.length; i++) {
            spec.put(keys.get(i), value(row, i));
        }
        return spec;
    }

    /** The values of a row joined to the name of its partition; errors as for {@link #spec}. */
    public String name(RowValues row) {
        if (positions.length == 1) {
            return value(row, 0);
        }
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < positions.length; i++) {
            name.append(i == 0 ? "" : SEPARATOR).append(value(row, i));
        }
        return name.toString();
    }

    /**
     * The values that a name says, in the order of the keys.
     *
     * @throws FlussException with PARTITION_SPEC_INVALID if the name is none of such columns
     */
    public static RowValues values(DataType.RowType row, List<String> keys, String name) {
        String[] texts = name.split(java.util.regex.Pattern.quote(SEPARATOR), -1);
        if (texts.length != keys.size()) {
            throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                    "partition '" + name + "' does not name the columns " + keys);
        }
        Object[] values = new Object[texts.length];
        for (int i = 0; i < texts.length; i++) {
            String key = keys.get(i);
            DataType type =
                    row.fields().stream()
                            .filter(f -> f.name().equals(key))
                            .findFirst()
                            .orElseThrow()
                            .type();
            try {
                values[i] = PartitionText.parse(type, texts[i]);
            } catch (IllegalArgumentException | java.time.DateTimeException e) {
                throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                        "value '" + texts[i] + "' of partition column '" + key + "' is no " + type,
                        e);
            }
        }
        return new BoxedRow(values);
    }

    private String value(RowValues row, int key) {
        if (row.isNull(positions[key])) {
            throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                    "partition column '" + keys.get(key) + "' is null; it needs a value");
        }
        String text = texts.get(key).of(row, positions[key]);
        Names.problem(text, false)
                .ifPresent(
                        p -> {
                            throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                                    "value '"
                                            + text
                                            + "' of partition column '"
                                            + keys.get(key)
                                            + "' "
                                            + p);
                        });
        return text;
    }

    private interface Text {
        String of(RowValues row, int column);
    }

    private enum Texts implements DataType.Cases<Text> {
        INSTANCE;

        private static FlussException unsupported(DataType type) {
            return ErrorReason.INVALID_TABLE.exception(
                    "a column of type " + type + " cannot be a partition key");
        }

        private static String decimalText(String java) {
            return switch (java) {
                case "Infinity" -> "Inf";
                case "-Infinity" -> "-Inf";
                default -> java.replace('.', '_');
            };
        }

        private static LocalDateTime dateTime(long ms, int nanoOfMs) {
            return LocalDateTime.ofEpochSecond(
                    Math.floorDiv(ms, 1000L),
                    Math.floorMod(ms, 1000) * 1_000_000 + nanoOfMs,
                    ZoneOffset.UTC);
        }

        @Override
        public Text bool(DataType.BooleanType type) {
            return (row, i) -> Boolean.toString(row.bool(i));
        }

        @Override
        public Text tinyInt(DataType.TinyIntType type) {
            return (row, i) -> Long.toString(row.integer(i));
        }

        @Override
        public Text smallInt(DataType.SmallIntType type) {
            return (row, i) -> Long.toString(row.integer(i));
        }

        @Override
        public Text integer(DataType.IntType type) {
            return (row, i) -> Long.toString(row.integer(i));
        }

        @Override
        public Text bigInt(DataType.BigIntType type) {
            return (row, i) -> Long.toString(row.integer(i));
        }

        @Override
        public Text floating(DataType.FloatType type) {
            return (row, i) -> decimalText(Float.toString(row.floating(i)));
        }

        @Override
        public Text doubling(DataType.DoubleType type) {
            return (row, i) -> decimalText(Double.toString(row.doubling(i)));
        }

        @Override
        public Text character(DataType.CharType type) {
            return (row, i) -> new String(row.bytes(i), StandardCharsets.UTF_8);
        }

        @Override
        public Text string(DataType.StringType type) {
            return (row, i) -> new String(row.bytes(i), StandardCharsets.UTF_8);
        }

        @Override
        public Text binary(DataType.BinaryType type) {
            return (row, i) -> HexFormat.of().formatHex(row.bytes(i));
        }

        @Override
        public Text bytes(DataType.BytesType type) {
            return (row, i) -> HexFormat.of().formatHex(row.bytes(i));
        }

        @Override
        public Text decimal(DataType.DecimalType type) {
            throw unsupported(type);
        }

        @Override
        public Text date(DataType.DateType type) {
            return (row, i) -> DATE.format(LocalDate.ofEpochDay(row.integer(i)));
        }

        @Override
        public Text time(DataType.TimeType type) {
            return (row, i) -> TIME.format(LocalTime.ofNanoOfDay(row.integer(i) * 1_000_000));
        }

        @Override
        public Text timestamp(DataType.TimestampType type) {
            return (row, i) -> TIMESTAMP.format(dateTime(row.timestampMs(i), row.nanoOfMs(i)));
        }

        @Override
        public Text timestampLtz(DataType.TimestampLtzType type) {
            return (row, i) -> TIMESTAMP.format(dateTime(row.timestampMs(i), row.nanoOfMs(i)));
        }

        @Override
        public Text array(DataType.ArrayType type) {
            throw unsupported(type);
        }

        @Override
        public Text map(DataType.MapType type) {
            throw unsupported(type);
        }

        @Override
        public Text row(DataType.RowType type) {
            throw unsupported(type);
        }
    }
}
