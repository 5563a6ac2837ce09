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

import io.fluss.coordinator.CoordinatorSettings;
import io.fluss.coordinator.CoordinatorSettings.TableLimits;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.AggregateRules;
import io.fluss.table.Column;
import io.fluss.table.Names;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions;
import io.fluss.table.TableOptions.LakeFormatName;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * From a declared table to a complete and valid one (table semantics document, sections 2 and 3).
 * Pure.
 */
public final class DescriptorRules {
    private static final int KV_FORMAT_VERSION = 2;

    private final Supplier<CoordinatorSettings> settings;

    /**
     * @param settings those in force, asked at each check
     */
    public DescriptorRules(Supplier<CoordinatorSettings> settings) {
        this.settings = settings;
    }

    /** The descriptor with the cluster's defaults, after all checks of creation. */
    public TableDescriptor completed(TableDescriptor declared) {
        checkStructure(declared);
        checkAllowed(declared);
        TableDescriptor d = withDefaults(declared);
        check(d);
        return d;
    }

    /** All rules for a complete descriptor, at creation and after a change. */
    public void check(TableDescriptor d) {
        OptionRules.check(d);
        checkCounts(d);
        checkLake(d);
        d.schema().columns().forEach(AggregateRules::check);
    }

    /** Whether an option may be changed after creation; keys outside {@code table.} always may. */
    public static boolean isAlterable(String key) {
        return !key.startsWith("table.") || OptionRules.ALTERABLE.contains(key);
    }

    private static void checkStructure(TableDescriptor d) {
        TableSchema schema = d.schema();
        if (schema.columns().isEmpty()) {
            throw invalid("a table needs at least one column");
        }
        for (Column c : schema.columns()) {
            checkColumnName(c.name());
        }
        for (String k : schema.primaryKey()) {
            checkKeyType(schema.column(k), "primary key");
        }
        checkPartitionKeys(d);
        checkBucketKeys(d);
    }

    /** Refuses the names of system columns. */
    public static void checkColumnName(String name) {
        if (Names.RESERVED_COLUMNS.contains(name)) {
            throw invalid(
                    "column name '" + name + "' is reserved for a system column; use another one");
        }
    }

    private static void checkPartitionKeys(TableDescriptor d) {
        unique(d.partitionKeys(), "partition key");
        for (String k : d.partitionKeys()) {
            DataType type = d.schema().column(k).type();
            if (type.isNested() || type instanceof DataType.DecimalType) {
                throw invalid("partition key '" + k + "' cannot be of type " + type);
            }
            if (d.hasPrimaryKey() && !d.schema().primaryKey().contains(k)) {
                throw invalid(
                        "partition key '"
                                + k
                                + "' must be part of the primary key "
                                + d.schema().primaryKey());
            }
        }
        if (d.hasPrimaryKey() && d.partitionKeys().containsAll(d.schema().primaryKey())) {
            throw invalid("the primary key needs a column that is not a partition key");
        }
    }

    private static void checkBucketKeys(TableDescriptor d) {
        unique(d.bucketKeys(), "bucket key");
        for (String k : d.bucketKeys()) {
            checkKeyType(d.schema().column(k), "bucket key");
            if (d.partitionKeys().contains(k)) {
                throw invalid("bucket key '" + k + "' must not be a partition key");
            }
            if (d.hasPrimaryKey() && !d.schema().primaryKey().contains(k)) {
                throw invalid(
                        "bucket key '"
                                + k
                                + "' must be part of the primary key "
                                + d.schema().primaryKey());
            }
        }
    }

    private static void unique(List<String> names, String what) {
        if (new HashSet<>(names).size() != names.size()) {
            throw invalid(what + " columns " + names + " name a column twice");
        }
    }

    private static void checkKeyType(Column c, String what) {
        if (c.type().isNested()) {
            throw invalid(what + " column '" + c.name() + "' cannot be of type " + c.type());
        }
    }

    private void checkAllowed(TableDescriptor d) {
        TableLimits limits = settings.get().limits();
        if (d.hasPrimaryKey() && !limits.arePrimaryKeyTablesAllowed()) {
            throw invalid("the cluster does not allow tables with a primary key");
        }
        if (!d.hasPrimaryKey() && !limits.areLogTablesAllowed()) {
            throw invalid("the cluster does not allow tables without primary key");
        }
    }

    private TableDescriptor withDefaults(TableDescriptor d) {
        Map<String, String> p = new LinkedHashMap<>(d.properties());
        p.putIfAbsent(
                TableOptions.REPLICATION_FACTOR,
                String.valueOf(settings.get().limits().replicationFactorDefault()));
        settings.get()
                .lakeFormat()
                .filter(f -> canHave(f, d))
                .ifPresent(f -> p.putIfAbsent(TableOptions.DATALAKE_FORMAT, f.identifier()));
        if (d.partitionKeys().size() > 1 && "true".equals(p.get(OptionRules.AUTO_PARTITION))) {
            p.putIfAbsent(OptionRules.PRECREATE, "0");
        }
        if (p.containsKey(OptionRules.MERGE_ENGINE) && d.hasPrimaryKey()) {
            p.putIfAbsent(OptionRules.DELETE_BEHAVIOR, "IGNORE");
        }
        if (d.hasPrimaryKey()) {
            p.putIfAbsent(TableOptions.KV_FORMAT_VERSION, String.valueOf(KV_FORMAT_VERSION));
        }
        int buckets = d.bucketCount().orElse(settings.get().limits().bucketCountDefault());
        return new TableDescriptor(
                d.schema(),
                d.comment(),
                d.partitionKeys(),
                bucketKeys(d),
                OptionalInt.of(buckets),
                p,
                d.customProperties());
    }

    /**
     * Iceberg buckets by one column. A table with more is left without the format, since no client
     * could write it, unless it is to be in the lake: then it is refused.
     */
    private static boolean canHave(LakeFormatName format, TableDescriptor d) {
        return format != LakeFormatName.ICEBERG
                || bucketKeys(d).size() <= 1
                || d.options().isLakeEnabled();
    }

    /** Primary key minus partition keys unless declared otherwise. */
    private static List<String> bucketKeys(TableDescriptor d) {
        return d.bucketKeys().isEmpty()
                ? d.schema().primaryKey().stream()
                        .filter(k -> !d.partitionKeys().contains(k))
                        .toList()
                : d.bucketKeys();
    }

    private void checkCounts(TableDescriptor d) {
        int buckets = d.bucketCount().orElse(0);
        if (buckets < 1) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    "bucket count is " + buckets + ", but must be at least 1");
        }
        if (buckets > settings.get().limits().bucketCountMax()) {
            throw ErrorReason.BUCKET_MAX_NUM.exception(
                    "bucket count is "
                            + buckets
                            + ", but the cluster allows at most "
                            + settings.get().limits().bucketCountMax()
                            + " (max.bucket.num)");
        }
        int replicas = d.options().replicationFactor();
        if (replicas < 1) {
            throw ErrorReason.INVALID_REPLICATION_FACTOR.exception(
                    "replication factor is " + replicas + ", but must be at least 1");
        }
    }

    private void checkLake(TableDescriptor d) {
        if (!d.options().isLakeEnabled()) {
            return;
        }
        if (!settings.get().isLakeEnabled()) {
            throw invalid(
                    "'table.datalake.enabled' needs a cluster with a lake; set datalake.format");
        }
        if (!d.options().lakeFormat().equals(settings.get().lakeFormat())) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "'table.datalake.format' is "
                            + d.options().lakeFormat().map(f -> f.identifier()).orElse("not set")
                            + ", but the cluster's lake format is "
                            + settings.get()
                                    .lakeFormat()
                                    .map(f -> f.identifier())
                                    .orElse("not set"));
        }
    }

    private static FlussException invalid(String message) {
        return ErrorReason.INVALID_TABLE.exception(message);
    }
}
