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
package io.fluss.settings;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings as text by key, with typed reading. Immutable. A value that cannot be read is an {@link
 * ErrorReason#INVALID_CONFIG} that names key, value and what is allowed.
 */
public final class Settings {
    private static final Pattern NUMBER_WITH_UNIT = Pattern.compile("(-?\\d+)\\s*([a-zA-Zµ]*)");

    private final Map<String, String> values;

    private Settings(Map<String, String> values) {
        this.values = Map.copyOf(values);
    }

    public static Settings of(Map<String, String> values) {
        return new Settings(values);
    }

    public Map<String, String> asMap() {
        return values;
    }

    public Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key));
    }

    public String text(String key, String defaultValue) {
        return values.getOrDefault(key, defaultValue);
    }

    /** The value of a key that must be set. */
    public String required(String key) {
        return text(key)
                .orElseThrow(
                        () ->
                                ErrorReason.INVALID_CONFIG.exception(
                                        "option '" + key + "' is required"));
    }

    public int integer(String key, int defaultValue) {
        return Math.toIntExact(number(key, defaultValue, Integer.MIN_VALUE, Integer.MAX_VALUE));
    }

    public long number(String key, long defaultValue) {
        return number(key, defaultValue, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private long number(String key, long defaultValue, long min, long max) {
        String v = values.get(key);
        if (v == null) {
            return defaultValue;
        }
        try {
            long n = Long.parseLong(v.trim());
            if (n >= min && n <= max) {
                return n;
            }
        } catch (NumberFormatException e) {
            throw invalid(key, v, "a whole number");
        }
        throw invalid(key, v, "a whole number from " + min + " to " + max);
    }

    public boolean flag(String key, boolean defaultValue) {
        String v = values.get(key);
        if (v == null) {
            return defaultValue;
        }
        return switch (v.trim().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid(key, v, "true or false");
        };
    }

    /**
     * A duration such as {@code 500ms}, {@code 30 s}, {@code 10 min}, {@code 7 d}; a bare number is
     * milliseconds.
     */
    public Duration duration(String key, Duration defaultValue) {
        String v = values.get(key);
        return v == null ? defaultValue : parseDuration(key, v);
    }

    /** A size in bytes such as {@code 64kb}, {@code 16 mb}, {@code 1gb}; a bare number is bytes. */
    public long bytes(String key, long defaultValue) {
        String v = values.get(key);
        return v == null ? defaultValue : parseBytes(key, v);
    }

    /** The enum constant whose name equals the value, ignoring case. */
    public <E extends Enum<E>> E choice(String key, E defaultValue) {
        String v = values.get(key);
        if (v == null) {
            return defaultValue;
        }
        E[] all = defaultValue.getDeclaringClass().getEnumConstants();
        for (E e : all) {
            if (e.name().equalsIgnoreCase(v.trim())) {
                return e;
            }
        }
        throw invalid(key, v, "one of " + java.util.Arrays.toString(all));
    }

    /** The settings whose key starts with the prefix, with the prefix removed. */
    public Settings below(String prefix) {
        Map<String, String> out = new LinkedHashMap<>();
        values.forEach(
                (k, v) -> {
                    if (k.startsWith(prefix)) {
                        out.put(k.substring(prefix.length()), v);
                    }
                });
        return new Settings(out);
    }

    private static Duration parseDuration(String key, String text) {
        Matcher m = NUMBER_WITH_UNIT.matcher(text.trim());
        long unitNanos = m.matches() ? nanosOf(m.group(2).toLowerCase(Locale.ROOT)) : 0;
        if (unitNanos == 0) {
            throw invalid(key, text, "a duration such as 500ms, 30 s, 10 min or 7 d");
        }
        try {
            return Duration.ofNanos(unitNanos).multipliedBy(Long.parseLong(m.group(1)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw invalid(key, text, "a duration within 64 bits");
        }
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "ns", "nano", "nanos", "nanosecond", "nanoseconds" -> 1L;
            case "us", "µs", "micro", "micros", "microsecond", "microseconds" -> 1_000L;
            case "", "ms", "milli", "millis", "millisecond", "milliseconds" -> 1_000_000L;
            case "s", "sec", "secs", "second", "seconds" -> 1_000_000_000L;
            case "m", "min", "minute", "minutes" -> 60_000_000_000L;
            case "h", "hour", "hours" -> 3_600_000_000_000L;
            case "d", "day", "days" -> 86_400_000_000_000L;
            default -> 0L;
        };
    }

    private static long parseBytes(String key, String text) {
        Matcher m = NUMBER_WITH_UNIT.matcher(text.trim());
        int shift = m.matches() ? shiftOf(m.group(2).toLowerCase(Locale.ROOT)) : -1;
        if (shift < 0) {
            throw invalid(key, text, "a size such as 64kb, 16 mb or 1gb");
        }
        try {
            return Math.multiplyExact(Long.parseLong(m.group(1)), 1L << shift);
        } catch (ArithmeticException | NumberFormatException e) {
            throw invalid(key, text, "a size within 64 bits");
        }
    }

    private static int shiftOf(String unit) {
        return switch (unit) {
            case "", "b", "bytes" -> 0;
            case "k", "kb", "kibibytes" -> 10;
            case "m", "mb", "mebibytes" -> 20;
            case "g", "gb", "gibibytes" -> 30;
            case "t", "tb", "tebibytes" -> 40;
            default -> -1;
        };
    }

    private static FlussException invalid(String key, String value, String allowed) {
        return ErrorReason.INVALID_CONFIG.exception(
                "option '" + key + "' has the value '" + value + "', but must be " + allowed);
    }
}
