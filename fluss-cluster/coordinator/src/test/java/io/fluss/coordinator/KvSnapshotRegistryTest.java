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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.coordinator.api.SnapshotApi;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.json.KvSnapshotJson;
import io.fluss.formats.remote.KvSnapshot;
import io.fluss.metastore.KvSnapshots.Entry;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.AcquireKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.AcquireKvSnapshotLeaseResponse;
import io.fluss.protocol.messages.DropKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.GetKvSnapshotMetadataRequest;
import io.fluss.protocol.messages.GetLatestKvSnapshotsRequest;
import io.fluss.protocol.messages.GetLatestKvSnapshotsResponse;
import io.fluss.protocol.messages.ListKvSnapshotsRequest;
import io.fluss.protocol.messages.PbKvSnapshot;
import io.fluss.protocol.messages.PbKvSnapshotLeaseForBucket;
import io.fluss.protocol.messages.PbKvSnapshotLeaseForTable;
import io.fluss.protocol.messages.PbTableBucket;
import io.fluss.protocol.messages.ReleaseKvSnapshotLeaseRequest;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots as leaders register them and clients ask for them. */
class KvSnapshotRegistryTest {
    private static final TablePath KEYED = TablePath.of("fluss", "keyed");
    private static final TablePath LOG = TablePath.of("fluss", "log");
    private static final TableSchema SCHEMA =
            TableSchema.of(List.of(Column.of("k", DataTypes.bigInt())), List.of("k"));

    @TempDir Path remote;
    private RunningCoordinator cluster;
    private TableBucket bucket;
    private int epoch;

    @BeforeEach
    void start() {
        cluster =
                new RunningCoordinator(
                        remote,
                        "2026-01-01T00:00:00Z",
                        Map.of("kv.snapshot.lease.expiration-check-interval", "1 min"));
        create(KEYED, TableDescriptor.of(SCHEMA));
        create(LOG, TableDescriptor.of(TableSchema.of(Column.of("k", DataTypes.bigInt()))));
        bucket = TableBucket.of(id(KEYED), 1);
        epoch = epochNow();
    }

    private void create(TablePath path, TableDescriptor d) {
        cluster.run(() -> cluster.get().createTable(path, d.withBuckets(2), false));
    }

    private long id(TablePath path) {
        return cluster.get().image().existing(path).info().tableId();
    }

    private int epochNow() {
        return cluster.get()
                .image()
                .existing(KEYED)
                .buckets()
                .get(TableBucket.NO_PARTITION)
                .get(1)
                .state()
                .leaderEpoch();
    }

    private <T> T ask(Function<KvSnapshotRegistry, T> question) {
        Coordinator c = cluster.get();
        return cluster.run(() -> c.onCatalogue(() -> question.apply(c.kvSnapshots())));
    }

    private List<Entry> entries(Function<KvSnapshotRegistry, List<Entry>> question) {
        return ask(question);
    }

    private Entry commit(long offset) {
        long id = ask(r -> r.begin(bucket, epoch));
        Path file = remote.resolve("snap-" + id);
        KvSnapshot snapshot =
                new KvSnapshot(
                        bucket,
                        id,
                        remote.toString(),
                        List.of(new KvSnapshot.File(remote + "/a", 5, "000001.sst")),
                        List.of(new KvSnapshot.File(remote + "/b", 6, "CURRENT")),
                        11,
                        offset,
                        OptionalLong.empty(),
                        List.of());
        try {
            Files.write(file, KvSnapshotJson.write(snapshot));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        Entry e = new Entry(id, file.toString(), offset);
        assertThat(entries(r -> r.commit(bucket, epoch, e))).contains(e);
        return e;
    }

    private SnapshotApi api() {
        return new SnapshotApi(cluster.get());
    }

    private GetLatestKvSnapshotsResponse latest() {
        return cluster.run(
                () ->
                        api().latest(
                                        GetLatestKvSnapshotsRequest.newBuilder()
                                                .setTablePath(Wire.path(KEYED))
                                                .build()));
    }

    private List<Long> listed() {
        return cluster
                .run(
                        () ->
                                api().list(
                                                ListKvSnapshotsRequest.newBuilder()
                                                        .setTableId(bucket.tableId())
                                                        .build()))
                .getActiveSnapshotsList()
                .stream()
                .map(PbKvSnapshot::getSnapshotId)
                .toList();
    }

    private AcquireKvSnapshotLeaseRequest wanted(long tableId, long snapshot, Duration duration) {
        return AcquireKvSnapshotLeaseRequest.newBuilder()
                .setLeaseId("a/b ..")
                .setLeaseDurationMs(duration.toMillis())
                .addSnapshotsToLease(
                        PbKvSnapshotLeaseForTable.newBuilder()
                                .setTableId(tableId)
                                .addBucketSnapshots(
                                        PbKvSnapshotLeaseForBucket.newBuilder()
                                                .setBucketId(1)
                                                .setSnapshotId(snapshot)))
                .build();
    }

    private AcquireKvSnapshotLeaseResponse acquire(long snapshot, Duration duration) {
        return cluster.run(() -> api().acquire(wanted(bucket.tableId(), snapshot, duration)));
    }

    @Test
    void keepsTheNewestTwoAndNeverGivesAnIdTwice() {
        Entry a = commit(10);
        Entry b = commit(20);
        Entry c = commit(30);
        assertThat(a.id()).isLessThan(b.id());
        assertThat(listed()).containsExactly(b.id(), c.id());
        PbKvSnapshot newest = latest().getLatestSnapshots(1);
        assertThat(newest.getSnapshotId()).isEqualTo(c.id());
        assertThat(newest.getLogOffset()).isEqualTo(30);
        assertThat(latest().getLatestSnapshots(0).hasSnapshotId()).isFalse();
        assertThat(entries(r -> r.commit(bucket, epoch, c))).as("once more").containsExactly(b, c);
        assertThat(entries(r -> r.drop(bucket, epoch, c.id()))).containsExactly(b);
        cluster.restart();
        epoch = epochNow();
        assertThat(entries(r -> r.read(bucket, epoch))).containsExactly(b);
        long next = ask(r -> r.begin(bucket, epoch));
        assertThat(next).isGreaterThan(c.id());
    }

    @Test
    void givesTheFilesOfASnapshot() {
        Entry a = commit(10);
        GetKvSnapshotMetadataRequest.Builder wanted =
                GetKvSnapshotMetadataRequest.newBuilder()
                        .setTableId(bucket.tableId())
                        .setBucketId(1);
        var found = cluster.run(() -> api().metadata(wanted.setSnapshotId(a.id()).build()));
        assertThat(found.getLogOffset()).isEqualTo(10);
        assertThat(found.getSnapshotFilesList())
                .extracting(f -> f.getLocalFileName())
                .containsExactly("000001.sst", "CURRENT");
        cluster.refused(
                ErrorReason.KV_SNAPSHOT_NOT_EXIST,
                () -> api().metadata(wanted.setSnapshotId(99).build()));
    }

    @Test
    void hearsOnlyTheLeaderThatWasElectedLast() {
        Coordinator c = cluster.get();
        cluster.refused(
                ErrorReason.FENCED_LEADER_EPOCH,
                () -> c.onCatalogue(() -> c.kvSnapshots().begin(bucket, epoch + 1)));
        cluster.refused(
                ErrorReason.UNKNOWN_TABLE_OR_BUCKET,
                () -> c.onCatalogue(() -> c.kvSnapshots().read(TableBucket.of(99, 0), 0)));
        Entry a = commit(10);
        commit(20);
        cluster.refused(
                ErrorReason.FENCED_LEADER_EPOCH,
                () ->
                        c.onCatalogue(
                                () ->
                                        c.kvSnapshots()
                                                .commit(
                                                        bucket,
                                                        epoch,
                                                        new Entry(a.id() - 1, "x", 5))));
    }

    @Test
    void aLeaseKeepsASnapshotOverRestartsUntilItIsDropped() {
        Entry a = commit(10);
        assertThat(acquire(a.id(), Duration.ofDays(1)).getUnavailableSnapshotsList()).isEmpty();
        cluster.restart();
        epoch = epochNow();
        Entry b = commit(20);
        Entry c = commit(30);
        assertThat(listed()).containsExactly(a.id(), b.id(), c.id());
        cluster.run(
                () ->
                        api().release(
                                        ReleaseKvSnapshotLeaseRequest.newBuilder()
                                                .setLeaseId("a/b ..")
                                                .addBucketsToRelease(
                                                        PbTableBucket.newBuilder()
                                                                .setTableId(bucket.tableId())
                                                                .setBucketId(0))
                                                .build()));
        assertThat(entries(r -> r.trim(bucket, epoch))).hasSize(3);
        cluster.run(
                () ->
                        api().drop(
                                        DropKvSnapshotLeaseRequest.newBuilder()
                                                .setLeaseId("a/b ..")
                                                .build()));
        assertThat(entries(r -> r.trim(bucket, epoch))).containsExactly(b, c);
        assertThat(cluster.metastore.snapshotLeases().all()).isEmpty();
    }

    @Test
    void anExpiredLeaseKeepsNothingAndGoesAway() {
        Entry a = commit(10);
        acquire(a.id(), Duration.ofSeconds(30));
        Entry b = commit(20);
        acquire(b.id(), Duration.ofSeconds(30)); // takes the place of the other one
        Entry c = commit(30);
        Entry d = commit(40);
        assertThat(listed()).containsExactly(b.id(), c.id(), d.id());
        cluster.advance(Duration.ofSeconds(31));
        assertThat(entries(r -> r.trim(bucket, epoch))).containsExactly(c, d);
        cluster.advance(Duration.ofMinutes(2));
        assertThat(cluster.metastore.snapshotLeases().all()).isEmpty();
    }

    @Test
    void saysWhatCannotBeLeased() {
        AcquireKvSnapshotLeaseResponse r = acquire(7, Duration.ofDays(1));
        assertThat(r.getUnavailableSnapshots(0).getTableId()).isEqualTo(bucket.tableId());
        assertThat(r.getUnavailableSnapshots(0).getBucketSnapshots(0).getSnapshotId()).isEqualTo(7);
        assertThat(cluster.metastore.snapshotLeases().all()).isEmpty();
        assertThatThrownBy(() -> api().acquire(wanted(id(LOG), 0, Duration.ofDays(1))))
                .hasMessageContaining("no primary key");
        assertThatThrownBy(() -> api().acquire(wanted(99, 0, Duration.ofDays(1))))
                .hasMessageContaining("does not exist");
        Entry a = commit(10);
        cluster.refused(
                ErrorReason.INVALID_CONFIG,
                () ->
                        api().acquire(
                                        wanted(bucket.tableId(), a.id(), Duration.ofDays(1))
                                                .toBuilder()
                                                .setLeaseId("")
                                                .build()));
    }

    @Test
    void aDroppedTableTakesItsSnapshotsAlong() throws IOException {
        commit(10);
        Path files = remote.resolve("kv/fluss/keyed-" + bucket.tableId() + "/1/shared/x");
        Files.createDirectories(files.getParent());
        Files.write(files, new byte[1]);
        cluster.run(() -> cluster.get().dropTable(KEYED, false));
        cluster.settle();
        assertThat(files.getParent().getParent().getParent()).doesNotExist();
        assertThat(cluster.metastore.kvSnapshots().read(bucket).entries()).isEmpty();
    }
}
