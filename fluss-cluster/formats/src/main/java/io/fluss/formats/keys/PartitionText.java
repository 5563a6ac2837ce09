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

import io.fluss.types.DataType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.HexFormat;

/** Reads the values of partition columns out of a partition's name. */
final class PartitionText {
    private PartitionText() {}

    /**
     * A value of {@link BoxedRow}.
     *
     * @throws IllegalArgumentException if the text is none of the type
     * @throws java.time.DateTimeException likewise
     */
    static Object parse(DataType type, String text) {
        if (type instanceof DataType.StringType || type instanceof DataType.CharType) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        if (type instanceof DataType.BinaryType || type instanceof DataType.BytesType) {
            return HexFormat.of().parseHex(text);
        }
        if (type instanceof DataType.BooleanType) {
            return Boolean.valueOf(text);
        }
        if (type instanceof DataType.FloatType) {
            return Float.valueOf(javaText(text));
        }
        if (type instanceof DataType.DoubleType) {
            return Double.valueOf(javaText(text));
        }
        return time(type, text);
    }

    private static Object time(DataType type, String text) {
        if (type instanceof DataType.DateType) {
            return LocalDate.parse(text, PartitionNames.DATE).toEpochDay();
        }
        if (type instanceof DataType.TimeType) {
            return LocalTime.parse(text, PartitionNames.TIME).toNanoOfDay() / 1_000_000;
        }
        if (type instanceof DataType.TimestampType || type instanceof DataType.TimestampLtzType) {
            Instant t =
                    LocalDateTime.parse(text, PartitionNames.TIMESTAMP).toInstant(ZoneOffset.UTC);
            return new BoxedRow.Instant(
                    t.toEpochMilli(), t.get(ChronoField.NANO_OF_SECOND) % 1_000_000);
        }
        return Long.valueOf(text);
    }

    private static String javaText(String text) {
        return switch (text) {
            case "Inf" -> "Infinity";
            case "-Inf" -> "-Infinity";
            default -> text.replace('_', '.');
        };
    }
}
