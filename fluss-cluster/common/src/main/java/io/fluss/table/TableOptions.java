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
package io.fluss.table;

import io.fluss.settings.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Typed view of a table's {@code table.*} properties with their defaults (table semantics document,
 * section 3).
 */
public record TableOptions(Settings settings) {
    public static final String REPLICATION_FACTOR = "table.replication.factor";
    public static final String LOG_FORMAT = "table.log.format";
    public static final String ARROW_COMPRESSION_TYPE = "table.log.arrow.compression.type";
    public static final String ARROW_COMPRESSION_ZSTD_LEVEL =
            "table.log.arrow.compression.zstd.level";
    public static final String KV_FORMAT = "table.kv.format";
    public static final String KV_FORMAT_VERSION = "table.kv.format-version";
    public static final String MERGE_ENGINE = "table.merge-engine";
    public static final String VERSION_COLUMN = "table.merge-engine.versioned.ver-column";
    public static final String DELETE_BEHAVIOR = "table.delete.behavior";
    public static final String CHANGELOG_IMAGE = "table.changelog.image";
    public static final String AUTO_INCREMENT_CACHE_SIZE = "table.auto-increment.cache-size";
    public static final String LOG_TTL = "table.log.ttl";
    public static final String LOG_LOCAL_TTL = "table.log.local-ttl";
    public static final String LOG_LOCAL_SEGMENTS = "table.log.tiered.local-segments";
    public static final String STATISTICS_COLUMNS = "table.statistics.columns";

    /** Value of {@link #STATISTICS_COLUMNS}. */
    public static final String STATISTICS_OF_ALL_COLUMNS = "*";

    /** Extension: when an append counts as stored. */
    public static final String LOG_DURABILITY = "table.log.durability";

    public static final String DATALAKE_ENABLED = "table.datalake.enabled";
    public static final String DATALAKE_FORMAT = "table.datalake.format";
    public static final String DATALAKE_FRESHNESS = "table.datalake.freshness";
    public static final String DATALAKE_LAYOUT = "table.datalake.layout";
    private static final String DATALAKE_COMPACTION = "table.datalake.auto-compaction";
    public static final String DATALAKE_EXPIRE = "table.datalake.auto-expire-snapshot";

    public static TableOptions of(Map<String, String> properties) {
        return new TableOptions(Settings.of(properties));
    }

    public int replicationFactor() {
        return settings.integer(REPLICATION_FACTOR, 1);
    }

    public LogFormat logFormat() {
        return settings.choice(LOG_FORMAT, LogFormat.ARROW);
    }

    public Durability durability() {
        return settings.choice(LOG_DURABILITY, Durability.REPLICATED);
    }

    public ArrowCompression arrowCompression() {
        return settings.choice(ARROW_COMPRESSION_TYPE, ArrowCompression.ZSTD);
    }

    /** 1..22. */
    public int zstdLevel() {
        return settings.integer(ARROW_COMPRESSION_ZSTD_LEVEL, 3);
    }

    /** Column names, or {@link #STATISTICS_OF_ALL_COLUMNS}: their batches carry statistics. */
    public Optional<String> statisticsColumns() {
        return settings.text(STATISTICS_COLUMNS);
    }

    /** Generation of the key encoding; absent means 1. */
    public int kvFormatVersion() {
        return settings.integer(KV_FORMAT_VERSION, 1);
    }

    /** How many auto-increment numbers a bucket takes at a time, at least 1. */
    public long autoIncrementCacheSize() {
        return settings.number(AUTO_INCREMENT_CACHE_SIZE, 100_000);
    }

    /** Age limit of log data; zero or negative: it is kept for ever. */
    public Duration logTtl() {
        return settings.duration(LOG_TTL, Duration.ofDays(7));
    }

    /** Age limit of local log data of which there is a remote copy. */
    public Duration localLogTtl() {
        return settings.duration(LOG_LOCAL_TTL, logTtl());
    }

    /** Newest segments that stay local after they were copied, at least 1. */
    public int localLogSegments() {
        return settings.integer(LOG_LOCAL_SEGMENTS, 2);
    }

    public KvFormat kvFormat() {
        return settings.choice(KV_FORMAT, KvFormat.COMPACTED);
    }

    /** What happens to rows that share a key; empty: the last one wins. */
    public Optional<MergeEngine> mergeEngine() {
        return settings.text(MERGE_ENGINE)
                .map(v -> settings.choice(MERGE_ENGINE, MergeEngine.FIRST_ROW));
    }

    /** The column that decides in tables with the merge engine {@code versioned}. */
    public Optional<String> versionColumn() {
        return settings.text(VERSION_COLUMN);
    }

    public DeleteBehavior deleteBehavior() {
        return settings.choice(
                DELETE_BEHAVIOR,
                mergeEngine().isPresent() ? DeleteBehavior.IGNORE : DeleteBehavior.ALLOW);
    }

    public ChangelogImage changelogImage() {
        return settings.choice(CHANGELOG_IMAGE, ChangelogImage.FULL);
    }

    public boolean isLakeEnabled() {
        return settings.flag(DATALAKE_ENABLED, false);
    }

    /**
     * The lake format bound to the table, also while tiering is off: it decides key encoding and
     * bucketing.
     */
    public Optional<LakeFormatName> lakeFormat() {
        return settings.text(DATALAKE_FORMAT)
                .map(v -> settings.choice(DATALAKE_FORMAT, LakeFormatName.ICEBERG));
    }

    public Duration lakeFreshness() {
        return settings.duration(DATALAKE_FRESHNESS, Duration.ofMinutes(3));
    }

    /** Generation of a new lake table's layout; an existing one keeps its own. */
    public LakeLayout lakeLayout() {
        return settings.choice(DATALAKE_LAYOUT, LakeLayout.CLEAN);
    }

    /**
     * Whether the tiering job compacts the lake table.
     *
     * @param byDefault if the table does not say
     */
    public boolean compactsLake(boolean byDefault) {
        return settings.flag(DATALAKE_COMPACTION, byDefault);
    }

    /** Whether the tiering job expires old lake snapshots. */
    public boolean expiresLakeSnapshots() {
        return settings.flag(DATALAKE_EXPIRE, false);
    }

    /**
     * Settings of the lake catalog that the cluster hands to clients as {@code
     * table.datalake.<format>.*}, prefix removed; without secrets.
     */
    public Map<String, String> lakeCatalogProperties() {
        return lakeFormat()
                .map(f -> settings.below("table.datalake." + f.identifier() + ".").asMap())
                .orElse(Map.of());
    }

    /** How records of the log are encoded. */
    public enum LogFormat {
        ARROW,
        INDEXED,
        COMPACTED
    }

    /** When an append is acknowledged, and its records can be read. */
    public enum Durability {
        /** When the in-sync replicas have it in memory. */
        REPLICATED,
        /** When it was also forced to the leader's disk. */
        FSYNC
    }

    /** How rows of the key-value view are encoded. */
    public enum KvFormat {
        COMPACTED,
        INDEXED
    }

    /** What happens to rows that share a key, other than that the last one wins. */
    public enum MergeEngine {
        FIRST_ROW,
        VERSIONED,
        AGGREGATION
    }

    /** What a delete does: remove the row, nothing, or refuse the batch. */
    public enum DeleteBehavior {
        ALLOW,
        IGNORE,
        DISABLE
    }

    /** Whether the changelog has the rows before updates, too. */
    public enum ChangelogImage {
        FULL,
        WAL
    }

    /** Compression of ARROW log batches. */
    public enum ArrowCompression {
        NONE,
        LZ4_FRAME,
        ZSTD
    }

    /** Whether lake tables have system columns. */
    public enum LakeLayout {
        CLEAN,
        LEGACY
    }

    /** Lake formats that key encodings and bucket functions know. */
    public enum LakeFormatName {
        PAIMON,
        ICEBERG,
        LANCE,
        HUDI;

        /** Lower-case name as used in options. */
        public String identifier() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
