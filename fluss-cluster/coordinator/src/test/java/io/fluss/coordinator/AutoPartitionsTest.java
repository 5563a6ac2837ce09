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

import static org.assertj.core.api.Assertions.assertThat;

import io.fluss.coordinator.Coordinator.TableChange;
import io.fluss.coordinator.lake.LakeRegistry;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.json.BucketOffsets;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoPartitionsTest {
    private static final TablePath DAYS = TablePath.of("fluss", "days");
    private static final String NOON = "2024-03-10T12:00:00Z";
    private static final Duration CHECK = Duration.ofMinutes(10);

    @TempDir Path remote;

    @Test
    void createsTheCurrentAndTheNextPeriodsAtOnce() {
        RunningCoordinator c = started(Map.of());
        create(c, daily().withProperty("table.auto-partition.num-precreate", "3"));
        assertThat(names(c)).containsExactly("20240310", "20240311", "20240312");
    }

    @Test
    void twoAreMadeUnlessToldOtherwise() {
        RunningCoordinator c = started(Map.of());
        create(c, daily());
        assertThat(names(c)).containsExactly("20240310", "20240311");
    }

    @Test
    void theZoneDecidesWhichDayItIs() {
        RunningCoordinator c = started(Map.of());
        create(
                c,
                daily().withProperty("table.auto-partition.time-zone", "Pacific/Kiritimati")
                        .withProperty("table.auto-partition.num-precreate", "1"));
        assertThat(names(c)).containsExactly("20240311");
    }

    @Test
    void aDailyTableIsExtendedWithinTheDayAndKeepsItsDelay() {
        RunningCoordinator c = started(Map.of());
        create(c, daily());
        c.clock.setNowMs(Instant.parse("2024-03-11T00:00:00Z").toEpochMilli());
        int checks = 0;
        while (!names(c).contains("20240312")) {
            c.advance(CHECK);
            checks++;
            assertThat(checks).isLessThan(24 * 6);
        }
        assertThat(checks).as("Random(1) does not give 0 hours").isGreaterThan(6);
        int first = checks;
        c.clock.setNowMs(Instant.parse("2024-03-12T00:00:00Z").toEpochMilli());
        checks = 0;
        while (!names(c).contains("20240313")) {
            c.advance(CHECK);
            checks++;
        }
        assertThat(checks).isEqualTo(first);
    }

    @Test
    void aDailyTableMadeInTheNightGetsNoPartitionOfTheDayBefore() {
        RunningCoordinator c = started(Map.of());
        c.clock.setNowMs(Instant.parse("2024-03-11T00:05:00Z").toEpochMilli());
        create(c, daily());
        c.advance(CHECK);
        assertThat(names(c)).containsExactly("20240311", "20240312");
    }

    @Test
    void anHourlyTableIsExtendedAtOnce() {
        RunningCoordinator c = started(Map.of());
        create(c, daily().withProperty("table.auto-partition.time-unit", "hour"));
        assertThat(names(c)).containsExactly("2024031012", "2024031013");
        c.clock.advance(Duration.ofMinutes(55));
        c.advance(CHECK);
        assertThat(names(c)).containsExactly("2024031012", "2024031013", "2024031014");
    }

    @Test
    void dropsWhatIsOlderThanTheRetention() {
        RunningCoordinator c = started(Map.of());
        create(c, daily().withProperty("table.auto-partition.num-retention", "2"));
        for (String day : List.of("20240307", "20240308", "20240309", "20240401")) {
            c.run(() -> c.get().createPartition(DAYS, Map.of("day", day), false));
        }
        c.advance(CHECK);
        assertThat(names(c))
                .containsExactly("20240308", "20240309", "20240310", "20240311", "20240401");
        assertThat(c.tablets.deleted).hasSize(1);
    }

    @Test
    void aNegativeRetentionKeepsAll() {
        RunningCoordinator c = started(Map.of());
        create(c, daily().withProperty("table.auto-partition.num-retention", "-1"));
        c.run(() -> c.get().createPartition(DAYS, Map.of("day", "19700101"), true));
        c.advance(CHECK);
        assertThat(names(c)).contains("19700101");
    }

    @Test
    void timeValuesAreCheckedWhenPartitionsAreMade() {
        RunningCoordinator c = started(Map.of());
        create(c, daily());
        for (String bad : List.of("2024", "20241301", "20240230", "2024-03-10", "today")) {
            c.refused(
                    ErrorReason.PARTITION_SPEC_INVALID,
                    () -> c.get().createPartition(DAYS, Map.of("day", bad), false));
        }
        // A writer must learn that its rows would be lost.
        c.refused(
                ErrorReason.PARTITION_SPEC_INVALID,
                () -> c.get().createPartition(DAYS, Map.of("day", "20240302"), true));
        c.run(() -> c.get().createPartition(DAYS, Map.of("day", "20240303"), true));
    }

    @Test
    void changesTakeEffectAtOnce() {
        RunningCoordinator c = started(Map.of());
        create(c, daily());
        alter(c, "table.auto-partition.num-precreate", "4");
        assertThat(names(c)).hasSize(4);
        c.run(() -> c.get().createPartition(DAYS, Map.of("day", "20240305"), false));
        alter(c, "table.auto-partition.num-retention", "1");
        assertThat(names(c)).hasSize(4).doesNotContain("20240305");
    }

    @Test
    void switchedOffNothingIsMadeOrDropped() {
        RunningCoordinator c = started(Map.of());
        create(c, daily());
        alter(c, "table.auto-partition.enabled", "false");
        c.run(() -> c.get().createPartition(DAYS, Map.of("day", "anything"), true));
        c.advance(Duration.ofDays(30));
        assertThat(names(c)).containsExactly("20240310", "20240311", "anything");
        alter(c, "table.auto-partition.enabled", "true");
        assertThat(names(c)).containsExactly("20240409", "20240410", "anything");
    }

    @Test
    void severalKeysAreOnlyExpired() {
        RunningCoordinator c = started(Map.of());
        create(
                c,
                daily().withPartitionKeys("region", "day")
                        .withProperty("table.auto-partition.key", "day"));
        assertThat(names(c)).isEmpty();
        for (String region : List.of("eu", "us")) {
            c.run(
                    () ->
                            c.get()
                                    .createPartition(
                                            DAYS,
                                            Map.of("region", region, "day", "20240305"),
                                            true));
        }
        c.advance(Duration.ofDays(8));
        assertThat(names(c)).isEmpty();
    }

    @Test
    void aFullTableIsTriedAgainAndDoesNotStopOthers() {
        RunningCoordinator c = started(Map.of("max.partition.num", "2"));
        create(c, daily().withProperty("table.auto-partition.num-precreate", "5"));
        assertThat(names(c)).containsExactly("20240310", "20240311");
        c.run(() -> c.get().dropPartition(DAYS, Map.of("day", "20240310"), false));
        alter(c, "table.auto-partition.num-retention", "0");
        c.advance(Duration.ofDays(2));
        assertThat(names(c)).containsExactly("20240312", "20240313");
    }

    @Test
    void goesOnAfterARestart() {
        RunningCoordinator c = started(Map.of());
        create(c, daily().withProperty("table.auto-partition.time-unit", "month"));
        assertThat(names(c)).containsExactly("202403", "202404");
        c.clock.advance(Duration.ofDays(40));
        c.restart();
        assertThat(names(c)).containsExactly("202403", "202404", "202405");
    }

    @Test
    void aPartitionOfALakeTableStaysUntilTheLakeHoldsIt() {
        RunningCoordinator c = started(Map.of("datalake.format", "iceberg"));
        TableBucket bucket = lakeTableWithRowsInAnExpiredPartition(c);
        c.advance(CHECK);
        assertThat(names(c)).contains("20240301");
        commit(c, bucket, 9);
        c.advance(CHECK);
        assertThat(names(c)).contains("20240301");
        commit(c, bucket, 10);
        c.advance(CHECK);
        assertThat(names(c)).doesNotContain("20240301");
    }

    @Test
    void anEmptyPartitionOfALakeTableNeedNotWait() {
        RunningCoordinator c = started(Map.of("datalake.format", "iceberg"));
        TableBucket bucket = lakeTableWithRowsInAnExpiredPartition(c);
        c.tablets.logEnds.put(bucket, 0L);
        c.advance(CHECK);
        assertThat(names(c)).doesNotContain("20240301");
    }

    @Test
    void waitingForTheLakeCanBeSwitchedOff() {
        RunningCoordinator c =
                started(
                        Map.of(
                                "datalake.format",
                                "iceberg",
                                "auto-partition.expiry.wait-for-lake",
                                "false"));
        var unused = lakeTableWithRowsInAnExpiredPartition(c);
        c.advance(CHECK);
        assertThat(names(c)).doesNotContain("20240301");
    }

    private TableBucket lakeTableWithRowsInAnExpiredPartition(RunningCoordinator c) {
        create(c, daily().withProperty("table.datalake.enabled", "true"));
        c.run(() -> c.get().createPartition(DAYS, Map.of("day", "20240301"), false));
        var table = c.get().image().existing(DAYS);
        TableBucket bucket =
                new TableBucket(
                        table.info().tableId(),
                        table.partitions().get("20240301").partitionId(),
                        0);
        c.tablets.logEnds.put(bucket, 10L);
        return bucket;
    }

    private static void commit(RunningCoordinator c, TableBucket bucket, long end) {
        BucketOffsets offsets = new BucketOffsets(bucket.tableId(), Map.of(bucket, end));
        String uri = c.run(() -> c.get().prepareLakeSnapshot(offsets, false));
        c.run(
                () ->
                        c.get()
                                .commitLakeSnapshot(
                                        bucket.tableId(),
                                        new LakeRegistry.Commit(
                                                end, uri, Optional.of(uri), OptionalLong.empty())));
    }

    private RunningCoordinator started(Map<String, String> options) {
        return new RunningCoordinator(remote, NOON, options);
    }

    private static TableDescriptor daily() {
        return TableDescriptor.of(
                        TableSchema.of(
                                Column.of("n", DataTypes.integer()),
                                Column.of("region", DataTypes.string()),
                                Column.of("day", DataTypes.string())))
                .withPartitionKeys("day")
                .withBuckets(1)
                .withProperty("table.auto-partition.enabled", "true")
                .withProperty("table.auto-partition.time-zone", "UTC");
    }

    private static void create(RunningCoordinator c, TableDescriptor d) {
        c.run(() -> c.get().createTable(DAYS, d, false));
    }

    private static void alter(RunningCoordinator c, String key, String value) {
        c.run(
                () ->
                        c.get()
                                .alterTable(
                                        DAYS,
                                        new TableChange(Map.of(key, Optional.of(value)), List.of()),
                                        false));
    }

    private static List<String> names(RunningCoordinator c) {
        return c.get().image().existing(DAYS).partitions().keySet().stream().sorted().toList();
    }
}
