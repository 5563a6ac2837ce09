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
package io.fluss.spark;

import io.fluss.client.append.MergeMode;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.settings.Settings;
import io.fluss.spark.stream.StreamOptions;
import io.fluss.table.TablePath;
import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Options of a catalog, a read or a write, parsed once. Option names are case-insensitive, as
 * everywhere in Spark; lake and client options keep their spelling.
 *
 * @param clientSettings {@code bootstrap.servers} and everything that starts with {@code client.}
 * @param lakeOverrides {@code datalake.*} options: settings of the lake catalog that the cluster
 *     does not know or does not tell, such as secrets
 * @param stream how a stream begins and how much a micro-batch takes
 * @param isChangelog whether the changes of a table are read, and not its rows
 * @param split how log ranges are cut into tasks
 * @param write what is written to tables with a primary key
 * @param holdAfter how long a batch query may last before its lake snapshot is held for it
 */
public record FlussOptions(
        Map<String, String> clientSettings,
        Map<String, String> lakeOverrides,
        ReadMode readMode,
        boolean isChangelog,
        StreamOptions stream,
        Split split,
        WriteOptions write,
        Duration holdAfter) {
    public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
    public static final String TABLE = "table";
    public static final String READ_MODE = "read.mode";
    public static final String MAX_RECORDS_PER_PARTITION = "scan.max-records-per-partition";
    public static final String MAX_BYTES_PER_PARTITION = "scan.max-bytes-per-partition";
    public static final String HOLD_AFTER = "lake.hold-after";
    public static final String CHANGELOG = "read.changelog";
    public static final String WRITE_COLUMNS = "write.columns";
    public static final String MERGE_MODE = "write.merge-mode";
    private static final String CLIENT_PREFIX = "client.";
    private static final String LAKE_PREFIX = "datalake.";
    private static final Duration HOLD_AFTER_DEFAULT = Duration.ofMinutes(10);

    public FlussOptions {
        clientSettings = Map.copyOf(clientSettings);
        lakeOverrides = Map.copyOf(lakeOverrides);
    }

    /** Which tiers a batch read takes. */
    public enum ReadMode {
        /** The readable lake snapshot and the log behind it: the whole table. */
        UNION,
        /** Only the readable lake snapshot: as old as the last tiering round. */
        LAKE,
        /** Only what the log still holds. */
        HOT
    }

    /**
     * How long the log range of one task may be.
     *
     * @param recordsMax at most so many records
     * @param bytesMax at most about so many bytes, by an estimate of the width of a row
     */
    public record Split(OptionalLong recordsMax, long bytesMax) {
        /** As much as Spark puts into one task when it reads files. */
        static final long BYTES_MAX = 128L << 20;

        /** The limit in records for rows of this width. */
        public long recordsMax(long rowBytes) {
            return Math.min(
                    recordsMax.orElse(Long.MAX_VALUE),
                    Math.max(1, bytesMax / Math.max(1, rowBytes)));
        }
    }

    /**
     * What is written to tables with a primary key.
     *
     * @param columns only these, the others stay as they are; empty for whole rows
     * @param mergeMode whether rows are merged as the table says, or replaced
     */
    public record WriteOptions(Optional<List<String>> columns, MergeMode mergeMode) {
        public WriteOptions {
            columns = columns.map(List::copyOf);
        }

        private static WriteOptions of(Settings s) {
            return new WriteOptions(
                    s.text(WRITE_COLUMNS)
                            .map(t -> Arrays.stream(t.split(",", -1)).map(String::trim).toList()),
                    s.choice(MERGE_MODE, MergeMode.DEFAULT));
        }
    }

    /**
     * Reads and checks the options.
     *
     * @throws FlussException with INVALID_CONFIG naming the option
     */
    public static FlussOptions parse(CaseInsensitiveStringMap options) {
        return parse(options, BOOTSTRAP_SERVERS);
    }

    /**
     * @param bootstrapName how the user writes the option, for the error if it is missing
     */
    static FlussOptions parse(CaseInsensitiveStringMap options, String bootstrapName) {
        String bootstrap = options.get(BOOTSTRAP_SERVERS);
        if (bootstrap == null || bootstrap.isBlank()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '"
                            + bootstrapName
                            + "' is required: the servers of the cluster as host:port, separated by"
                            + " commas");
        }
        Map<String, String> client = new LinkedHashMap<>();
        Map<String, String> lake = new LinkedHashMap<>();
        client.put(BOOTSTRAP_SERVERS, bootstrap.trim());
        options.asCaseSensitiveMap()
                .forEach(
                        (k, v) -> {
                            if (k.startsWith(CLIENT_PREFIX)) {
                                client.put(k, v);
                            } else if (k.startsWith(LAKE_PREFIX)) {
                                lake.put(k, v);
                            }
                        });
        Map<String, String> own = new LinkedHashMap<>();
        for (String key :
                new String[] {
                    READ_MODE,
                    HOLD_AFTER,
                    CHANGELOG,
                    MAX_RECORDS_PER_PARTITION,
                    MAX_BYTES_PER_PARTITION,
                    WRITE_COLUMNS,
                    MERGE_MODE
                }) {
            Optional.ofNullable(options.get(key)).ifPresent(v -> own.put(key, v));
        }
        Settings s = Settings.of(own);
        return new FlussOptions(
                client,
                lake,
                s.choice(READ_MODE, ReadMode.UNION),
                s.flag(CHANGELOG, false),
                StreamOptions.parse(options),
                new Split(
                        positive(s, MAX_RECORDS_PER_PARTITION),
                        positiveBytes(s, MAX_BYTES_PER_PARTITION).orElse(Split.BYTES_MAX)),
                WriteOptions.of(s),
                s.duration(HOLD_AFTER, HOLD_AFTER_DEFAULT));
    }

    /**
     * The table that option {@code table} names.
     *
     * @throws FlussException with INVALID_CONFIG if it is missing, INVALID_TABLE if it is not
     *     {@code database.table}
     */
    public static TablePath table(CaseInsensitiveStringMap options) {
        String name = options.get(TABLE);
        if (name == null || name.isBlank()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + TABLE + "' is required: the table as database.table");
        }
        return TablePath.parse(name.trim());
    }

    /** Lake catalog settings given for a format, prefix removed. */
    public Map<String, String> lakeOverrides(String format) {
        return Settings.of(lakeOverrides).below(LAKE_PREFIX + format + ".").asMap();
    }

    /**
     * A count; empty if the option is not set.
     *
     * @throws FlussException with INVALID_CONFIG if the option is not a number from 1 on
     */
    public static OptionalLong positive(Settings s, String key) {
        return s.text(key).isEmpty() ? OptionalLong.empty() : checkPositive(key, s.number(key, 1));
    }

    /**
     * A size in bytes; empty if the option is not set.
     *
     * @throws FlussException with INVALID_CONFIG if the option is not a size of at least a byte
     */
    public static OptionalLong positiveBytes(Settings s, String key) {
        return s.text(key).isEmpty() ? OptionalLong.empty() : checkPositive(key, s.bytes(key, 1));
    }

    private static OptionalLong checkPositive(String key, long n) {
        if (n <= 0) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' has the value '" + n + "', but must be at least 1");
        }
        return OptionalLong.of(n);
    }

    /** Serializable parts are shipped, not the whole: see {@link #shippedClientSettings()}. */
    public ClientSettings shippedClientSettings() {
        return new ClientSettings(clientSettings);
    }

    /** Client settings on their way to a task. */
    public record ClientSettings(Map<String, String> values) implements Serializable {
        private static final long serialVersionUID = 1L;

        public ClientSettings {
            values = Map.copyOf(values);
        }
    }
}
