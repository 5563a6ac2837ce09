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
package io.fluss.spark.stream;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.settings.Settings;
import io.fluss.spark.FlussOptions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Options of a streaming read. Immutable.
 *
 * @param startupMode where a query without a checkpoint begins
 * @param startupTimestampMs present exactly in mode {@link StartupMode#TIMESTAMP}
 * @param failOnDataLoss whether records that are gone before they were read end the query
 */
public record StreamOptions(
        StartupMode startupMode,
        OptionalLong startupTimestampMs,
        Limits limits,
        boolean failOnDataLoss) {
    public static final String STARTUP_MODE = "scan.startup.mode";
    public static final String STARTUP_TIMESTAMP = "scan.startup.timestamp";
    public static final String FAIL_ON_DATA_LOSS = "failOnDataLoss";
    public static final String MAX_ROWS = "maxRowsPerTrigger";
    public static final String MAX_OFFSETS = "maxOffsetsPerTrigger";
    public static final String MIN_ROWS = "minRowsPerTrigger";
    public static final String MIN_OFFSETS = "minOffsetsPerTrigger";
    public static final String MAX_BYTES = "maxBytesPerTrigger";
    public static final String MAX_DELAY = "maxTriggerDelay";
    private static final Duration MAX_DELAY_DEFAULT = Duration.ofMinutes(15);
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
    private static final String[] OWN = {
        STARTUP_MODE,
        STARTUP_TIMESTAMP,
        FAIL_ON_DATA_LOSS,
        MAX_ROWS,
        MAX_OFFSETS,
        MIN_ROWS,
        MIN_OFFSETS,
        MAX_BYTES,
        MAX_DELAY
    };

    /** Where a streaming read without a checkpoint begins. */
    public enum StartupMode {
        /** The readable lake snapshot first, then the log behind it: the whole table. */
        FULL,
        /** The first record that the log still holds. */
        EARLIEST,
        /** The end of the log. */
        LATEST,
        /** The first record that was committed at or after a time. */
        TIMESTAMP
    }

    /**
     * What a micro-batch may take.
     *
     * @param rowsMin a batch waits for so many records, but no longer than the delay
     */
    public record Limits(
            OptionalLong rowsMax, OptionalLong bytesMax, OptionalLong rowsMin, Duration delayMax) {}

    /**
     * Reads and checks the options.
     *
     * @throws FlussException with INVALID_CONFIG naming the option
     */
    public static StreamOptions parse(CaseInsensitiveStringMap options) {
        Map<String, String> own = new LinkedHashMap<>();
        for (String key : OWN) {
            String value = options.get(key);
            if (value != null) {
                own.put(key, value);
            }
        }
        Settings s = Settings.of(own);
        StartupMode mode = s.choice(STARTUP_MODE, StartupMode.FULL);
        Limits limits =
                new Limits(
                        either(s, MAX_ROWS, MAX_OFFSETS),
                        FlussOptions.positiveBytes(s, MAX_BYTES),
                        either(s, MIN_ROWS, MIN_OFFSETS),
                        s.duration(MAX_DELAY, MAX_DELAY_DEFAULT));
        if (limits.rowsMin().isPresent()
                && limits.rowsMax().isPresent()
                && limits.rowsMin().getAsLong() > limits.rowsMax().getAsLong()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '"
                            + MIN_ROWS
                            + "' = "
                            + limits.rowsMin().getAsLong()
                            + " is more than '"
                            + MAX_ROWS
                            + "' = "
                            + limits.rowsMax().getAsLong());
        }
        return new StreamOptions(mode, timestamp(s, mode), limits, s.flag(FAIL_ON_DATA_LOSS, true));
    }

    /** Two names of one option: that of other sources of rows, and that of other logs. */
    private static OptionalLong either(Settings s, String name, String alias) {
        OptionalLong a = FlussOptions.positive(s, name);
        OptionalLong b = FlussOptions.positive(s, alias);
        if (a.isPresent() && b.isPresent() && a.getAsLong() != b.getAsLong()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "options '"
                            + name
                            + "' = "
                            + a.getAsLong()
                            + " and '"
                            + alias
                            + "' = "
                            + b.getAsLong()
                            + " mean the same; set one of them");
        }
        return a.isPresent() ? a : b;
    }

    private static OptionalLong timestamp(Settings s, StartupMode mode) {
        String text = s.text(STARTUP_TIMESTAMP, "").trim();
        if (mode != StartupMode.TIMESTAMP) {
            return OptionalLong.empty();
        }
        if (text.isEmpty()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '"
                            + STARTUP_TIMESTAMP
                            + "' is required with '"
                            + STARTUP_MODE
                            + "' = timestamp: milliseconds since 1970 or yyyy-MM-dd HH:mm:ss");
        }
        try {
            if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return OptionalLong.of(Long.parseLong(text));
            }
            ZoneId zone = ZoneId.of(SQLConf.get().sessionLocalTimeZone());
            return OptionalLong.of(
                    LocalDateTime.parse(text, TIMESTAMP).atZone(zone).toInstant().toEpochMilli());
        } catch (NumberFormatException | DateTimeException e) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '"
                            + STARTUP_TIMESTAMP
                            + "' is '"
                            + text
                            + "', but must be milliseconds since 1970 or yyyy-MM-dd HH:mm:ss in the"
                            + " time zone of the session",
                    e);
        }
    }
}
