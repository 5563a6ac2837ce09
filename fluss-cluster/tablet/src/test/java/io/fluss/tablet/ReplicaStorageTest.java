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
package io.fluss.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.log.LogBatch;
import io.fluss.kv.KvSettings;
import io.fluss.log.LogSettings;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How replicas keep their logs: durability, retention, damage. */
class ReplicaStorageTest {
    private static final TableSchema SCHEMA = TableSchema.of(Column.of("a", DataTypes.integer()));
    private static final int BATCH_BYTES = 100;

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock(10_000);
    private final ManualLoop loop = new ManualLoop(clock);
    private final ManualLoop disk = new ManualLoop(clock);
    private ReplicaHost host;

    @BeforeEach
    void open() {
        TabletSettings settings =
                new TabletSettings(
                        1,
                        1000,
                        10,
                        1,
                        Duration.ofDays(30),
                        StorageSettings.from(
                                Settings.of(
                                        Map.of(
                                                "server.data-disk.write-limit-ratio", "1",
                                                "log.retention.roll-active-segment.enabled",
                                                        "true"))),
                        new LogSettings(
                                5 * BATCH_BYTES,
                                4096,
                                10 << 20,
                                Long.MAX_VALUE,
                                Duration.ofDays(7)),
                        KvSettings.of(Settings.of(Map.of())),
                        ScanSettings.of(Settings.of(Map.of())));
        host =
                ReplicaHost.on(
                        settings,
                        dir,
                        1,
                        clock,
                        () -> CompletableFuture.completedFuture(42L),
                        List.of(loop),
                        disk);
    }

    private static TableInfo table(String... options) {
        TableDescriptor d = TableDescriptor.of(SCHEMA).withBuckets(2);
        for (int i = 0; i < options.length; i += 2) {
            d = d.withProperty(options[i], options[i + 1]);
        }
        return new TableInfo(TablePath.of("db", "t"), 7, 1, d, 0, 0);
    }

    private Optional<FlussException> lead(TableInfo t, int bucket) {
        TableBucket b = TableBucket.of(7, bucket);
        var done =
                host.becomeLeaders(
                        List.of(
                                new LeaderAssignment(
                                        t, Optional.empty(), b, 0, 0, List.of(1), List.of(1))));
        loop.runAll();
        return done.join().get(b);
    }

    private List<Replica.AppendResult> append(int bucket, int acks) {
        ByteBuffer batch = ByteBuffer.allocate(BATCH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        LogBatch.writeHeader(batch, 2, true, 1, LogBatch.NO_WRITER, LogBatch.NO_SEQUENCE);
        List<Replica.AppendResult> results = new ArrayList<>();
        Replica r = host.replica(TableBucket.of(7, bucket));
        loop.execute(() -> r.append(ByteString.copyFrom(batch), acks, 1000, results::add));
        loop.runAll();
        return results;
    }

    private Replica.Serving serving(int bucket) {
        return host.serving(TableBucket.of(7, bucket));
    }

    private static void assertStored(List<Replica.AppendResult> results) {
        assertThat(results).singleElement().satisfies(r -> assertThat(r.error()).isEmpty());
    }

    @Test
    void fsyncTablesAnswerAfterTheDiskAndShareItsRounds() {
        lead(table("table.log.durability", "fsync"), 0);
        lead(table("table.log.durability", "fsync"), 1);
        List<List<Replica.AppendResult>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(append(0, -1));
            waiting.add(append(0, 1));
            waiting.add(append(1, -1));
        }
        assertThat(waiting).allMatch(List::isEmpty);
        assertThat(serving(0).highWatermark()).isZero();
        assertThat(serving(0).log().endOffset()).isEqualTo(12);
        assertThat(disk.delayedCount()).isZero();
        disk.runAll();
        loop.runAll();
        waiting.forEach(ReplicaStorageTest::assertStored);
        assertThat(serving(0).highWatermark()).isEqualTo(12);
        assertThat(serving(1).highWatermark()).isEqualTo(6);
        assertStored(append(0, 0));
    }

    @Test
    void appendsWhileARoundRunsWaitForTheNextOne() {
        lead(table("table.log.durability", "fsync"), 0);
        List<Replica.AppendResult> first = append(0, -1);
        disk.runAll(); // forced, but the answer has not reached the loop
        Replica r = host.replica(TableBucket.of(7, 0));
        List<Replica.AppendResult> second = new ArrayList<>();
        loop.call(
                () -> {
                    ByteBuffer b = ByteBuffer.allocate(BATCH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    LogBatch.writeHeader(b, 2, true, 1, -1, -1);
                    r.append(ByteString.copyFrom(b), -1, 1000, second::add);
                    return true;
                });
        loop.runAll();
        assertStored(first);
        assertThat(second).isEmpty();
        assertThat(serving(0).highWatermark()).isEqualTo(2);
        disk.runAll();
        loop.runAll();
        assertStored(second);
    }

    @Test
    void durabilityFollowsTheTable() {
        lead(table(), 0);
        assertStored(append(0, -1));
        host.tableChanged(table("table.log.durability", "fsync"));
        List<Replica.AppendResult> waits = append(0, 1);
        assertThat(waits).isEmpty();
        assertThat(serving(0).highWatermark()).isEqualTo(2);
        host.tableChanged(table());
        disk.runAll();
        loop.runAll();
        assertStored(waits);
        assertStored(append(0, -1));
        assertThat(serving(0).highWatermark()).isEqualTo(6);
    }

    @Test
    void aFailedForceIsToldToTheWriters() {
        lead(table("table.log.durability", "fsync"), 0);
        List<Replica.AppendResult> waits = append(0, -1);
        Replica r = host.replica(TableBucket.of(7, 0));
        loop.execute(() -> r.forceFailed(new IOException("Input/output error")));
        loop.runAll();
        for (List<Replica.AppendResult> results : List.of(waits, append(0, -1))) {
            assertThat(results)
                    .singleElement()
                    .satisfies(
                            a ->
                                    assertThat(a.error())
                                            .hasValueSatisfying(
                                                    e ->
                                                            assertThat(e.reason())
                                                                    .isEqualTo(
                                                                            ErrorReason
                                                                                    .LOG_STORAGE)));
        }
        assertThat(serving(0).highWatermark()).isZero();
    }

    private void expire(int bucket) {
        Replica r = host.replica(TableBucket.of(7, bucket));
        loop.execute(() -> r.expireSegments(clock.nowMs(), s -> true));
        loop.runAll();
    }

    @Test
    void segmentsGoWhenTheyAreOlderThanTheTableKeepsThem() {
        TableInfo keeps = table("table.log.ttl", "1h");
        lead(keeps, 0);
        for (int i = 0; i < 12; i++) {
            append(0, 1);
            clock.advance(Duration.ofMinutes(5));
        }
        expire(0);
        assertThat(serving(0).log().startOffset()).as("the oldest is an hour old").isZero();
        clock.advance(Duration.ofMinutes(25));
        expire(0);
        assertThat(serving(0).log().startOffset()).isEqualTo(10);
        assertThatThrownBy(() -> serving(0).log().read(9, 100, true, 24))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.LOG_OFFSET_OUT_OF_RANGE));
        host.tableChanged(table("table.log.ttl", "0"));
        clock.advance(Duration.ofDays(100));
        loop.runAll();
        expire(0);
        assertThat(serving(0).log().startOffset()).as("kept for ever").isEqualTo(10);
        host.tableChanged(keeps);
        loop.runAll();
        expire(0);
        assertThat(serving(0).log().startOffset()).as("the last one is rolled").isEqualTo(24);
        assertThat(serving(0).log().endOffset()).isEqualTo(24);
        assertThat(append(0, 1).get(0).baseOffset()).isEqualTo(24);
    }

    @Test
    void damageTakesOneBucketOffline() throws IOException {
        TableInfo t = table();
        lead(t, 0);
        lead(t, 1);
        append(0, 1);
        append(0, 1);
        append(1, 1);
        host.stopReplicas(List.of(TableBucket.of(7, 0)), false);
        loop.runAll();
        Path file = dir.resolve("db/t-7/log-0/00000000000000000000.log");
        byte[] good = Files.readAllBytes(file);
        byte[] bad = good.clone();
        bad[BATCH_BYTES / 2] ^= 1;
        Files.write(file, bad);
        assertThat(lead(t, 0))
                .hasValueSatisfying(
                        e -> {
                            assertThat(e.reason()).isEqualTo(ErrorReason.LOG_STORAGE);
                            assertThat(e).hasMessageContaining(file.toString());
                        });
        assertThatThrownBy(() -> host.replica(TableBucket.of(7, 0)))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining(file + " is damaged at byte 0");
        assertStored(append(1, 1));
        Files.write(file, good);
        assertThat(lead(t, 0)).isEmpty();
        assertThat(append(0, 1).get(0).baseOffset()).isEqualTo(4);
    }
}
