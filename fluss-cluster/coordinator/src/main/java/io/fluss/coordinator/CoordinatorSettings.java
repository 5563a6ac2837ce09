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
package io.fluss.coordinator;

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import io.fluss.table.TableOptions.LakeFormatName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Settings of the coordinator; keys and defaults are those of the server behaviour document,
 * section 18, and of the lakehouse document, section 2.1.
 *
 * @param lakeFormat recorded on new tables
 * @param isLakeEnabled whether tables may be tiered
 * @param remoteDataDir URI text without a slash at the end
 * @param all everything that was configured, for "describe"
 */
public record CoordinatorSettings(
        TableLimits limits,
        Optional<LakeFormatName> lakeFormat,
        boolean isLakeEnabled,
        String remoteDataDir,
        Duration leaderRetryDelay,
        Timers timers,
        Settings all) {

    /**
     * What happens by the clock.
     *
     * @param autoPartitionCheck how often partitions are made ahead and expired ones dropped
     * @param isExpiryWaitingForLake whether an expired partition of a lake table stays until the
     *     lake holds all of it
     * @param producerOffsetsTtl how long offsets of a producer are kept, unless it says otherwise
     * @param producerOffsetsCheck how often expired ones are removed
     */
    public record Timers(
            Duration autoPartitionCheck,
            boolean isExpiryWaitingForLake,
            Duration producerOffsetsTtl,
            Duration producerOffsetsCheck) {}

    /** Defaults and bounds of new tables. */
    public record TableLimits(
            int bucketCountDefault,
            int bucketCountMax,
            int replicationFactorDefault,
            int partitionCountMax,
            boolean areLogTablesAllowed,
            boolean arePrimaryKeyTablesAllowed) {}

    public static CoordinatorSettings from(Settings s) {
        Optional<LakeFormatName> format =
                s.text("datalake.format")
                        .map(f -> s.choice("datalake.format", LakeFormatName.ICEBERG));
        boolean isLakeEnabled = s.flag("datalake.enabled", format.isPresent());
        if (isLakeEnabled && format.isEmpty()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option 'datalake.enabled' is true, but 'datalake.format' is not set");
        }
        String remote = s.required("remote.data.dir");
        CoordinatorSettings settings =
                new CoordinatorSettings(
                        limits(s),
                        format,
                        isLakeEnabled,
                        remote.endsWith("/") ? remote.substring(0, remote.length() - 1) : remote,
                        s.duration("coordinator.offline-leader.retry-delay", Duration.ofMinutes(1)),
                        timers(s),
                        s);
        // Wrong values are refused at the start.
        settings.snapshots();
        return settings;
    }

    private static Timers timers(Settings s) {
        return new Timers(
                positive(s, "auto-partition.check.interval", Duration.ofMinutes(10)),
                s.flag("auto-partition.expiry.wait-for-lake", true),
                positive(s, "coordinator.producer-offsets.ttl", Duration.ofHours(24)),
                positive(s, "coordinator.producer-offsets.cleanup-interval", Duration.ofHours(1)));
    }

    private static Duration positive(Settings s, String key, Duration defaultValue) {
        Duration d = s.duration(key, defaultValue);
        if (d.isNegative() || d.isZero()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + s.text(key, "") + ", but must be above 0");
        }
        return d;
    }

    /**
     * Snapshots of buckets with a primary key.
     *
     * @param retained how many of the newest are kept
     * @param leaseCheck how often expired leases are removed
     */
    public record Snapshots(int retained, Duration leaseCheck) {}

    /** What is kept of snapshots; keys and defaults of the server behaviour document. */
    public Snapshots snapshots() {
        return new Snapshots(
                atLeastOne(all, "kv.snapshot.num-retained", 2),
                positive(
                        all,
                        "kv.snapshot.lease.expiration-check-interval",
                        Duration.ofMinutes(10)));
    }

    /** How long a tiering service may be silent before its tables are given to others. */
    public Duration tieringSilenceMax() {
        return all.duration("lake.tiering.silence-max", Duration.ofMinutes(2));
    }

    /** How long an offsets file that no registered lake snapshot names is kept. */
    public Duration lakeOffsetsOrphanAge() {
        return all.duration("lake.tiering.offsets-orphan-age", Duration.ofDays(1));
    }

    private static TableLimits limits(Settings s) {
        return new TableLimits(
                atLeastOne(s, "default.bucket.number", 1),
                atLeastOne(s, "max.bucket.num", 4096),
                atLeastOne(s, "default.replication.factor", 1),
                atLeastOne(s, "max.partition.num", 1000),
                s.flag("allow.create.log.tables", true),
                s.flag("allow.create.kv.tables", true));
    }

    private static int atLeastOne(Settings s, String key, int defaultValue) {
        int v = s.integer(key, defaultValue);
        if (v < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + v + ", but must be at least 1");
        }
        return v;
    }

    /** Lake options as returned with every table: {@code table.datalake.<format>.*}, no secrets. */
    public Map<String, String> lakePropertiesForClients() {
        Map<String, String> out = new TreeMap<>();
        lakeFormat.ifPresent(
                f ->
                        all.asMap()
                                .forEach(
                                        (k, v) -> {
                                            if (k.startsWith("datalake." + f.identifier() + ".")
                                                    && !SecretOptions.isSecret(k)) {
                                                out.put("table." + k, v);
                                            }
                                        }));
        return out;
    }
}
