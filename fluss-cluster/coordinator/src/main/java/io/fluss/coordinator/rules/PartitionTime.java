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
package io.fluss.coordinator.rules;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.Names;
import java.time.DateTimeException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalField;
import java.time.temporal.TemporalUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Partition values that name a period of time (table semantics document, section 9.3): fields of
 * fixed width from the year down to the unit, so that text order is time order. Immutable.
 */
final class PartitionTime {
    /** Length of a period. */
    enum Unit {
        HOUR(ChronoUnit.HOURS, "yyyyMMddHH"),
        DAY(ChronoUnit.DAYS, "yyyyMMdd"),
        MONTH(ChronoUnit.MONTHS, "yyyyMM"),
        QUARTER(IsoFields.QUARTER_YEARS, "yyyyQ"),
        YEAR(ChronoUnit.YEARS, "yyyy");

        private final TemporalUnit step;
        private final String defaultPattern;

        Unit(TemporalUnit step, String defaultPattern) {
            this.step = step;
            this.defaultPattern = defaultPattern;
        }

        String defaultPattern() {
            return defaultPattern;
        }

        private List<Field> fields() {
            return switch (this) {
                case HOUR -> List.of(Field.YEAR, Field.MONTH, Field.DAY, Field.HOUR);
                case DAY -> List.of(Field.YEAR, Field.MONTH, Field.DAY);
                case MONTH -> List.of(Field.YEAR, Field.MONTH);
                case QUARTER -> List.of(Field.YEAR, Field.QUARTER);
                case YEAR -> List.of(Field.YEAR);
            };
        }
    }

    private enum Field {
        YEAR("yu", 4, ChronoField.YEAR),
        QUARTER("Qq", 1, IsoFields.QUARTER_OF_YEAR),
        MONTH("ML", 2, ChronoField.MONTH_OF_YEAR),
        DAY("d", 2, ChronoField.DAY_OF_MONTH),
        HOUR("H", 2, ChronoField.HOUR_OF_DAY);

        private final String letters;
        private final int width;
        private final TemporalField field;

        Field(String letters, int width, TemporalField field) {
            this.letters = letters;
            this.width = width;
            this.field = field;
        }
    }

    private final Unit unit;
    private final String pattern;
    private final DateTimeFormatter format;

    private PartitionTime(Unit unit, String pattern, DateTimeFormatter format) {
        this.unit = unit;
        this.pattern = pattern;
        this.format = format;
    }

    /**
     * @throws FlussException with INVALID_TABLE for a pattern that does not have exactly the fields
     *     of the unit, in order, or that gives text no partition can be named by
     */
    static PartitionTime of(Unit unit, String pattern) {
        PartitionTime time = new PartitionTime(unit, pattern, parse(unit, pattern));
        String sample = time.value(ZonedDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC), 0);
        Names.problem(sample, true)
                .ifPresent(
                        p -> {
                            throw invalid(pattern, "gives '" + sample + "', which " + p);
                        });
        return time;
    }

    private static DateTimeFormatter parse(Unit unit, String pattern) {
        DateTimeFormatterBuilder out = new DateTimeFormatterBuilder();
        List<Field> found = new ArrayList<>();
        int at = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at);
            int end = at + 1;
            if (c == '\'') {
                end = quoted(pattern, at, out);
            } else if (Character.isLetter(c)) {
                while (end < pattern.length() && pattern.charAt(end) == c) {
                    end++;
                }
                Field f = field(pattern, c, end - at);
                out.appendValue(f.field, f.width);
                found.add(f);
            } else {
                out.appendLiteral(c);
            }
            at = end;
        }
        if (!found.equals(unit.fields())) {
            throw invalid(
                    pattern,
                    "has the fields "
                            + found
                            + ", but time unit "
                            + unit
                            + " needs exactly "
                            + unit.fields()
                            + " in this order");
        }
        return out.toFormatter(Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    }

    /** Appends the literal that starts with the quote at {@code at}; gives where it ends. */
    private static int quoted(String pattern, int at, DateTimeFormatterBuilder out) {
        int close = pattern.indexOf('\'', at + 1);
        if (close < 0) {
            throw invalid(pattern, "has a quote that is not closed");
        }
        if (close > at + 1) {
            out.appendLiteral(pattern.substring(at + 1, close));
        }
        return close + 1;
    }

    private static Field field(String pattern, char letter, int width) {
        for (Field f : Field.values()) {
            if (f.letters.indexOf(letter) >= 0 && f.width == width) {
                return f;
            }
        }
        throw invalid(
                pattern,
                "has '"
                        + String.valueOf(letter).repeat(width)
                        + "'; allowed are yyyy, Q, MM, dd, HH and text in single quotes");
    }

    private static FlussException invalid(String pattern, String problem) {
        return ErrorReason.INVALID_TABLE.exception(
                "option '" + OptionRules.AUTO_PARTITION_FORMAT + "': '" + pattern + "' " + problem);
    }

    Unit unit() {
        return unit;
    }

    String pattern() {
        return pattern;
    }

    /** The value of the period that lies {@code periods} after that of the moment. */
    String value(ZonedDateTime moment, long periods) {
        return format.format(moment.plus(periods, unit.step));
    }

    /** Whether a value names a period. */
    boolean isValue(String value) {
        try {
            TemporalAccessor parsed = format.parse(value);
            for (Field f : unit.fields()) {
                f.field.range().checkValidValue(parsed.getLong(f.field), f.field);
            }
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
