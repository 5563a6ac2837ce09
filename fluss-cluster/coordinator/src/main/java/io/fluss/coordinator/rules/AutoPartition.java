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
import io.fluss.settings.Settings;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableDescriptor;
import io.fluss.types.DataType;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the options of a table say about partitions by time: which are made ahead and which are too
 * old (table semantics document, section 9). Immutable, pure.
 */
public final class AutoPartition {
    private static final int PRECREATE_DEFAULT = 2;
    private static final int RETENTION_DEFAULT = 7;
    private static final String DATE_PATTERN = "yyyy-MM-dd";

    private final TableDescriptor table;
    private final String key;
    private final PartitionTime time;

    private AutoPartition(TableDescriptor table, String key, PartitionTime time) {
        this.table = table;
        this.key = key;
        this.time = time;
    }

    /**
     * Empty if the table neither has automatic partitions nor a time format of its own.
     *
     * @throws io.fluss.errors.FlussException with INVALID_TABLE for a format that does not fit
     */
    public static Optional<AutoPartition> of(TableDescriptor table) {
        Settings s = table.options().settings();
        boolean isEnabled = s.flag(OptionRules.AUTO_PARTITION, false);
        Optional<String> format = s.text(OptionRules.AUTO_PARTITION_FORMAT);
        if (!table.isPartitioned() || (!isEnabled && format.isEmpty())) {
            return Optional.empty();
        }
        String key = s.text(OptionRules.AUTO_PARTITION_KEY, table.partitionKeys().get(0));
        PartitionTime.Unit unit = s.choice(OptionRules.AUTO_PARTITION_UNIT, PartitionTime.Unit.DAY);
        boolean isDate = table.schema().column(key).type() instanceof DataType.DateType;
        String pattern = format.orElse(isDate ? DATE_PATTERN : unit.defaultPattern());
        if (isDate && (unit != PartitionTime.Unit.DAY || !pattern.equals(DATE_PATTERN))) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "automatic partition key '"
                            + key
                            + "' is a DATE: its time unit must be DAY and its time format "
                            + DATE_PATTERN
                            + ", but they are "
                            + unit
                            + " and '"
                            + pattern
                            + "'");
        }
        return Optional.of(new AutoPartition(table, key, PartitionTime.of(unit, pattern)));
    }

    public boolean isEnabled() {
        return settings().flag(OptionRules.AUTO_PARTITION, false);
    }

    /** Whether partitions begin at midnight, for all tables at once. */
    public boolean isDaily() {
        return time.unit() == PartitionTime.Unit.DAY;
    }

    /**
     * Values to have now, the current one first; none with several partition keys, whose other
     * values nobody knows ahead.
     *
     * @param delay by how much this table lags behind the clock
     */
    public Set<String> ahead(long nowMs, Duration delay) {
        if (table.partitionKeys().size() > 1) {
            return Set.of();
        }
        int count = settings().integer(OptionRules.PRECREATE, PRECREATE_DEFAULT);
        ZonedDateTime now = at(nowMs).minus(delay);
        Set<String> out = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            out.add(time.value(now, i));
        }
        return out;
    }

    /** The partitions whose time is before the oldest one that is kept. */
    public List<PartitionInfo> expired(Collection<PartitionInfo> partitions, long nowMs) {
        return partitions.stream().filter(p -> isExpired(p.spec(), nowMs)).toList();
    }

    /** Whether a partition would be dropped by the next run. */
    public boolean isExpired(Map<String, String> spec, long nowMs) {
        int kept = settings().integer(OptionRules.RETENTION, RETENTION_DEFAULT);
        String value = spec.getOrDefault(key, "");
        return isEnabled()
                && kept >= 0
                && !value.startsWith("__")
                && value.compareTo(time.value(at(nowMs), -kept)) < 0;
    }

    /** What is wrong with the time value of a partition to be created, if anything. */
    public Optional<String> problem(Map<String, String> spec) {
        String value = spec.getOrDefault(key, "");
        return time.isValue(value)
                ? Optional.empty()
                : Optional.of(
                        "value '"
                                + value
                                + "' of automatic partition key '"
                                + key
                                + "' does not have the time format "
                                + time.pattern());
    }

    /** The only partition of a value; for tables with one partition key. */
    public Map<String, String> spec(String value) {
        return Map.of(key, value);
    }

    private ZonedDateTime at(long ms) {
        return Instant.ofEpochMilli(ms).atZone(zone());
    }

    /** A zone that is not known is GMT, as for published servers. */
    private ZoneId zone() {
        Optional<String> zone = settings().text(OptionRules.AUTO_PARTITION_ZONE);
        if (zone.isEmpty()) {
            return ZoneId.systemDefault();
        }
        try {
            return ZoneId.of(zone.get().trim(), ZoneId.SHORT_IDS);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }

    private Settings settings() {
        return table.options().settings();
    }
}
