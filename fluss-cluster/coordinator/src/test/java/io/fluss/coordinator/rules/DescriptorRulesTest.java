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

import static io.fluss.errors.ErrorReason.BUCKET_MAX_NUM;
import static io.fluss.errors.ErrorReason.INVALID_CONFIG;
import static io.fluss.errors.ErrorReason.INVALID_REPLICATION_FACTOR;
import static io.fluss.errors.ErrorReason.INVALID_TABLE;
import static io.fluss.errors.ErrorReason.UNKNOWN_SERVER_ERROR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.coordinator.CoordinatorSettings;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DescriptorRulesTest {
    private final DescriptorRules rules = rules(Map.of());

    record Case(String what, ErrorReason reason, TableDescriptor declared) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Case> refused() {
        return Stream.of(
                log("reserved column", INVALID_TABLE, Column.of("__offset", DataTypes.bigInt())),
                log(
                        "another reserved",
                        INVALID_TABLE,
                        Column.of("_log_offset", DataTypes.bigInt())),
                log("no column", INVALID_TABLE),
                log("missing bucket key", INVALID_TABLE, d -> d.withBuckets(1, "nope")),
                log("bucket key twice", INVALID_TABLE, d -> d.withBuckets(1, "a", "a")),
                log("nested bucket key", INVALID_TABLE, d -> d.withBuckets(1, "list")),
                log("missing partition key", INVALID_TABLE, d -> d.withPartitionKeys("nope")),
                log("nested partition key", INVALID_TABLE, d -> d.withPartitionKeys("list")),
                log("decimal partition key", INVALID_TABLE, d -> d.withPartitionKeys("price")),
                log(
                        "bucket key is partition key",
                        INVALID_TABLE,
                        d -> d.withBuckets(1, "a").withPartitionKeys("a")),
                log("no buckets", UNKNOWN_SERVER_ERROR, d -> d.withBuckets(0)),
                log("too many buckets", BUCKET_MAX_NUM, d -> d.withBuckets(4097)),
                option(
                        "replication factor 0",
                        INVALID_REPLICATION_FACTOR,
                        "table.replication.factor",
                        "0"),
                option("replication factor text", INVALID_CONFIG, "table.replication.factor", "x"),
                option("unknown table option", INVALID_CONFIG, "table.nope", "1"),
                option("not a table option", INVALID_CONFIG, "owner", "me"),
                option(
                        "zstd level low",
                        INVALID_CONFIG,
                        "table.log.arrow.compression.zstd.level",
                        "0"),
                option(
                        "zstd level high",
                        INVALID_CONFIG,
                        "table.log.arrow.compression.zstd.level",
                        "23"),
                option("compression", INVALID_CONFIG, "table.log.arrow.compression.type", "SNAPPY"),
                option("log format", INVALID_CONFIG, "table.log.format", "CSV"),
                option("merge engine", INVALID_CONFIG, "table.merge-engine", "first_row"),
                option("unknown merge engine", INVALID_CONFIG, "table.merge-engine", "nope"),
                option("delete behavior", INVALID_CONFIG, "table.delete.behavior", "ALLOW"),
                option("ttl", INVALID_CONFIG, "table.log.ttl", "soon"),
                option("local ttl", INVALID_CONFIG, "table.log.local-ttl", "8 d"),
                option("local segments", INVALID_CONFIG, "table.log.tiered.local-segments", "0"),
                option("pre-create", INVALID_CONFIG, "table.auto-partition.num-precreate", "-1"),
                option("auto partition", INVALID_CONFIG, "table.auto-partition.enabled", "true"),
                option("statistics column", INVALID_CONFIG, "table.statistics.columns", "nope"),
                option("statistics type", INVALID_CONFIG, "table.statistics.columns", "list"),
                option("no statistics column", INVALID_CONFIG, "table.statistics.columns", ""),
                option("kv format version", INVALID_CONFIG, "table.kv.format-version", "3"),
                option("lake format", INVALID_CONFIG, "table.datalake.format", "delta"),
                option("no lake", INVALID_TABLE, "table.datalake.enabled", "true"),
                log(
                        "several partition keys without auto key",
                        INVALID_TABLE,
                        d ->
                                d.withPartitionKeys("a", "b")
                                        .withProperty("table.auto-partition.enabled", "true")),
                log(
                        "auto key is no partition key",
                        INVALID_TABLE,
                        d ->
                                d.withPartitionKeys("a")
                                        .withProperty("table.auto-partition.enabled", "true")
                                        .withProperty("table.auto-partition.key", "b")),
                auto("time unit", INVALID_CONFIG, "b", "time-unit", "week"),
                auto("retention", INVALID_CONFIG, "b", "num-retention", "long"),
                auto("time format", INVALID_TABLE, "b", "time-format", "yyyyMM"),
                auto(
                        "time format that is no name",
                        INVALID_TABLE,
                        "b",
                        "time-format",
                        "yyyy.MM.dd"),
                auto("date key by hour", INVALID_TABLE, "date", "time-unit", "hour"),
                auto("date key format", INVALID_TABLE, "date", "time-format", "yyyyMMdd"),
                log(
                        "several partition keys made ahead",
                        INVALID_TABLE,
                        d ->
                                d.withPartitionKeys("a", "b")
                                        .withProperty("table.auto-partition.enabled", "true")
                                        .withProperty("table.auto-partition.key", "a")
                                        .withProperty("table.auto-partition.num-precreate", "1")),
                log(
                        "time format while switched off",
                        INVALID_TABLE,
                        d ->
                                d.withPartitionKeys("b")
                                        .withProperty("table.auto-partition.time-format", "yy")),
                key("nested primary key", INVALID_TABLE, d -> d, "list"),
                key("partition key outside", INVALID_TABLE, d -> d.withPartitionKeys("b"), "a"),
                key("only partition keys", INVALID_TABLE, d -> d.withPartitionKeys("a"), "a"),
                key("bucket key outside", INVALID_TABLE, d -> d.withBuckets(1, "b"), "a"),
                key(
                        "compacted kv, indexed log",
                        INVALID_CONFIG,
                        d -> d.withProperty("table.log.format", "INDEXED")),
                key("versioned without column", INVALID_CONFIG, d -> engine(d, "versioned")),
                key(
                        "version column type",
                        INVALID_CONFIG,
                        d ->
                                engine(d, "versioned")
                                        .withProperty(
                                                "table.merge-engine.versioned.ver-column", "b")),
                key(
                        "first row allows deletes",
                        INVALID_CONFIG,
                        d -> engine(d, "first_row").withProperty("table.delete.behavior", "ALLOW")),
                key(
                        "aggregation with WAL",
                        INVALID_CONFIG,
                        d -> engine(d, "aggregation").withProperty("table.changelog.image", "wal")),
                key(
                        "statistics",
                        INVALID_CONFIG,
                        d -> d.withProperty("table.statistics.columns", "*")));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuses(Case c) {
        assertThatThrownBy(() -> rules.completed(c.declared()))
                .isInstanceOfSatisfying(
                        FlussException.class, e -> assertThat(e.reason()).isEqualTo(c.reason()));
    }

    @Test
    void fillsInTheDefaultsOfTheCluster() {
        TableDescriptor d =
                rules(Map.of("datalake.format", "iceberg", "default.bucket.number", "3"))
                        .completed(TableDescriptor.of(schema()));
        assertThat(d.bucketCount()).hasValue(3);
        assertThat(d.properties())
                .isEqualTo(
                        Map.of(
                                "table.replication.factor",
                                "1",
                                "table.datalake.format",
                                "iceberg"));
    }

    @Test
    void keepsWhatWasDeclared() {
        TableDescriptor declared =
                TableDescriptor.of(schema())
                        .withBuckets(5, "a")
                        .withPartitionKeys("b")
                        .withComment("c")
                        .withProperty("table.log.ttl", "1 d")
                        .withCustomProperty("owner", "me");
        assertThat(rules.completed(declared))
                .isEqualTo(declared.withProperty("table.replication.factor", "1"));
    }

    @Test
    void lakeTableMustHaveTheFormatOfTheCluster() {
        DescriptorRules lake = rules(Map.of("datalake.format", "iceberg"));
        TableDescriptor on =
                TableDescriptor.of(schema()).withProperty("table.datalake.enabled", "true");
        assertThat(lake.completed(on).options().isLakeEnabled()).isTrue();
        assertThatThrownBy(() -> lake.completed(on.withProperty("table.datalake.format", "paimon")))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(INVALID_CONFIG));
    }

    @Test
    void automaticPartitionsMayHaveADateKeyAndSeveralKeys() {
        TableDescriptor date =
                TableDescriptor.of(schema())
                        .withPartitionKeys("date")
                        .withProperty("table.auto-partition.enabled", "true");
        assertThat(AutoPartition.of(rules.completed(date)).orElseThrow().ahead(0, Duration.ZERO))
                .hasSize(2)
                .allMatch(v -> v.matches("19[67][0-9]-[0-9]{2}-[0-9]{2}"));
        TableDescriptor several =
                TableDescriptor.of(schema())
                        .withPartitionKeys("a", "b")
                        .withProperty("table.auto-partition.enabled", "true")
                        .withProperty("table.auto-partition.key", "b");
        assertThat(rules.completed(several).properties())
                .containsEntry("table.auto-partition.num-precreate", "0");
    }

    @Test
    void obeysTheClusterSwitchForLogTables() {
        assertThatThrownBy(
                        () ->
                                rules(Map.of("allow.create.log.tables", "false"))
                                        .completed(TableDescriptor.of(schema())))
                .hasMessageContaining("does not allow");
    }

    private static DescriptorRules rules(Map<String, String> options) {
        Map<String, String> all = new java.util.HashMap<>(options);
        all.put("remote.data.dir", "file:///remote");
        CoordinatorSettings settings = CoordinatorSettings.from(Settings.of(all));
        return new DescriptorRules(() -> settings);
    }

    private static TableSchema schema(String... primaryKey) {
        return TableSchema.of(
                List.of(
                        Column.of("a", DataTypes.integer()),
                        Column.of("b", DataTypes.string()),
                        Column.of("date", DataTypes.date()),
                        Column.of("price", DataTypes.decimal(10, 2)),
                        Column.of("list", DataTypes.array(DataTypes.integer()))),
                List.of(primaryKey));
    }

    private static TableDescriptor engine(TableDescriptor d, String engine) {
        return d.withProperty("table.merge-engine", engine);
    }

    private static Case log(String what, ErrorReason reason, Column... columns) {
        return new Case(what, reason, TableDescriptor.of(TableSchema.of(columns)));
    }

    private static Case log(
            String what, ErrorReason reason, UnaryOperator<TableDescriptor> change) {
        return new Case(what, reason, change.apply(TableDescriptor.of(schema())));
    }

    private static Case option(String what, ErrorReason reason, String key, String value) {
        return log("option: " + what, reason, d -> d.withProperty(key, value));
    }

    private static Case auto(
            String what, ErrorReason reason, String key, String option, String value) {
        return log(
                "automatic partitions: " + what,
                reason,
                d ->
                        d.withPartitionKeys(key)
                                .withProperty("table.auto-partition.enabled", "true")
                                .withProperty("table.auto-partition." + option, value));
    }

    private static Case key(
            String what, ErrorReason reason, UnaryOperator<TableDescriptor> change, String... pk) {
        String[] columns = pk.length == 0 ? new String[] {"a"} : pk;
        return new Case(
                "primary key: " + what, reason, change.apply(TableDescriptor.of(schema(columns))));
    }
}
