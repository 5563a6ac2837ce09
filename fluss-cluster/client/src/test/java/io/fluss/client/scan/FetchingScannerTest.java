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
package io.fluss.client.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.fluss.client.Admin;
import io.fluss.client.fake.FakeCluster;
import io.fluss.client.fake.FakeServer;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.InMemoryFileStore;
import io.fluss.formats.arrow.RowBatches;
import io.fluss.formats.log.LogBatch;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.PbFetchLogReqForBucket;
import io.fluss.protocol.messages.PbFetchLogRespForBucket;
import io.fluss.protocol.messages.PbFetchLogRespForTable;
import io.fluss.protocol.messages.PbRemoteLogFetchInfo;
import io.fluss.protocol.messages.PbRemoteLogSegment;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.time.SystemClock;
import io.fluss.types.DataTypes;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(10)
class FetchingScannerTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final TableBucket B0 = TableBucket.of(7, 0);
    private static final TableBucket B1 = TableBucket.of(7, 1);

    private final ManualClock clock = new ManualClock(0);
    private final FakeCluster fake = new FakeCluster(new ManualLoop(clock), clock);
    private final BufferAllocator allocator = new RootAllocator();
    private ScannerSettings.OutOfRange outOfRange = ScannerSettings.OutOfRange.ERROR;
    private final List<LogScanner> scanners = new ArrayList<>();
    private final InMemoryFileStore remoteFiles = new InMemoryFileStore();
    private TableInfo table = FakeCluster.table(2);
    private Optional<TableSchema> oldSchema = Optional.empty();

    @BeforeEach
    void connect() {
        fake.cluster().refresh(MetadataRequest.getDefaultInstance()).join();
    }

    @AfterEach
    void closesWithoutLeaks() {
        scanners.forEach(LogScanner::close);
        assertThat(fake.server(1).leasedCount()).as("frames that are held").isZero();
        allocator.close();
    }

    @Test
    void handsOutWhatIsBehindTheWantedOffset() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 3);
        assertThat(scanner.poll(NOW)).isEmpty();
        FakeServer.Incoming fetch = fake.server(1).take();
        assertThat(offsetOf(fetch, 0)).isEqualTo(3);
        answer(fetch, records(0, batch(0, 5), batch(5, 5)));
        assertThat(ids(scanner.poll(SOON))).containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(scanner.position(B0)).isEqualTo(10);
        assertThat(offsetOf(fake.server(1).take(), 0)).as("fetched ahead").isEqualTo(10);
    }

    @Test
    void goesOnAtTheStartIfTheOffsetIsGoneAndThatIsWanted() {
        outOfRange = ScannerSettings.OutOfRange.EARLIEST;
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 3);
        assertThat(scanner.poll(NOW)).isEmpty();
        fake.server(1).take().answer().complete(error(0, ErrorReason.LOG_OFFSET_OUT_OF_RANGE));
        assertThat(scanner.poll(NOW)).isEmpty();
        FakeServer.Incoming fetch = fake.server(1).take();
        assertThat(offsetOf(fetch, 0)).isEqualTo(LogScanner.EARLIEST);
        answer(fetch, records(0, batch(5, 2)));
        assertThat(ids(scanner.poll(SOON))).containsExactly(5L, 6L);
    }

    @Test
    void passesOverEmptyBatchesAndIgnoresACutTail() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, LogScanner.EARLIEST);
        assertThat(scanner.poll(NOW)).isEmpty();
        ByteBuffer cut = FakeCluster.batch(allocator, 2, 0, 9);
        cut.limit(cut.limit() - 5);
        answer(fake.server(1).take(), records(0, batch(0, 0), batch(1, 0), cut));
        assertThat(scanner.poll(NOW)).isEmpty();
        assertThat(scanner.position(B0)).isEqualTo(2);
        assertThat(offsetOf(fake.server(1).take(), 0)).isEqualTo(2);
    }

    @Test
    void waitsAtTheServerOnlyWhenEverythingIsHandedOut() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        scanner.subscribe(B1, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        FakeServer.Incoming first = fake.server(1).take();
        assertThat(waitMs(first)).isEqualTo(500);
        assertThat(bucketsOf(first)).containsExactlyInAnyOrder(0, 1);
        answer(first, records(0, batch(0, 600), batch(600, 600)), records(1));
        List<ScanBatch> some = scanner.poll(SOON);
        assertThat(ids(some)).hasSize(600);
        FakeServer.Incoming ahead = fake.server(1).take();
        assertThat(waitMs(ahead)).as("data was left when this was sent").isZero();
        assertThat(fake.server(1).waitingCount()).as("one fetch at a time").isZero();
        answer(ahead, records(0), records(1));
        assertThat(ids(scanner.poll(NOW))).hasSize(600);
        FakeServer.Incoming idle = fake.server(1).take();
        assertThat(waitMs(idle)).isEqualTo(500);
        assertThat(bucketsOf(idle)).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void doesNotAskAgainWhileNothingIsNewAndDataIsLeft() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        // 500 records a poll: the second batch stays behind.
        answer(fake.server(1).take(), records(0, batch(0, 600), batch(600, 600)));
        assertThat(ids(scanner.poll(SOON))).hasSize(600);
        answer(fake.server(1).take(), records(0));
        assertThat(ids(scanner.poll(SOON))).hasSize(600);
        assertThat(fake.server(1).receivedCount(ApiKey.FETCH_LOG)).isLessThanOrEqualTo(3);
    }

    @Test
    void sendsTheProjectionSortedAndRestoresTheOrder() {
        LogScanner scanner = scanner(Optional.of(List.of(1)));
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        FakeServer.Incoming fetch = fake.server(1).take();
        FetchLogRequest request = (FetchLogRequest) fetch.request();
        assertThat(request.getTablesReq(0).getProjectionPushdownEnabled()).isTrue();
        assertThat(request.getTablesReq(0).getProjectedFieldsList()).containsExactly(1);
        // A server that cannot: the columns are cut out here from then on.
        fetch.answer().complete(error(0, ErrorReason.INVALID_COLUMN_PROJECTION));
        assertThat(scanner.poll(NOW)).isEmpty();
        FakeServer.Incoming again = fake.server(1).take();
        assertThat(
                        ((FetchLogRequest) again.request())
                                .getTablesReq(0)
                                .getProjectionPushdownEnabled())
                .isFalse();
        answer(again, records(0, batch(0, 2)));
        List<ScanBatch> batches = scanner.poll(SOON);
        assertThat(batches).hasSize(1);
        try (ScanBatch b = batches.get(0)) {
            assertThat(b.rows().getFieldVectors()).hasSize(1);
            assertThat(((BigIntVector) b.rows().getVector(0)).get(1)).isEqualTo(10);
        }
    }

    @Test
    void keepsTheOrderOfTheCallerWithoutPushdown() {
        LogScanner scanner = scanner(Optional.of(List.of(1, 0)));
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        answer(fake.server(1).take(), records(0, batch(0, 2)));
        try (ScanBatch b = scanner.poll(SOON).get(0)) {
            assertThat(b.rows().getSchema().getFields())
                    .extracting(f -> f.getName())
                    .containsExactly("value", "id");
            assertThat(((BigIntVector) b.rows().getVector("id")).get(1)).isEqualTo(1);
        }
    }

    @Test
    void fillsColumnsThatABatchLacksWithNulls() {
        oldSchema = Optional.of(FakeCluster.SCHEMA);
        TableSchema wider =
                FakeCluster.SCHEMA.plus(List.of(Column.of("added", DataTypes.string())));
        table =
                new TableInfo(
                        table.path(),
                        7,
                        2,
                        new io.fluss.table.TableDescriptor(
                                wider,
                                Optional.empty(),
                                List.of(),
                                List.of(),
                                table.descriptor().bucketCount(),
                                table.descriptor().properties(),
                                java.util.Map.of()),
                        0,
                        0);
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 1);
        assertThat(scanner.poll(NOW)).isEmpty();
        answer(fake.server(1).take(), records(0, batch(0, 3)));
        try (ScanBatch b = scanner.poll(SOON).get(0)) {
            assertThat(b.rows().getRowCount()).isEqualTo(2);
            assertThat(b.rows().getVector("added").getNullCount()).isEqualTo(2);
            assertThat(((BigIntVector) b.rows().getVector("id")).get(0)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TableOptions.LogFormat.class,
            names = {"INDEXED", "COMPACTED"})
    void fetchesRowsWholeAndCutsColumnsItself(TableOptions.LogFormat format) {
        table =
                new TableInfo(
                        table.path(),
                        7,
                        1,
                        table.descriptor().withProperty(TableOptions.LOG_FORMAT, format.name()),
                        0,
                        0);
        LogScanner scanner = scanner(Optional.of(List.of(1)));
        scanner.subscribe(B0, 1);
        assertThat(scanner.poll(NOW)).isEmpty();
        FakeServer.Incoming fetch = fake.server(1).take();
        assertThat(((FetchLogRequest) fetch.request()).getTablesReq(0).getProjectedFieldsList())
                .isEmpty();
        ByteBuffer bytes;
        try (VectorSchemaRoot rows = FakeCluster.rows(allocator, 5, 3)) {
            bytes = RowBatches.encode(rows, FakeCluster.SCHEMA.rowType(), format, 1, -1, -1);
        }
        answer(fetch, records(0, bytes));
        try (ScanBatch b = scanner.poll(SOON).get(0)) {
            assertThat(b.baseOffset()).isEqualTo(1);
            assertThat(b.rows().getFieldVectors()).hasSize(1);
            assertThat(b.rows().getRowCount()).isEqualTo(2);
            assertThat(((BigIntVector) b.rows().getVector(0)).get(0)).isEqualTo(60);
        }
    }

    @Test
    void looksForTheLeaderAndGoesOn() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        fake.lead(2);
        // However long the scanner looks for the new leader: one poll waits for it.
        fake.server(2).once(ApiKey.FETCH_LOG, request -> response(records(0, batch(0, 1))));
        fake.server(1).take().answer().complete(error(0, ErrorReason.NOT_LEADER_OR_FOLLOWER));
        assertThat(ids(scanner.poll(SOON))).containsExactly(0L);
        scanners.forEach(LogScanner::close);
        assertThat(fake.server(2).leasedCount()).isZero();
    }

    @Test
    void throwsWhatCannotBeTriedAgain() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 99);
        assertThat(scanner.poll(NOW)).isEmpty();
        fake.server(1).take().answer().complete(error(0, ErrorReason.LOG_OFFSET_OUT_OF_RANGE));
        assertThatThrownBy(() -> scanner.poll(SOON))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.LOG_OFFSET_OUT_OF_RANGE))
                .hasMessageContaining("db.t bucket 7/0 at offset 99");
    }

    @Test
    void asksAgainWhenTheNamedSegmentsMakeNoSense() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        PbFetchLogRespForBucket.Builder remote =
                PbFetchLogRespForBucket.newBuilder().setBucketId(0).setHighWatermark(9);
        remote.getRemoteLogFetchInfoBuilder().setRemoteLogTabletDir("file:/x").setFirstStartPos(0);
        fake.server(1).take().answer().complete(response(remote));
        fake.server(1).once(ApiKey.FETCH_LOG, request -> response(records(0, batch(0, 2))));
        assertThat(ids(scanner.poll(SOON))).containsExactly(0L, 1L);
    }

    @Test
    void refusesADamagedBatch() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        ByteBuffer damaged = batch(0, 5);
        damaged.put(damaged.limit() - 1, (byte) ~damaged.get(damaged.limit() - 1));
        answer(fake.server(1).take(), records(0, damaged));
        assertThatThrownBy(() -> scanner.poll(SOON)).hasMessageContaining("checksum");
    }

    @Test
    void dropsAnswersForBucketsThatWereMoved() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        FakeServer.Incoming old = fake.server(1).take();
        scanner.subscribe(B0, 7);
        answer(old, records(0, batch(0, 5)));
        assertThat(scanner.poll(NOW)).isEmpty();
        assertThat(offsetOf(fake.server(1).take(), 0)).isEqualTo(7);
        scanner.unsubscribe(B0);
        assertThat(scanner.position(B0)).isEqualTo(LogScanner.EARLIEST);
    }

    @Test
    void freesAnswersThatArriveAfterItIsClosed() {
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        scanner.close();
        answer(fake.server(1).take(), records(0, batch(0, 5)));
        assertThat(fake.server(1).leasedCount()).isZero();
    }

    @Test
    void refusesPositionsThatDoNotExist() {
        for (List<Integer> bad : List.of(List.of(2), List.of(-1), List.of(0, 0))) {
            assertThatThrownBy(() -> scanner(Optional.of(bad)))
                    .as("%s", bad)
                    .hasMessageContaining("db.t");
        }
    }

    @Test
    void readsARangeToItsLastOffset() {
        LogRangeReader reader = BucketRangeReader.open(scanner(Optional.empty()), B0, 2, 9);
        answerNext(records(0, batch(0, 4)));
        assertThat(ids(List.of(reader.next().orElseThrow()))).containsExactly(2L, 3L);
        answer(fake.server(1).take(), records(0, batch(4, 4), batch(8, 4)));
        assertThat(ids(List.of(reader.next().orElseThrow()))).containsExactly(4L, 5L, 6L, 7L);
        assertThat(ids(List.of(reader.next().orElseThrow()))).containsExactly(8L);
        assertThat(reader.next()).isEmpty();
        assertThat(reader.consumedUpTo()).isEqualTo(9);
        reader.close();
    }

    @Test
    void endsARangeBehindEmptyBatches() {
        LogRangeReader reader = BucketRangeReader.open(scanner(Optional.empty()), B0, 0, 5);
        answerNext(records(0, batch(0, 3), batch(3, 0), batch(4, 0)));
        assertThat(ids(List.of(reader.next().orElseThrow()))).containsExactly(0L, 1L, 2L);
        assertThat(reader.next()).isEmpty();
        assertThat(reader.consumedUpTo()).isEqualTo(5);
        reader.close();
    }

    @Test
    void hasNothingToReadInAnEmptyRange() {
        LogRangeReader reader =
                BucketRangeReader.open(scanner(Optional.empty()), B0, LogScanner.EARLIEST, 0);
        assertThat(reader.next()).isEmpty();
        assertThat(fake.server(1).receivedCount(ApiKey.FETCH_LOG)).isZero();
        reader.close();
    }

    @Test
    void readsRemoteSegmentsItselfAndThenAsksTheLeaderAgain() {
        PbRemoteLogSegment first = segment(0, batch(0, 5), batch(5, 5), batch(10, 500));
        PbRemoteLogSegment second = segment(510, batch(510, 5));
        LogScanner scanner = scanner(Optional.of(List.of(0)));
        scanner.subscribe(B0, 3);
        assertThat(scanner.poll(NOW)).isEmpty();
        answer(fake.server(1).take(), remote(first, second));
        List<Long> read = new ArrayList<>();
        while (read.size() < 512) {
            read.addAll(ids(scanner.poll(SOON)));
        }
        assertThat(read).containsExactlyElementsOf(LongStream.range(3, 515).boxed().toList());
        assertThat(offsetOf(fake.server(1).take(), 0)).isEqualTo(515);
        assertThat(scanner.position(B0)).isEqualTo(515);
    }

    @Test
    void refusesDamagedRemoteSegments() {
        ByteBuffer damaged = batch(0, 5);
        damaged.put(damaged.limit() - 1, (byte) (damaged.get(damaged.limit() - 1) ^ 1));
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        answer(fake.server(1).take(), remote(segment(0, damaged)));
        assertThatThrownBy(() -> scanner.poll(SOON)).isInstanceOf(FlussException.class);
    }

    @Test
    void asksTheLeaderAgainForASegmentThatIsGone() {
        PbRemoteLogSegment gone = segment(0, batch(0, 5));
        remoteFiles.delete("file:///remote");
        LogScanner scanner = scanner(Optional.empty());
        scanner.subscribe(B0, 0);
        assertThat(scanner.poll(NOW)).isEmpty();
        answer(fake.server(1).take(), remote(gone));
        fake.server(1).once(ApiKey.FETCH_LOG, request -> response(records(0, batch(0, 5))));
        assertThat(ids(scanner.poll(SOON))).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    private PbRemoteLogSegment segment(long start, ByteBuffer... batches) {
        byte[] content = records(0, batches).getRecords().toByteArray();
        UUID id = new UUID(1, start);
        remoteFiles.write(
                String.format(Locale.ROOT, "file:///remote/%s/%020d.log", id, start), content);
        LogBatch last = LogBatch.at(batches[batches.length - 1], 0);
        return PbRemoteLogSegment.newBuilder()
                .setRemoteLogSegmentId(id.toString())
                .setRemoteLogStartOffset(start)
                .setRemoteLogEndOffset(last.nextOffset())
                .setSegmentSizeInBytes(content.length)
                .build();
    }

    private static PbFetchLogRespForBucket.Builder remote(PbRemoteLogSegment... segments) {
        return PbFetchLogRespForBucket.newBuilder()
                .setBucketId(0)
                .setHighWatermark(1_000)
                .setRemoteLogFetchInfo(
                        PbRemoteLogFetchInfo.newBuilder()
                                .setRemoteLogTabletDir("file:///remote")
                                .setFirstStartPos(0)
                                .addAllRemoteLogSegments(List.of(segments)));
    }

    /** Answers the first fetch, which a reader sends and waits for in one call. */
    private void answerNext(PbFetchLogRespForBucket.Builder records) {
        fake.server(1).once(ApiKey.FETCH_LOG, request -> response(records));
    }

    private LogScanner scanner(Optional<List<Integer>> columns) {
        LogScanner scanner =
                FetchingScanner.open(
                        table,
                        new ScannerSettings(
                                16 << 20,
                                1 << 20,
                                1,
                                Duration.ofMillis(500),
                                500,
                                128L << 20,
                                outOfRange),
                        fake.cluster(),
                        SystemClock.INSTANCE,
                        columns,
                        allocator,
                        admin(),
                        new RemoteFiles(remoteFiles, Runnable::run, 1 << 10));
        scanners.add(scanner);
        return scanner;
    }

    private Admin admin() {
        return (Admin)
                Proxy.newProxyInstance(
                        Admin.class.getClassLoader(),
                        new Class<?>[] {Admin.class},
                        (proxy, method, args) -> {
                            assertThat(method.getName()).isEqualTo("tableSchema");
                            return CompletableFuture.completedFuture(oldSchema.orElseThrow());
                        });
    }

    private ByteBuffer batch(long baseOffset, int count) {
        return FakeCluster.batch(allocator, baseOffset, baseOffset, count);
    }

    private static PbFetchLogRespForBucket.Builder records(int bucket, ByteBuffer... batches) {
        ByteString all = ByteString.EMPTY;
        for (ByteBuffer b : batches) {
            all = all.concat(ByteString.copyFrom(b.duplicate()));
        }
        return PbFetchLogRespForBucket.newBuilder()
                .setBucketId(bucket)
                .setHighWatermark(0)
                .setRecords(all);
    }

    private static FetchLogResponse error(int bucket, ErrorReason reason) {
        return response(
                PbFetchLogRespForBucket.newBuilder()
                        .setBucketId(bucket)
                        .setErrorCode(ErrorCodes.code(reason)));
    }

    private static FetchLogResponse response(PbFetchLogRespForBucket.Builder... buckets) {
        PbFetchLogRespForTable.Builder t = PbFetchLogRespForTable.newBuilder().setTableId(7);
        for (PbFetchLogRespForBucket.Builder b : buckets) {
            t.addBucketsResp(b);
        }
        return FetchLogResponse.newBuilder().addTablesResp(t).build();
    }

    private static void answer(
            FakeServer.Incoming fetch, PbFetchLogRespForBucket.Builder... buckets) {
        fetch.answer().complete(response(buckets));
    }

    private static int waitMs(FakeServer.Incoming fetch) {
        return ((FetchLogRequest) fetch.request()).getMaxWaitMs();
    }

    private static List<Integer> bucketsOf(FakeServer.Incoming fetch) {
        return ((FetchLogRequest) fetch.request())
                .getTablesReq(0).getBucketsReqList().stream()
                        .map(PbFetchLogReqForBucket::getBucketId)
                        .toList();
    }

    private static long offsetOf(FakeServer.Incoming fetch, int bucket) {
        return ((FetchLogRequest) fetch.request())
                .getTablesReq(0).getBucketsReqList().stream()
                        .filter(b -> b.getBucketId() == bucket)
                        .findFirst()
                        .orElseThrow()
                        .getFetchOffset();
    }

    private static List<Long> ids(List<ScanBatch> batches) {
        List<Long> all = new ArrayList<>();
        for (ScanBatch b : batches) {
            try (b) {
                BigIntVector id = (BigIntVector) b.rows().getVector("id");
                IntStream.range(0, b.rows().getRowCount()).mapToObj(id::get).forEach(all::add);
            }
        }
        return all;
    }
}
