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
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.table.TableOptions.Durability;
import io.fluss.table.TableOptions.LakeFormatName;
import io.fluss.table.TableOptions.LakeLayout;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Validation of {@code table.*} options (table semantics document, sections 3 and 3.1). */
final class OptionRules {
    static final String MERGE_ENGINE = "table.merge-engine";
    static final String VERSION_COLUMN = "table.merge-engine.versioned.ver-column";
    static final String DELETE_BEHAVIOR = "table.delete.behavior";
    static final String CHANGELOG_IMAGE = "table.changelog.image";
    static final String AUTO_PARTITION = "table.auto-partition.enabled";
    static final String AUTO_PARTITION_KEY = "table.auto-partition.key";
    static final String AUTO_PARTITION_UNIT = "table.auto-partition.time-unit";
    static final String AUTO_PARTITION_FORMAT = "table.auto-partition.time-format";
    static final String AUTO_PARTITION_ZONE = "table.auto-partition.time-zone";
    static final String PRECREATE = "table.auto-partition.num-precreate";
    static final String RETENTION = "table.auto-partition.num-retention";
    static final String LOCAL_SEGMENTS = "table.log.tiered.local-segments";
    static final String LOCAL_TTL = "table.log.local-ttl";
    static final String STATISTICS_COLUMNS = TableOptions.STATISTICS_COLUMNS;
    static final String STANDBY_REPLICA = "table.kv.standby-replica.enabled";
    private static final int KV_FORMAT_VERSION_MAX = 2;

    /** Options that may be set or reset after creation. */
    static final Set<String> ALTERABLE =
            Set.of(
                    STANDBY_REPLICA,
                    AUTO_PARTITION,
                    PRECREATE,
                    RETENTION,
                    TableOptions.LOG_TTL,
                    TableOptions.LOG_DURABILITY,
                    LOCAL_TTL,
                    LOCAL_SEGMENTS,
                    STATISTICS_COLUMNS,
                    TableOptions.DATALAKE_ENABLED,
                    TableOptions.DATALAKE_FRESHNESS,
                    "table.datalake.auto-compaction",
                    "table.datalake.historical-partition.enabled");

    private static final Map<String, BiConsumer<Settings, String>> KNOWN = known();

    enum MergeEngine {
        FIRST_ROW,
        VERSIONED,
        AGGREGATION
    }

    enum DeleteBehavior {
        ALLOW,
        IGNORE,
        DISABLE
    }

    enum ChangelogImage {
        FULL,
        WAL
    }

    enum KvFormat {
        COMPACTED,
        INDEXED
    }

    private OptionRules() {}

    private static Map<String, BiConsumer<Settings, String>> known() {
        Map<String, BiConsumer<Settings, String>> out = new HashMap<>();
        BiConsumer<Settings, String> text = (s, k) -> {};
        BiConsumer<Settings, String> flag = (s, k) -> s.flag(k, false);
        BiConsumer<Settings, String> integer = (s, k) -> s.integer(k, 0);
        BiConsumer<Settings, String> duration = (s, k) -> s.duration(k, Duration.ZERO);
        out.put(TableOptions.REPLICATION_FACTOR, integer);
        out.put(TableOptions.LOG_FORMAT, (s, k) -> s.choice(k, LogFormat.ARROW));
        out.put(TableOptions.ARROW_COMPRESSION_TYPE, (s, k) -> s.choice(k, ArrowCompression.ZSTD));
        out.put(TableOptions.ARROW_COMPRESSION_ZSTD_LEVEL, integer);
        out.put(TableOptions.KV_FORMAT, (s, k) -> s.choice(k, KvFormat.COMPACTED));
        out.put(TableOptions.KV_FORMAT_VERSION, integer);
        out.put(STANDBY_REPLICA, flag);
        out.put(MERGE_ENGINE, (s, k) -> s.choice(k, MergeEngine.FIRST_ROW));
        out.put(VERSION_COLUMN, text);
        out.put(DELETE_BEHAVIOR, (s, k) -> s.choice(k, DeleteBehavior.ALLOW));
        out.put(CHANGELOG_IMAGE, (s, k) -> s.choice(k, ChangelogImage.FULL));
        out.put(TableOptions.AUTO_INCREMENT_CACHE_SIZE, (s, k) -> atLeast(s, k, s.number(k, 1), 1));
        out.put(AUTO_PARTITION, flag);
        out.put(AUTO_PARTITION_KEY, text);
        out.put(AUTO_PARTITION_UNIT, (s, k) -> s.choice(k, PartitionTime.Unit.DAY));
        out.put(AUTO_PARTITION_FORMAT, text);
        out.put(AUTO_PARTITION_ZONE, text);
        out.put(PRECREATE, (s, k) -> atLeast(s, k, s.integer(k, 0), 0));
        out.put(RETENTION, integer);
        out.put(TableOptions.LOG_TTL, duration);
        out.put(TableOptions.LOG_DURABILITY, (s, k) -> s.choice(k, Durability.REPLICATED));
        out.put(LOCAL_TTL, duration);
        out.put(LOCAL_SEGMENTS, (s, k) -> atLeast(s, k, s.integer(k, 1), 1));
        out.put(STATISTICS_COLUMNS, text);
        out.put(TableOptions.DATALAKE_ENABLED, flag);
        out.put(TableOptions.DATALAKE_FORMAT, (s, k) -> s.choice(k, LakeFormatName.ICEBERG));
        out.put(TableOptions.DATALAKE_FRESHNESS, duration);
        out.put("table.datalake.auto-compaction", flag);
        out.put(TableOptions.DATALAKE_EXPIRE, flag);
        out.put(TableOptions.DATALAKE_LAYOUT, (s, k) -> s.choice(k, LakeLayout.CLEAN));
        out.put("table.datalake.historical-partition.enabled", flag);
        return Map.copyOf(out);
    }

    private static void atLeast(Settings s, String key, long value, long min) {
        if (value < min) {
            throw invalid(
                    "option '" + key + "' is " + s.text(key, "") + ", but must be at least " + min);
        }
    }

    static void check(TableDescriptor d) {
        Settings s = d.options().settings();
        s.asMap().keySet().forEach(k -> checkKey(s, k));
        checkFormats(d, s);
        if (d.hasPrimaryKey()) {
            checkMergeEngine(d, s);
        } else {
            checkLogTable(d, s);
        }
        checkTtl(s);
        checkPartitionOptions(d, s);
        checkAggregates(d, s);
    }

    private static void checkKey(Settings s, String key) {
        if (!key.startsWith("table.")) {
            throw invalid(
                    "'"
                            + key
                            + "' is not a table option; put keys that do not start with table. into"
                            + " the custom properties");
        }
        BiConsumer<Settings, String> parse = KNOWN.get(key);
        if (parse == null) {
            throw invalid("table option '" + key + "' is not known to this version of the cluster");
        }
        parse.accept(s, key);
    }

    private static void checkFormats(TableDescriptor d, Settings s) {
        int level = d.options().zstdLevel();
        if (level < 1 || level > 22) {
            throw invalid(
                    "option '"
                            + TableOptions.ARROW_COMPRESSION_ZSTD_LEVEL
                            + "' is "
                            + level
                            + ", but must be 1 to 22");
        }
        if (s.integer(TableOptions.KV_FORMAT_VERSION, 1) > KV_FORMAT_VERSION_MAX) {
            throw invalid(
                    "option '"
                            + TableOptions.KV_FORMAT_VERSION
                            + "' must be at most "
                            + KV_FORMAT_VERSION_MAX);
        }
        boolean isCompactedKv =
                s.choice(TableOptions.KV_FORMAT, KvFormat.COMPACTED) == KvFormat.COMPACTED;
        if (d.hasPrimaryKey() && isCompactedKv && d.options().logFormat() == LogFormat.INDEXED) {
            throw invalid(
                    "'table.kv.format' COMPACTED does not go with 'table.log.format' INDEXED");
        }
    }

    private static void checkLogTable(TableDescriptor d, Settings s) {
        for (String key : Set.of(MERGE_ENGINE, DELETE_BEHAVIOR)) {
            if (s.text(key).isPresent()) {
                throw invalid("option '" + key + "' needs a primary key");
            }
        }
        s.text(STATISTICS_COLUMNS).ifPresent(list -> checkStatistics(d, list));
    }

    private static void checkStatistics(TableDescriptor d, String list) {
        if (list.isBlank()) {
            throw invalid("option '" + STATISTICS_COLUMNS + "' names no column");
        }
        if (list.trim().equals("*")) {
            return;
        }
        for (String name : list.split(",", -1)) {
            DataType type = columnType(d, name.trim(), STATISTICS_COLUMNS);
            if (type.isNested()
                    || type instanceof DataType.BytesType
                    || type instanceof DataType.BinaryType) {
                throw invalid(
                        "option '"
                                + STATISTICS_COLUMNS
                                + "': no statistics for "
                                + type
                                + " column '"
                                + name.trim()
                                + "'");
            }
        }
    }

    private static void checkMergeEngine(TableDescriptor d, Settings s) {
        if (s.text(STATISTICS_COLUMNS).isPresent()) {
            throw invalid("option '" + STATISTICS_COLUMNS + "' is for tables without primary key");
        }
        if (s.text(MERGE_ENGINE).isEmpty()) {
            return;
        }
        MergeEngine engine = s.choice(MERGE_ENGINE, MergeEngine.FIRST_ROW);
        if (engine == MergeEngine.VERSIONED) {
            checkVersionColumn(d, s);
        }
        if (engine != MergeEngine.AGGREGATION
                && s.text(DELETE_BEHAVIOR).isPresent()
                && s.choice(DELETE_BEHAVIOR, DeleteBehavior.ALLOW) == DeleteBehavior.ALLOW) {
            throw invalid(
                    "option '"
                            + DELETE_BEHAVIOR
                            + "' ALLOW does not go with merge engine "
                            + engine);
        }
        if (engine == MergeEngine.AGGREGATION
                && s.choice(CHANGELOG_IMAGE, ChangelogImage.FULL) == ChangelogImage.WAL) {
            throw invalid(
                    "option '"
                            + CHANGELOG_IMAGE
                            + "' WAL does not go with merge engine aggregation");
        }
    }

    private static void checkVersionColumn(TableDescriptor d, Settings s) {
        String column =
                s.text(VERSION_COLUMN)
                        .orElseThrow(
                                () ->
                                        invalid(
                                                "merge engine versioned needs option '"
                                                        + VERSION_COLUMN
                                                        + "'"));
        DataType type = columnType(d, column, VERSION_COLUMN);
        if (!(type instanceof DataType.IntType
                || type instanceof DataType.BigIntType
                || type instanceof DataType.TimestampType
                || type instanceof DataType.TimestampLtzType)) {
            throw invalid(
                    "version column '"
                            + column
                            + "' is "
                            + type
                            + ", but must be INT, BIGINT, TIMESTAMP or TIMESTAMP_LTZ");
        }
    }

    private static void checkAggregates(TableDescriptor d, Settings s) {
        boolean isAggregation =
                s.text(MERGE_ENGINE).isPresent()
                        && s.choice(MERGE_ENGINE, MergeEngine.FIRST_ROW) == MergeEngine.AGGREGATION;
        for (Column c : d.schema().columns()) {
            if (c.aggregate().isPresent() && !isAggregation) {
                throw invalid(
                        "column '"
                                + c.name()
                                + "' has an aggregate function, which needs option '"
                                + MERGE_ENGINE
                                + "' = aggregation");
            }
        }
    }

    private static void checkTtl(Settings s) {
        Duration ttl = s.duration(TableOptions.LOG_TTL, Duration.ofDays(7));
        Duration local = s.duration(LOCAL_TTL, ttl);
        if (isPositive(ttl) && isPositive(local) && local.compareTo(ttl) > 0) {
            throw invalid(
                    "option '" + LOCAL_TTL + "' must not be above '" + TableOptions.LOG_TTL + "'");
        }
    }

    private static boolean isPositive(Duration d) {
        return !d.isNegative() && !d.isZero();
    }

    private static void checkPartitionOptions(TableDescriptor d, Settings s) {
        if (!s.flag(AUTO_PARTITION, false)) {
            // A format binds partitions made by hand, too.
            if (d.isPartitioned() && s.text(AUTO_PARTITION_FORMAT).isPresent()) {
                checkTimeFormat(d, s.text(AUTO_PARTITION_KEY, d.partitionKeys().get(0)));
            }
            return;
        }
        if (!d.isPartitioned()) {
            throw invalid("option '" + AUTO_PARTITION + "' needs a partitioned table");
        }
        String key = s.text(AUTO_PARTITION_KEY, d.partitionKeys().get(0));
        if (d.partitionKeys().size() > 1) {
            if (s.text(AUTO_PARTITION_KEY).isEmpty()) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "automatic partitions over several partition keys need option '"
                                + AUTO_PARTITION_KEY
                                + "'");
            }
            if (s.integer(PRECREATE, 0) > 0) {
                throw ErrorReason.INVALID_TABLE.exception(
                        "option '" + PRECREATE + "' must be 0 with several partition keys");
            }
        }
        checkTimeFormat(d, key);
    }

    private static void checkTimeFormat(TableDescriptor d, String key) {
        if (!d.partitionKeys().contains(key)) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "option '"
                            + AUTO_PARTITION_KEY
                            + "' names '"
                            + key
                            + "', but the partition keys are "
                            + d.partitionKeys());
        }
        // Fails for what does not fit.
        var unused = AutoPartition.of(d);
    }

    private static DataType columnType(TableDescriptor d, String column, String option) {
        int at = d.schema().positionOf(column).orElse(-1);
        if (at < 0) {
            throw invalid(
                    "option '"
                            + option
                            + "' names column '"
                            + column
                            + "', which does not exist; columns are "
                            + d.schema().columnNames());
        }
        return d.schema().columns().get(at).type();
    }

    private static FlussException invalid(String message) {
        return ErrorReason.INVALID_CONFIG.exception(message);
    }
}
