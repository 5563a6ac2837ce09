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

import com.google.protobuf.ByteString;
import io.fluss.filestore.FileStores;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.row.RowFormat;
import io.fluss.kv.BucketRows;
import io.fluss.log.LogView;
import io.fluss.protocol.messages.PbPutKvReqForBucket;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.PutKvResponse;
import io.fluss.remote.ManifestRegistry;
import io.fluss.remote.RemoteLogSettings;
import io.fluss.remote.RemoteLogs;
import io.fluss.remote.snapshot.SnapshotRegistry;
import io.fluss.remote.snapshot.SnapshotSettings;
import io.fluss.remote.snapshot.Snapshots;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.transport.ConnectionNotes;
import io.fluss.transport.RequestContext;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random writes, snapshots, copied and expired segments, orderly ends and crashes that leave more
 * or less of the local rows: what is read is always what a map would hold, and the log still goes
 * back to what snapshots need.
 */
class KeyedSnapshotModelTest {
    private static final TableBucket BUCKET = TableBucket.of(7, 0);
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(Column.of("k", DataTypes.bigInt()), Column.of("v", DataTypes.bigInt())),
                    List.of("k"));
    private static final TableInfo TABLE =
            new TableInfo(
                    TablePath.of("db", "t"),
                    7,
                    1,
                    TableDescriptor.of(SCHEMA)
                            .withBuckets(1)
                            .withProperty("table.log.ttl", "10 min")
                            .withProperty("table.log.tiered.local-segments", "1"),
                    0,
                    0);
    private static final RequestContext CONTEXT =
            new RequestContext((short) 1, "test", new InetSocketAddress(0), new ConnectionNotes());
    private static final int KEYS = 60;
    private static final int STEPS = 50;

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock(10_000);
    private final ManualLoop loop = new ManualLoop(clock);
    private final FileStores files = FileStores.open(Settings.of(Map.of()));
    private final Manifests manifests = new Manifests();
    private final Registered registered = new Registered();
    private final Map<Long, Long> model = new TreeMap<>();
    private ReplicaHost host;
    private int epoch;
    private int sequence;

    /** The coordinator's side in memory. */
    private static final class Manifests implements ManifestRegistry {
        private Optional<Commit> valid = Optional.empty();

        @Override
        public Optional<String> read(TableBucket bucket, int leaderEpoch) {
            return valid.map(Commit::manifest);
        }

        @Override
        public void commit(Commit commit) {
            assertThat(commit.previous()).isEqualTo(valid.map(Commit::manifest));
            valid = Optional.of(commit);
        }
    }

    /** As above, of snapshots; keeps the two newest and one that is leased. */
    private static final class Registered implements SnapshotRegistry {
        private List<Entry> entries = List.of();
        private long leased = -1;
        private long nextId;

        @Override
        public Known read(TableBucket bucket, int leaderEpoch) {
            return new Known(entries);
        }

        @Override
        public long begin(TableBucket bucket, int leaderEpoch) {
            return nextId++;
        }

        @Override
        public Known commit(TableBucket bucket, int leaderEpoch, Entry snapshot) {
            List<Entry> all = new ArrayList<>(entries);
            all.add(snapshot);
            entries = all;
            return trim(bucket, leaderEpoch);
        }

        @Override
        public Known trim(TableBucket bucket, int leaderEpoch) {
            int newest = entries.size() - 2;
            List<Entry> all = entries;
            entries =
                    IntStream.range(0, all.size())
                            .filter(i -> i >= newest || all.get(i).id() == leased)
                            .mapToObj(all::get)
                            .toList();
            return new Known(entries);
        }

        @Override
        public Known drop(TableBucket bucket, int leaderEpoch, long snapshotId) {
            throw new AssertionError("snapshot " + snapshotId + " is not broken");
        }
    }

    private void open(boolean isRemoteOn) {
        Settings settings =
                Settings.of(
                        Map.of(
                                "server.data-disk.write-limit-ratio",
                                "1",
                                "kv.memory.hot-rows-size",
                                "1mb",
                                "log.segment.file-size",
                                "1kb",
                                "kv.snapshot.interval",
                                "1 min",
                                "remote.log.task-interval-duration",
                                isRemoteOn ? "1 min" : "0"));
        String root = "file://" + dir.resolve("remote");
        TabletSettings tablet = TabletSettings.from(settings);
        host =
                ReplicaHost.on(
                        tablet,
                        dir.resolve("local"),
                        1,
                        clock,
                        () -> CompletableFuture.completedFuture(42L),
                        Optional.of(
                                RemoteLogs.of(
                                        RemoteLogSettings.from(settings),
                                        root,
                                        files,
                                        manifests,
                                        Runnable::run)),
                        List.of(loop),
                        loop);
        host.snapshots(
                new Snapshots(
                        SnapshotSettings.from(settings), root, files, registered, Runnable::run));
        host.startTimers(loop);
        CompletableFuture<?> led =
                host.becomeLeaders(
                        List.of(
                                new LeaderAssignment(
                                        TABLE,
                                        Optional.empty(),
                                        BUCKET,
                                        epoch++,
                                        0,
                                        List.of(1),
                                        List.of(1))));
        loop.runAll();
        assertThat(led).isCompletedWithValueMatching(m -> m.toString().contains("Optional.empty"));
    }

    private void close() {
        CompletableFuture<Void> stopped = host.stopReplicas(List.of(BUCKET), false);
        loop.runAll();
        stopped.join();
        host.close();
        loop.runAll();
    }

    private Path rows() {
        return dir.resolve("local").resolve("db").resolve("t-7").resolve("kv-0");
    }

    private void put(Random random) {
        KvBatchWriter writer = new KvBatchWriter(RowFormat.COMPACTED.encoder(SCHEMA.rowType()));
        KeyEncoder keys = KeyEncoder.forPrimaryKey(TABLE.descriptor());
        int count = 1 + random.nextInt(10);
        for (int i = 0; i < count; i++) {
            Pair row = new Pair(random.nextInt(KEYS), random.nextInt(1000));
            if (random.nextInt(4) == 0) {
                writer.delete(keys.encode(row));
                model.remove(row.k());
            } else {
                writer.upsert(keys.encode(row), row);
                model.put(row.k(), row.v());
            }
        }
        ByteString records = ByteString.copyFrom(writer.finish(1, 42, sequence++));
        Answer answer = new Answer();
        new PutHandler(host)
                .handle(
                        PutKvRequest.newBuilder()
                                .setAcks(-1)
                                .setTableId(TABLE.tableId())
                                .setTimeoutMs(1000)
                                .addBucketsReq(
                                        PbPutKvReqForBucket.newBuilder()
                                                .setBucketId(0)
                                                .setRecords(records))
                                .build(),
                        CONTEXT,
                        answer);
        loop.runAll();
        assertThat(((PutKvResponse) answer.join()).getBucketsResp(0).hasErrorCode()).isFalse();
    }

    private void check() {
        BucketRows rows = host.serving(BUCKET).rowsByKey();
        KeyEncoder keys = KeyEncoder.forPrimaryKey(TABLE.descriptor());
        List<byte[]> wanted = new ArrayList<>();
        for (long k = 0; k < KEYS; k++) {
            wanted.add(keys.encode(new Pair(k, 0)));
        }
        var reader = RowFormat.COMPACTED.reader(SCHEMA.rowType());
        Map<Long, Long> found = new TreeMap<>();
        List<byte[]> values = rows.lookup(wanted);
        for (int k = 0; k < KEYS; k++) {
            byte[] v = values.get(k);
            if (v != null) {
                ByteBuffer bytes = ByteBuffer.wrap(v).order(ByteOrder.LITTLE_ENDIAN);
                found.put((long) k, reader.open(bytes, 2, v.length - 2).integer(1));
            }
        }
        assertThat(found).isEqualTo(model);
        assertThat(rows.rowCount()).hasValue(model.size());
    }

    /** What recovery and readers of snapshots need is there, locally or remotely. */
    private void checkLogGoesBackFarEnough() {
        LogView log = host.serving(BUCKET).log();
        long needed =
                registered.entries.stream()
                        .mapToLong(SnapshotRegistry.Entry::logOffset)
                        .min()
                        .orElse(0);
        long start =
                Math.min(
                        log.startOffset(),
                        manifests.valid.map(ManifestRegistry.Commit::startOffset).orElse(0L));
        if (manifests.valid.isEmpty()) {
            start = log.startOffset();
        }
        assertThat(start).isLessThanOrEqualTo(needed);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void readsWhatWasWritten(long seed) throws IOException {
        Random random = new Random(seed);
        boolean isRemoteOn = random.nextBoolean();
        open(isRemoteOn);
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> put(random);
                case 4 -> loop.advance(Duration.ofMinutes(1));
                case 5 -> loop.advance(Duration.ofMinutes(6));
                case 6 ->
                        registered.leased =
                                registered.entries.isEmpty() || random.nextBoolean()
                                        ? -1
                                        : registered.entries.get(0).id();
                default -> restart(random, isRemoteOn);
            }
            check();
            checkLogGoesBackFarEnough();
        }
        close();
        files.close();
    }

    private void restart(Random random, boolean isRemoteOn) throws IOException {
        close();
        int loss = random.nextInt(3);
        if (loss > 0) {
            // As after a crash: nobody can say what the files hold, or they are gone.
            Files.deleteIfExists(rows().resolveSibling("kv-0.closed"));
        }
        if (loss > 1) {
            DirectoryTree.delete(rows());
        }
        open(isRemoteOn);
    }

    @Test
    void comesBackFromASnapshotAndTheRemoteLogWhenTheLocalLogBeginsLater() throws IOException {
        Random random = new Random(99);
        open(true);
        put(random);
        loop.advance(Duration.ofMinutes(1));
        loop.advance(Duration.ofMinutes(1));
        assertThat(registered.entries).hasSize(1);
        long offset = registered.entries.get(0).logOffset();
        for (int i = 0; i < 40; i++) {
            put(random);
        }
        // A second snapshot lets local segments go; then it is taken for missing.
        loop.advance(Duration.ofMinutes(1));
        loop.advance(Duration.ofMinutes(1));
        loop.advance(Duration.ofMinutes(1));
        assertThat(host.serving(BUCKET).log().startOffset()).isGreaterThan(offset);
        registered.entries = registered.entries.subList(0, 1);
        close();
        Files.delete(rows().resolveSibling("kv-0.closed"));
        open(true);
        check();
        close();
        files.close();
    }
}
