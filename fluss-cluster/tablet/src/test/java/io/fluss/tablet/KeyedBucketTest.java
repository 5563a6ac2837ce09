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
import com.google.protobuf.InvalidProtocolBufferException;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.kv.ValueBatch;
import io.fluss.formats.row.RowFormat;
import io.fluss.kv.KvSettings;
import io.fluss.log.LogSettings;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.LookupRequest;
import io.fluss.protocol.messages.LookupResponse;
import io.fluss.protocol.messages.PbLookupReqForBucket;
import io.fluss.protocol.messages.PbLookupRespForBucket;
import io.fluss.protocol.messages.PbPutKvReqForBucket;
import io.fluss.protocol.messages.PbPutKvRespForBucket;
import io.fluss.protocol.messages.PbScanReqForBucket;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.PutKvResponse;
import io.fluss.protocol.messages.ScanKvRequest;
import io.fluss.protocol.messages.ScanKvResponse;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upserts and lookups through the handlers, with restarts between. */
class KeyedBucketTest {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(Column.of("k", DataTypes.bigInt()), Column.of("v", DataTypes.bigInt())),
                    List.of("k"));
    private static final TableInfo KEYED = table(7, TableDescriptor.of(SCHEMA));
    private static final TableInfo FSYNC =
            table(8, TableDescriptor.of(SCHEMA).withProperty("table.log.durability", "fsync"));
    private static final TableInfo LOG =
            table(9, TableDescriptor.of(TableSchema.of(SCHEMA.columns().toArray(Column[]::new))));
    private static final TableSchema WITH_ID =
            new TableSchema(
                    List.of(
                            new Column(
                                    "k", DataTypes.bigInt(), Optional.empty(), 0, Optional.empty()),
                            new Column(
                                    "v",
                                    DataTypes.bigInt(),
                                    Optional.empty(),
                                    1,
                                    Optional.empty())),
                    List.of("k"),
                    Optional.of("v"),
                    1);
    private static final TableInfo NUMBERED =
            table(
                    10,
                    TableDescriptor.of(WITH_ID)
                            .withProperty("table.auto-increment.cache-size", "3"));
    private static final List<TableInfo> ALL = List.of(KEYED, FSYNC, LOG, NUMBERED);
    private static final RequestContext CONTEXT =
            new RequestContext((short) 1, "test", new InetSocketAddress(0), new ConnectionNotes());

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock(10_000);
    private final ManualLoop loop = new ManualLoop(clock);
    private final ManualLoop disk = new ManualLoop(clock);
    private final List<Runnable> recoveries = new ArrayList<>();
    private boolean isRecoveryHeld;
    private ReplicaHost host;

    private static TableInfo table(long id, TableDescriptor d) {
        return new TableInfo(TablePath.of("db", "t" + id), id, 1, d.withBuckets(1), 0, 0);
    }

    @BeforeEach
    void open() {
        openHost();
        for (TableInfo t : ALL) {
            CompletableFuture<?> led = lead(t);
            assertThat(led)
                    .isCompletedWithValueMatching(m -> m.toString().contains("Optional.empty"));
        }
    }

    private CompletableFuture<?> lead(TableInfo t) {
        CompletableFuture<?> led =
                host.becomeLeaders(
                        List.of(
                                new LeaderAssignment(
                                        t,
                                        Optional.empty(),
                                        TableBucket.of(t.tableId(), 0),
                                        0,
                                        0,
                                        List.of(1),
                                        List.of(1))));
        loop.runAll();
        return led;
    }

    private void recover(Runnable task) {
        if (isRecoveryHeld) {
            recoveries.add(task);
        } else {
            task.run();
        }
    }

    private void releaseRecoveries() {
        List.copyOf(recoveries).forEach(Runnable::run);
        recoveries.clear();
        loop.runAll();
    }

    private void openHost() {
        host =
                ReplicaHost.on(
                        new TabletSettings(
                                1,
                                1000,
                                10,
                                1,
                                Duration.ofMinutes(10),
                                StorageSettings.from(
                                        Settings.of(
                                                Map.of("server.data-disk.write-limit-ratio", "1"))),
                                new LogSettings(
                                        1 << 20,
                                        4096,
                                        10 << 20,
                                        Long.MAX_VALUE,
                                        Duration.ofDays(7)),
                                KvSettings.of(
                                        Settings.of(Map.of("kv.memory.hot-rows-size", "1mb"))),
                                ScanSettings.of(Settings.of(Map.of()))),
                        dir,
                        1,
                        clock,
                        () -> CompletableFuture.completedFuture(42L),
                        Optional.empty(),
                        List.of(loop),
                        disk,
                        this::recover);
    }

    @AfterEach
    void close() {
        CompletableFuture<Void> stopped =
                host.stopReplicas(
                        ALL.stream().map(t -> TableBucket.of(t.tableId(), 0)).toList(), false);
        loop.runAll();
        stopped.join();
        host.close();
        loop.runAll();
    }

    private static ByteString upserts(int sequence, long... keysAndValues) {
        KvBatchWriter writer = new KvBatchWriter(RowFormat.COMPACTED.encoder(SCHEMA.rowType()));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            writer.upsert(key(keysAndValues[i]), new Pair(keysAndValues[i], keysAndValues[i + 1]));
        }
        return ByteString.copyFrom(writer.finish(1, 42, sequence));
    }

    private static byte[] key(long k) {
        return io.fluss.formats.keys.KeyEncoder.forPrimaryKey(KEYED.descriptor())
                .encode(new Pair(k, 0));
    }

    private Answer startPut(TableInfo t, ByteString records, Integer... targets) {
        Answer a = new Answer();
        new PutHandler(host)
                .handle(
                        PutKvRequest.newBuilder()
                                .addAllTargetColumns(List.of(targets))
                                .setAcks(-1)
                                .setTableId(t.tableId())
                                .setTimeoutMs(1000)
                                .addBucketsReq(
                                        PbPutKvReqForBucket.newBuilder()
                                                .setBucketId(0)
                                                .setRecords(records))
                                .build(),
                        CONTEXT,
                        a);
        loop.runAll();
        return a;
    }

    private PbPutKvRespForBucket put(TableInfo t, ByteString records, Integer... targets) {
        return ((PutKvResponse) startPut(t, records, targets).join()).getBucketsResp(0);
    }

    private PbLookupRespForBucket find(TableInfo t, long... keys) {
        PbLookupReqForBucket.Builder q = PbLookupReqForBucket.newBuilder().setBucketId(0);
        for (long k : keys) {
            q.addKeys(ByteString.copyFrom(key(k)));
        }
        Answer a = new Answer();
        new LookupHandlers(host)
                .lookup(
                        LookupRequest.newBuilder().setTableId(t.tableId()).addBucketsReq(q).build(),
                        CONTEXT,
                        a);
        return ((LookupResponse) a.join()).getBucketsResp(0);
    }

    /** The v of each key, -1 for none. */
    private List<Long> values(TableInfo t, long... keys) throws InvalidProtocolBufferException {
        PbLookupRespForBucket r = find(t, keys);
        assertThat(r.hasErrorCode()).isFalse();
        List<Long> values = new ArrayList<>();
        var reader = RowFormat.COMPACTED.reader(SCHEMA.rowType());
        for (var v : r.getValuesList()) {
            byte[] bytes = v.getValues().toByteArray();
            values.add(
                    v.hasValues()
                            ? reader.open(
                                            java.nio.ByteBuffer.wrap(bytes)
                                                    .order(java.nio.ByteOrder.LITTLE_ENDIAN),
                                            2,
                                            bytes.length - 2)
                                    .integer(1)
                            : -1L);
        }
        return values;
    }

    @Test
    void rowsAreFoundAfterAnOrderlyRestartAndAfterACrash() throws IOException {
        assertThat(put(KEYED, upserts(0, 1, 10, 2, 20)).getLogEndOffset()).isEqualTo(2);
        assertThat(put(KEYED, upserts(1, 1, 11)).getLogEndOffset()).isEqualTo(4);
        assertThat(values(KEYED, 1, 2, 3)).containsExactly(11L, 20L, -1L);

        close();
        Path mark = mark();
        assertThat(mark).content().isEqualTo("4 2\n");
        open();
        assertThat(mark).doesNotExist();
        assertThat(values(KEYED, 1, 2, 3)).containsExactly(11L, 20L, -1L);
        assertThat(put(KEYED, upserts(2, 3, 30)).getLogEndOffset()).isEqualTo(5);

        close();
        Files.delete(mark()); // as after a crash: nobody can say what the files hold
        open();
        assertThat(values(KEYED, 1, 2, 3)).containsExactly(11L, 20L, 30L);
    }

    @Test
    void aBucketIsNotLedUntilItsRowsAreBack() throws IOException {
        put(KEYED, upserts(0, 1, 10, 2, 20));
        close();
        isRecoveryHeld = true;
        openHost();
        CompletableFuture<?> first = lead(KEYED);
        CompletableFuture<?> again = lead(KEYED); // as when the coordinator has lost the answer
        assertThat(first).isNotDone();
        assertThat(again).isNotDone();
        int notLeader = ErrorCodes.code(ErrorReason.NOT_LEADER_OR_FOLLOWER);
        assertThat(find(KEYED, 1).getErrorCode()).isEqualTo(notLeader);
        assertThat(put(KEYED, upserts(1, 1, 11)).getErrorCode()).isEqualTo(notLeader);
        assertThat(recoveries).hasSize(1);

        releaseRecoveries();
        assertThat(first).isCompleted();
        assertThat(again)
                .isCompletedWithValueMatching(m -> m.toString().contains("Optional.empty"));
        assertThat(values(KEYED, 1, 2)).containsExactly(10L, 20L);
        assertThat(put(KEYED, upserts(1, 1, 11)).hasErrorCode()).isFalse();
        assertThat(values(KEYED, 1, 2)).containsExactly(11L, 20L);
    }

    @Test
    void aTableDroppedWhileItsRowsComeBackLeavesNothing() throws IOException {
        put(KEYED, upserts(0, 1, 10));
        close();
        isRecoveryHeld = true;
        openHost();
        CompletableFuture<?> led = lead(KEYED);
        CompletableFuture<Void> stopped =
                host.stopReplicas(List.of(TableBucket.of(KEYED.tableId(), 0)), true);
        loop.runAll();
        assertThat(stopped).isNotDone();
        CompletableFuture<?> again = lead(KEYED); // goes on behind the stop, on an empty log

        releaseRecoveries();
        assertThat(stopped).isCompleted();
        assertThat(led).isCompletedWithValueMatching(m -> m.toString().contains("not led by this"));
        releaseRecoveries();
        assertThat(again)
                .isCompletedWithValueMatching(m -> m.toString().contains("Optional.empty"));
        assertThat(values(KEYED, 1)).containsExactly(-1L);
    }

    private Path mark() throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(p -> p.toString().contains("t7-7"))
                    .filter(p -> p.toString().endsWith("kv-0.closed"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aBatchSentAgainChangesNothing() throws IOException {
        put(KEYED, upserts(0, 1, 10));
        put(KEYED, upserts(1, 1, 11));
        assertThat(put(KEYED, upserts(0, 1, 10)).getLogEndOffset()).isEqualTo(1);
        assertThat(values(KEYED, 1)).containsExactly(11L);
    }

    @Test
    void lookupsSeeNoRowThatCouldStillBeLost() throws IOException {
        Answer a = startPut(FSYNC, upserts(0, 1, 10));
        assertThat(a.message).isNotDone();
        assertThat(values(FSYNC, 1)).containsExactly(-1L);
        // The next write must see it all the same.
        Answer b = startPut(FSYNC, upserts(1, 1, 11));
        disk.runAll();
        loop.runAll();
        disk.runAll();
        loop.runAll();
        assertThat(a.message).isDone();
        assertThat(((PutKvResponse) b.join()).getBucketsResp(0).getLogEndOffset()).isEqualTo(3);
        assertThat(values(FSYNC, 1)).containsExactly(11L);
    }

    @Test
    void logTablesHaveNoKeys() {
        int wanted = ErrorCodes.code(ErrorReason.NON_PRIMARY_KEY_TABLE);
        assertThat(put(LOG, upserts(0, 1, 10)).getErrorCode()).isEqualTo(wanted);
        assertThat(find(LOG, 1).getErrorCode()).isEqualTo(wanted);
    }

    @Test
    void aDamagedBatchIsRefusedAndNothingIsLogged() throws IOException {
        byte[] bytes = upserts(0, 1, 10).toByteArray();
        bytes[bytes.length - 1] ^= 1;
        assertThat(put(KEYED, ByteString.copyFrom(bytes)).getErrorCode())
                .isEqualTo(ErrorCodes.code(ErrorReason.CORRUPT_RECORD));
        assertThat(put(KEYED, upserts(0, 1, 10)).getLogEndOffset()).isEqualTo(1);
    }

    // ---- auto-increment columns

    @Test
    void writesWaitForNumbersInOrderAndUpdatesKeepThem() throws IOException {
        List<CompletableFuture<Long>> taken = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        host.increments(
                (table, count) -> {
                    taken.add(new CompletableFuture<>());
                    counts.add(count);
                    return taken.get(taken.size() - 1);
                });
        Answer first = startPut(NUMBERED, upserts(0, 1, 0, 2, 0), 0);
        Answer second = startPut(NUMBERED, upserts(1, 2, 0, 3, 0, 4, 0), 0);
        assertThat(first.message).isNotDone();
        taken.get(0).complete(1L);
        loop.runAll();
        assertThat(first.message).isCompleted();
        assertThat(second.message).as("one number is left, three may be needed").isNotDone();
        assertThat(counts).containsExactly(3L, 3L);
        taken.get(1).complete(100L);
        loop.runAll();
        assertThat(second.message).isCompleted();
        assertThat(values(NUMBERED, 1, 2, 3, 4)).containsExactly(1L, 2L, 3L, 100L);
    }

    @Test
    void writesThatGetNoNumberAreRefusedAndLaterOnesTryAgain() {
        host.increments(
                (table, count) ->
                        CompletableFuture.failedFuture(ErrorReason.STORAGE.exception("away")));
        assertThat(put(NUMBERED, upserts(0, 1, 0), 0).getErrorMessage()).isEqualTo("away");
        host.increments((table, count) -> CompletableFuture.completedFuture(1L));
        assertThat(put(NUMBERED, upserts(0, 1, 0), 0).hasErrorCode()).isFalse();
        assertThat(put(NUMBERED, upserts(1, 2, 0)).getErrorCode())
                .as("without target columns")
                .isEqualTo(ErrorCodes.code(ErrorReason.INVALID_TARGET_COLUMN));
    }

    @Test
    void aLookupInsertsWhatIsMissing() throws IOException {
        host.increments((table, count) -> CompletableFuture.completedFuture(7L));
        assertThat(insertingLookup(NUMBERED, key(5)).getValuesCount()).isEqualTo(1);
        assertThat(insertingLookup(NUMBERED, key(5)).getValuesCount()).isEqualTo(1);
        assertThat(values(NUMBERED, 5)).containsExactly(7L);
        PbLookupRespForBucket refused = insertingLookup(NUMBERED, new byte[] {1, 2, 3});
        assertThat(refused.getErrorCode())
                .isEqualTo(ErrorCodes.code(ErrorReason.INVALID_TARGET_COLUMN));
        assertThat(refused.getErrorMessage()).contains("db.t10", "[k]");
    }

    private PbLookupRespForBucket insertingLookup(TableInfo t, byte[] key) {
        Answer a = new Answer();
        new LookupHandlers(host)
                .lookup(
                        LookupRequest.newBuilder()
                                .setTableId(t.tableId())
                                .setInsertIfNotExists(true)
                                .setAcks(-1)
                                .setTimeoutMs(1000)
                                .addBucketsReq(
                                        PbLookupReqForBucket.newBuilder()
                                                .setBucketId(0)
                                                .addKeys(ByteString.copyFrom(key)))
                                .build(),
                        CONTEXT,
                        a);
        loop.runAll();
        return ((LookupResponse) a.join()).getBucketsResp(0);
    }

    // ---- scans of all rows

    private final List<KvScans> scanners = new ArrayList<>();

    private ScanKvResponse scan(ScanKvRequest.Builder request) {
        if (scanners.isEmpty()) {
            scanners.add(
                    new KvScans(
                            host,
                            new ScanSettings(2, 100, Duration.ofMinutes(10), 1 << 20),
                            clock));
        }
        Answer a = new Answer();
        scanners.get(0).handle(request.build(), CONTEXT, a);
        return (ScanKvResponse) a.join();
    }

    private ScanKvRequest.Builder openScan(TableInfo t, long limit) {
        return ScanKvRequest.newBuilder()
                .setCallSeqId(0)
                .setBatchSizeBytes(1)
                .setBucketScanReq(
                        PbScanReqForBucket.newBuilder()
                                .setTableId(t.tableId())
                                .setBucketId(0)
                                .setLimit(limit));
    }

    private static ScanKvRequest.Builder goOn(ScanKvResponse before, int call) {
        return ScanKvRequest.newBuilder()
                .setScannerId(before.getScannerId())
                .setCallSeqId(call)
                .setBatchSizeBytes(1);
    }

    private static int code(ErrorReason reason) {
        return ErrorCodes.code(reason);
    }

    @Test
    void aScanGivesTheRowsOfTheMomentItWasOpened() {
        assertThat(scan(openScan(KEYED, 0)))
                .isEqualTo(
                        ScanKvResponse.newBuilder()
                                .setHasMoreResults(false)
                                .setLogOffset(0)
                                .build());
        put(KEYED, upserts(0, 1, 10, 2, 20, 3, 30));
        ScanKvResponse first = scan(openScan(KEYED, 0));
        assertThat(first.getLogOffset()).isEqualTo(3);
        put(KEYED, upserts(1, 2, 21, 4, 40));
        int rows = ValueBatch.values(first.getRecords().asReadOnlyByteBuffer()).size();
        ScanKvResponse next = first;
        for (int call = 1; next.getHasMoreResults(); call++) {
            next = scan(goOn(first, call));
            assertThat(next.hasLogOffset()).isFalse();
            rows += ValueBatch.values(next.getRecords().asReadOnlyByteBuffer()).size();
        }
        assertThat(rows).isEqualTo(3);
        assertThat(scan(goOn(first, 3)).getErrorCode())
                .isEqualTo(code(ErrorReason.UNKNOWN_SCANNER_ID));
        assertThat(scan(openScan(KEYED, 1)).getHasMoreResults()).isFalse();
    }

    @Test
    void scansThatAreWrongTooManyOrIdleAreRefused() {
        put(KEYED, upserts(0, 1, 10, 2, 20, 3, 30));
        ScanKvResponse a = scan(openScan(KEYED, 0));
        ScanKvResponse b = scan(openScan(KEYED, 0));
        assertThat(scan(openScan(KEYED, 0)).getErrorCode())
                .isEqualTo(code(ErrorReason.TOO_MANY_SCANNERS));
        assertThat(scan(goOn(a, 2)).getErrorCode())
                .isEqualTo(code(ErrorReason.INVALID_SCAN_REQUEST));
        assertThat(scan(goOn(a, 1)).getErrorCode())
                .as("an error ends the scan")
                .isEqualTo(code(ErrorReason.UNKNOWN_SCANNER_ID));
        clock.advance(Duration.ofMinutes(11));
        scanners.get(0).expire();
        assertThat(scan(goOn(b, 1)).getErrorCode()).isEqualTo(code(ErrorReason.SCANNER_EXPIRED));
        ScanKvResponse c = scan(openScan(KEYED, 0));
        ScanKvRequest.Builder close =
                ScanKvRequest.newBuilder().setScannerId(c.getScannerId()).setCloseScanner(true);
        assertThat(scan(close).hasErrorCode()).isFalse();
        assertThat(scan(close).hasErrorCode()).as("closed twice").isFalse();
        assertThat(scan(ScanKvRequest.newBuilder()).getErrorCode())
                .isEqualTo(code(ErrorReason.INVALID_SCAN_REQUEST));
        assertThat(scan(openScan(LOG, 0)).getErrorCode())
                .isEqualTo(code(ErrorReason.NON_PRIMARY_KEY_TABLE));
    }

    @Test
    void aScanEndsWithItsBucket() {
        put(KEYED, upserts(0, 1, 10, 2, 20));
        ScanKvResponse first = scan(openScan(KEYED, 0));
        close();
        assertThat(scan(goOn(first, 1)).getErrorCode())
                .isIn(code(ErrorReason.NOT_LEADER_OR_FOLLOWER), code(ErrorReason.KV_STORAGE));
        open();
    }
}
