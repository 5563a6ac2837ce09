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
package io.fluss.cli;

import io.fluss.client.OffsetSpec;
import io.fluss.errors.ErrorReason;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where consuming starts: a place in time, or an offset.
 *
 * @param offset used instead of the place if there is one
 */
record StartPlace(OffsetSpec spec, OptionalLong offset) {
    private static final Pattern AGO = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    /**
     * Reads {@code earliest}, {@code latest}, an offset, a time in ISO form (of the given zone if
     * it names none), or how long ago, such as {@code 10m}.
     */
    static StartPlace parse(String text, Instant now, ZoneId zone) {
        String trimmed = text.trim();
        if (trimmed.equalsIgnoreCase("earliest")) {
            return new StartPlace(new OffsetSpec.Earliest(), OptionalLong.empty());
        }
        if (trimmed.equalsIgnoreCase("latest")) {
            return new StartPlace(new OffsetSpec.Latest(), OptionalLong.empty());
        }
        if (trimmed.matches("\\d{1,18}")) {
            return new StartPlace(
                    new OffsetSpec.Earliest(), OptionalLong.of(Long.parseLong(trimmed)));
        }
        Matcher ago = AGO.matcher(trimmed);
        Instant at = ago.matches() ? now.minus(duration(ago)) : time(trimmed, zone);
        return new StartPlace(new OffsetSpec.AtTimestamp(at.toEpochMilli()), OptionalLong.empty());
    }

    private static Duration duration(Matcher ago) {
        long n = Long.parseLong(ago.group(1));
        return switch (ago.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }

    private static Instant time(String text, ZoneId zone) {
        String iso = text.replace(' ', 'T');
        try {
            if (iso.length() == 10) {
                return LocalDate.parse(iso).atStartOfDay(zone).toInstant();
            }
            boolean hasZone = iso.endsWith("Z") || iso.substring(10).matches(".*[+-].*");
            return hasZone
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).atZone(zone).toInstant();
        } catch (DateTimeException | IndexOutOfBoundsException e) {
            throw ErrorReason.INVALID_TIMESTAMP.exception(
                    "--from '"
                            + text
                            + "' is none of earliest, latest, an offset such as 42, a time such as"
                            + " 2024-05-06T07:08:09Z, or how long ago, such as 10m",
                    e);
        }
    }
}
