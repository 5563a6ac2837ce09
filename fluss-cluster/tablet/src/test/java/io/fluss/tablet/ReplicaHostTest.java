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
import com.google.protobuf.MessageLite;
import io.fluss.bytes.ByteParts;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.arrow.RowBatches;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.statistics.StatisticsColumns;
import io.fluss.kv.KvSettings;
import io.fluss.log.LogSettings;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.protocol.messages.GetTableStatsRequest;
import io.fluss.protocol.messages.GetTableStatsResponse;
import io.fluss.protocol.messages.InitWriterRequest;
import io.fluss.protocol.messages.InitWriterResponse;
import io.fluss.protocol.messages.LimitScanRequest;
import io.fluss.protocol.messages.LimitScanResponse;
import io.fluss.protocol.messages.ListOffsetsRequest;
import io.fluss.protocol.messages.ListOffsetsResponse;
import io.fluss.protocol.messages.PbFetchLogReqForBucket;
import io.fluss.protocol.messages.PbFetchLogReqForTable;
import io.fluss.protocol.messages.PbFetchLogRespForBucket;
import io.fluss.protocol.messages.PbLeafPredicate;
import io.fluss.protocol.messages.PbLiteralValue;
import io.fluss.protocol.messages.PbPredicate;
import io.fluss.protocol.messages.PbProduceLogReqForBucket;
import io.fluss.protocol.messages.PbProduceLogRespForBucket;
import io.fluss.protocol.messages.PbTableStatsReqForBucket;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.protocol.messages.ProduceLogResponse;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.transport.ConnectionNotes;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicaHostTest {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    Column.of("a", DataTypes.integer()),
                    Column.of("b", DataTypes.string()),
                    Column.of("c", DataTypes.bigInt()));
    private static final RequestContext CONTEXT =
            new RequestContext((short) 0, "test", new InetSocketAddress(0), new ConnectionNotes());

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock(10_000);
    private final ManualLoop loop = new ManualLoop(clock);
    private final BufferAllocator allocator = new RootAllocator();
    private ReplicaHost host;

    /** Keeps the answer, encoded as it would be sent. */
    private static final class Answer implements Reply {
        private final CompletableFuture<byte[]> bytes = new CompletableFuture<>();

        @Override
        public void success(MessageLite message) {
            bytes.complete(message.toByteArray());
        }

        @Override
        public void success(ByteParts parts) {
            try (parts) {
                ByteBuffer all = ByteBuffer.allocate((int) parts.size());
                for (ByteParts.Part p : parts.parts()) {
                    if (p instanceof ByteParts.Memory m) {
                        all.put(m.bytes().duplicate());
                    } else if (p instanceof ByteParts.FileRange r) {
                        ByteBuffer piece = ByteBuffer.allocate((int) r.size());
                        r.file().read(piece, r.position());
                        all.put(piece.flip());
                    }
                }
                bytes.complete(all.array());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void failure(FlussException error) {
            bytes.completeExceptionally(error);
        }

        boolean given() {
            return bytes.isDone();
        }
    }

    private static TableInfo table(long id, TableDescriptor d) {
        return new TableInfo(TablePath.of("db", "t" + id), id, 1, d.withBuckets(2), 0, 0);
    }

    private static final TableInfo TABLE = table(7, TableDescriptor.of(SCHEMA));

    @BeforeEach
    void open() {
        TabletSettings settings =
                new TabletSettings(
                        1,
                        1000,
                        10,
                        1,
                        Duration.ofMinutes(10),
                        StorageSettings.from(
                                Settings.of(Map.of("server.data-disk.write-limit-ratio", "1"))),
                        new LogSettings(
                                1 << 20, 4096, 10 << 20, Long.MAX_VALUE, Duration.ofDays(7)),
                        KvSettings.of(Settings.of(Map.of())),
                        ScanSettings.of(Settings.of(Map.of())));
        host =
                ReplicaHost.on(
                        settings,
                        dir,
                        1,
                        clock,
                        () -> CompletableFuture.completedFuture(42L),
                        List.of(loop));
    }

    @AfterEach
    void close() {
        host.close();
        loop.runAll();
        allocator.close();
    }

    private void lead(TableInfo t, int bucket, int leaderEpoch, Integer... isr) {
        CompletableFuture<?> done =
                host.becomeLeaders(
                        List.of(
                                new LeaderAssignment(
                                        t,
                                        Optional.empty(),
                                        TableBucket.of(t.tableId(), bucket),
                                        leaderEpoch,
                                        0,
                                        List.of(isr),
                                        List.of(isr))));
        loop.runAll();
        assertThat(done).isCompletedWithValueMatching(m -> m.toString().contains("Optional.empty"));
    }

    private ByteString batch(int from, int rows, long writer, int sequence, int textLength) {
        try (VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator)) {
            root.allocateNew();
            for (int i = 0; i < rows; i++) {
                ((IntVector) root.getVector(0)).setSafe(i, from + i);
                ((VarCharVector) root.getVector(1))
                        .setSafe(
                                i,
                                ("x" + (from + i))
                                        .repeat(textLength)
                                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
                ((BigIntVector) root.getVector(2)).setSafe(i, 1L << from + i);
            }
            root.setRowCount(rows);
            return ByteString.copyFrom(
                    ArrowBatches.encode(root, 1, writer, sequence, ArrowCompression.NONE, 3));
        }
    }

    private ByteString batch(int from, int rows) {
        return batch(from, rows, -1, -1, 1);
    }

    private PbProduceLogRespForBucket produce(
            TableInfo t, int bucket, int acks, ByteString records) {
        Answer a = new Answer();
        startProduce(t, bucket, acks, records, a);
        loop.runAll();
        return produced(a);
    }

    private void startProduce(
            TableInfo t, int bucket, int acks, ByteString records, Answer answer) {
        new ProduceHandler(host)
                .handle(
                        ProduceLogRequest.newBuilder()
                                .setAcks(acks)
                                .setTableId(t.tableId())
                                .setTimeoutMs(1000)
                                .addBucketsReq(
                                        PbProduceLogReqForBucket.newBuilder()
                                                .setBucketId(bucket)
                                                .setRecords(records))
                                .build(),
                        CONTEXT,
                        answer);
    }

    private static PbProduceLogRespForBucket produced(Answer a) {
        try {
            return ProduceLogResponse.parseFrom(a.bytes.join()).getBucketsResp(0);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static FetchLogRequest.Builder fetch(long offset, int maxBytes, Integer... fields) {
        return FetchLogRequest.newBuilder()
                .setFollowerServerId(-1)
                .setMaxBytes(1 << 20)
                .addTablesReq(
                        PbFetchLogReqForTable.newBuilder()
                                .setTableId(7)
                                .setProjectionPushdownEnabled(fields.length > 0)
                                .addAllProjectedFields(List.of(fields))
                                .addBucketsReq(
                                        PbFetchLogReqForBucket.newBuilder()
                                                .setBucketId(0)
                                                .setFetchOffset(offset)
                                                .setMaxFetchBytes(maxBytes)));
    }

    private Answer start(FetchLogRequest.Builder q) {
        Answer a = new Answer();
        new FetchHandler(host).handle(q.build(), CONTEXT, a);
        return a;
    }

    private static PbFetchLogRespForBucket fetched(Answer a) {
        assertThat(a.given()).isTrue();
        try {
            return FetchLogResponse.parseFrom(a.bytes.join()).getTablesResp(0).getBucketsResp(0);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static List<LogBatch> batches(ByteString records) {
        ByteBuffer all = ByteBuffer.wrap(records.toByteArray());
        List<LogBatch> out = new ArrayList<>();
        for (int at = 0; at < all.limit(); ) {
            out.add(LogBatch.at(all, at));
            at += out.get(out.size() - 1).size();
        }
        return out;
    }

    private static int code(ErrorReason reason) {
        return ErrorCodes.code(reason);
    }

    @Test
    void servesWhatWasAppended() {
        lead(TABLE, 0, 0, 1);
        PbProduceLogRespForBucket first = produce(TABLE, 0, -1, batch(0, 3));
        assertThat(first.hasErrorCode()).isFalse();
        assertThat(first.getBaseOffset()).isZero();
        assertThat(produce(TABLE, 0, 1, batch(3, 2).concat(batch(5, 2))).getBaseOffset())
                .isEqualTo(3);
        PbFetchLogRespForBucket r = fetched(start(fetch(0, 1 << 20)));
        assertThat(r.hasErrorCode()).isFalse();
        assertThat(r.getHighWatermark()).isEqualTo(7);
        assertThat(batches(r.getRecords()))
                .extracting(LogBatch::baseOffset)
                .containsExactly(0L, 3L, 5L);
        batches(r.getRecords()).forEach(LogBatch::checkCrc);
        assertThat(fetched(start(fetch(-2, 1))).getRecords()).isNotEmpty();
        PbFetchLogRespForBucket end = fetched(start(fetch(7, 1 << 20)));
        assertThat(end.hasRecords()).isTrue();
        assertThat(end.getRecords()).isEmpty();
        assertThat(fetched(start(fetch(8, 1 << 20))).getErrorCode())
                .isEqualTo(code(ErrorReason.LOG_OFFSET_OUT_OF_RANGE));
    }

    @Test
    void storesRowFormatsAsTheyAreAndCannotProjectThem() {
        TableInfo rows =
                table(7, TableDescriptor.of(SCHEMA).withProperty("table.log.format", "INDEXED"));
        lead(rows, 0, 0, 1);
        ByteString batch;
        try (VectorSchemaRoot none =
                VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator)) {
            none.setRowCount(2);
            batch =
                    ByteString.copyFrom(
                            RowBatches.encode(
                                    none, SCHEMA.rowType(), LogFormat.INDEXED, 1, -1, -1));
        }
        assertThat(produce(rows, 0, 1, batch).hasErrorCode()).isFalse();
        PbFetchLogRespForBucket r = fetched(start(fetch(0, 1 << 20)));
        assertThat(r.getHighWatermark()).isEqualTo(2);
        assertThat(r.getRecords().substring(LogBatch.CRC_OFFSET))
                .isEqualTo(batch.substring(LogBatch.CRC_OFFSET));
        assertThat(fetched(start(fetch(0, 1 << 20, 0))).getErrorCode())
                .isEqualTo(code(ErrorReason.INVALID_COLUMN_PROJECTION));
    }

    @Test
    void refusesWhatIsNotForThisTable() {
        TableInfo keyed =
                table(
                        8,
                        TableDescriptor.of(
                                TableSchema.of(
                                        List.of(Column.of("k", DataTypes.integer())),
                                        List.of("k"))));
        lead(TABLE, 0, 0, 1);
        lead(keyed, 0, 0, 1);
        assertThat(produce(keyed, 0, 1, batch(0, 1)).getErrorCode())
                .isEqualTo(code(ErrorReason.INVALID_TABLE));
        assertThat(produce(TABLE, 1, 1, batch(0, 1)).getErrorCode())
                .isEqualTo(code(ErrorReason.UNKNOWN_TABLE_OR_BUCKET));
        host.knownBuckets(b -> true);
        assertThat(produce(TABLE, 1, 1, batch(0, 1)).getErrorCode())
                .isEqualTo(code(ErrorReason.NOT_LEADER_OR_FOLLOWER));
        byte[] flipped = batch(0, 1).toByteArray();
        flipped[60] ^= 1;
        assertThat(produce(TABLE, 0, 1, ByteString.copyFrom(flipped)).getErrorCode())
                .isEqualTo(code(ErrorReason.CORRUPT_RECORD));
        assertThat(produce(TABLE, 0, 1, batch(0, 1).substring(0, 70)).getErrorCode())
                .isEqualTo(code(ErrorReason.CORRUPT_MESSAGE));
        assertThat(produce(TABLE, 0, 1, batch(0, 1, 5, 3, 1)).getErrorCode())
                .isEqualTo(code(ErrorReason.OUT_OF_ORDER_SEQUENCE));
        assertThat(host.counters().appendedBatches()).isZero();
    }

    @Test
    void answersARepeatedBatchWithItsFirstOffset() {
        lead(TABLE, 0, 0, 1);
        produce(TABLE, 0, -1, batch(0, 3, 5, 0, 1));
        produce(TABLE, 0, -1, batch(3, 3, 5, 1, 1));
        PbProduceLogRespForBucket again = produce(TABLE, 0, -1, batch(0, 3, 5, 0, 1));
        assertThat(again.hasErrorCode()).isFalse();
        assertThat(again.getBaseOffset()).isZero();
        assertThat(fetched(start(fetch(0, 1))).getHighWatermark()).isEqualTo(6);
    }

    @Test
    void anAppendWakesAWaitingFetch() {
        lead(TABLE, 0, 0, 1);
        Answer waiting = start(fetch(0, 1 << 20).setMinBytes(1).setMaxWaitMs(500));
        assertThat(waiting.given()).isFalse();
        assertThat(host.waitingFetches().size()).isEqualTo(1);
        produce(TABLE, 0, 1, batch(0, 2));
        assertThat(batches(fetched(waiting).getRecords())).hasSize(1);
        assertThat(host.waitingFetches().size()).isZero();
        assertThat(loop.delayedCount()).isZero();
    }

    @Test
    void aWaitingFetchEndsInTime() {
        lead(TABLE, 0, 0, 1);
        Answer waiting = start(fetch(0, 1 << 20).setMinBytes(1 << 20).setMaxWaitMs(500));
        produce(TABLE, 0, 1, batch(0, 2));
        loop.advance(Duration.ofMillis(499));
        assertThat(waiting.given()).as("too few bytes").isFalse();
        loop.advance(Duration.ofMillis(1));
        assertThat(batches(fetched(waiting).getRecords())).hasSize(1);
    }

    private static PbFetchLogReqForBucket.Builder bucket(int bucket, long offset, int maxBytes) {
        return PbFetchLogReqForBucket.newBuilder()
                .setBucketId(bucket)
                .setFetchOffset(offset)
                .setMaxFetchBytes(maxBytes);
    }

    private static FetchLogRequest.Builder fetchOf(PbFetchLogReqForBucket.Builder... buckets) {
        FetchLogRequest.Builder q = fetch(0, 0).setMinBytes(1).setMaxWaitMs(500);
        q.getTablesReqBuilder(0).clearBucketsReq();
        for (PbFetchLogReqForBucket.Builder b : buckets) {
            q.getTablesReqBuilder(0).addBucketsReq(b);
        }
        return q;
    }

    @Test
    void aReaderThatWasJustServedDoesNotWaitForABucketAtItsEnd() {
        lead(TABLE, 0, 0, 1);
        lead(TABLE, 1, 0, 1);
        produce(TABLE, 1, 1, batch(0, 3));
        assertThat(start(fetchOf(bucket(0, 0, 1000), bucket(1, 0, 1000))).given()).isTrue();
        Answer drained = start(fetchOf(bucket(0, 0, 1000)));
        assertThat(drained.given()).isFalse();
        loop.advance(Duration.ofMillis(ReaderProgress.WAIT_MIN_MS));
        loop.runAll();
        assertThat(fetched(drained).getRecords()).isEmpty();
        Answer atItsEnd = start(fetchOf(bucket(0, 0, 1000), bucket(1, 3, 1000)));
        loop.advance(Duration.ofMillis(499));
        loop.runAll();
        assertThat(atItsEnd.given()).isFalse();
        loop.advance(Duration.ofMillis(1));
        loop.runAll();
        assertThat(atItsEnd.given()).isTrue();
    }

    @Test
    void bucketsWithLargeBatchesComeTogetherWhileThereIsRoom() throws Exception {
        lead(TABLE, 0, 0, 1);
        lead(TABLE, 1, 0, 1);
        ByteString batch = batch(0, 3);
        for (int bucket = 0; bucket < 2; bucket++) {
            produce(TABLE, bucket, 1, batch);
            produce(TABLE, bucket, 1, batch);
        }
        FetchLogRequest.Builder q = fetchOf(bucket(0, 0, 10), bucket(1, 0, 10));
        assertThat(sizes(q)).containsExactly(batch.size(), batch.size());
        assertThat(sizes(q.setMaxBytes(2 * batch.size())))
                .containsExactly(batch.size(), batch.size());
        assertThat(sizes(q.setMaxBytes(2 * batch.size() - 1))).containsExactly(batch.size(), 0);
        assertThat(sizes(q.setMaxBytes(1))).containsExactly(batch.size(), 0);
        q.setMaxBytes(1 << 20);
        q.getTablesReqBuilder(0).setProjectionPushdownEnabled(true).addProjectedFields(0);
        assertThat(sizes(q)).hasSize(2).doesNotContain(0);
        int projected = sizes(q).get(0);
        assertThat(sizes(q.setMaxBytes(2 * projected - 1))).containsExactly(projected, 0);
    }

    private List<Integer> sizes(FetchLogRequest.Builder q) throws Exception {
        return FetchLogResponse.parseFrom(start(q).bytes.join())
                .getTablesResp(0)
                .getBucketsRespList()
                .stream()
                .map(b -> b.getRecords().size())
                .toList();
    }

    @Test
    void aWaitingFetchEndsWhenTheLeaderMoves() {
        lead(TABLE, 0, 0, 1);
        Answer waiting = start(fetch(0, 1 << 20).setMinBytes(1).setMaxWaitMs(500));
        host.stopReplicas(List.of(TableBucket.of(7, 0)), false);
        host.knownBuckets(b -> true);
        loop.runAll();
        assertThat(fetched(waiting).getErrorCode())
                .isEqualTo(code(ErrorReason.NOT_LEADER_OR_FOLLOWER));
        assertThat(fetched(start(fetch(0, 1).setMinBytes(1).setMaxWaitMs(500))).getErrorCode())
                .isEqualTo(code(ErrorReason.NOT_LEADER_OR_FOLLOWER));
    }

    @Test
    void dataOfDroppedTablesGoesEvenIfItIsNotHosted() throws IOException {
        TablePath path = TablePath.of("shop", "orders");
        Path table = dir.resolve("shop/orders-9");
        Path kept = Files.createDirectories(dir.resolve("shop/orders-90/log-0"));
        Path day = Files.createDirectories(table.resolve("2024-p7/log-0"));
        Path otherDay = Files.createDirectories(table.resolve("2025-p17/log-0"));
        Files.writeString(day.resolve("00000000000000000000.log"), "x");
        host.partitionDropped(path, 9, 7).join();
        assertThat(day.getParent()).doesNotExist();
        assertThat(otherDay).exists();
        host.tableDropped(path, 9).join();
        assertThat(table).doesNotExist();
        assertThat(kept).exists();
        assertThat(host.tableDropped(path, 9)).as("again").isCompleted();
    }

    @Test
    void waitingFetchesAreBounded() {
        lead(TABLE, 0, 0, 1);
        for (int i = 0; i < 10; i++) {
            assertThat(start(fetch(0, 1).setMinBytes(1).setMaxWaitMs(500)).given()).isFalse();
        }
        assertThat(start(fetch(0, 1).setMinBytes(1).setMaxWaitMs(500)).given()).isTrue();
        loop.advance(Duration.ofSeconds(1));
        assertThat(host.waitingFetches().size()).isZero();
    }

    @Test
    void acksAllWaitsForTheHighWatermark() {
        lead(TABLE, 0, 0, 1, 2);
        Answer slow = new Answer();
        startProduce(TABLE, 0, -1, batch(0, 2), slow);
        loop.runAll();
        assertThat(slow.given()).isFalse();
        assertThat(fetched(start(fetch(0, 1 << 20))).getRecords()).isEmpty();
        start(fetch(2, 1).setFollowerServerId(2));
        loop.runAll();
        assertThat(produced(slow).hasErrorCode()).isFalse();
        assertThat(fetched(start(fetch(0, 1 << 20))).getRecords()).isNotEmpty();
        Answer late = new Answer();
        startProduce(TABLE, 0, -1, batch(2, 2), late);
        loop.runAll();
        loop.advance(Duration.ofSeconds(1));
        assertThat(produced(late).getErrorCode()).isEqualTo(code(ErrorReason.REQUEST_TIME_OUT));
    }

    @Test
    void projectedFetchDecodesToTheChosenColumns() {
        lead(TABLE, 0, 0, 1);
        int[] textLengths = {1, 1, 20_000, 200_000, 3};
        int rows = 0;
        for (int length : textLengths) {
            produce(TABLE, 0, 1, batch(rows, 4, -1, -1, length));
            rows += 4;
        }
        for (List<Integer> fields :
                List.of(List.of(0), List.of(2), List.of(0, 2), List.of(1), List.of(0, 1, 2))) {
            PbFetchLogRespForBucket r =
                    fetched(
                            start(
                                    fetch(0, Integer.MAX_VALUE, fields.toArray(Integer[]::new))
                                            .setMaxBytes(Integer.MAX_VALUE)));
            List<LogBatch> batches = batches(r.getRecords());
            assertThat(batches).hasSize(textLengths.length);
            List<DataType.Field> all = SCHEMA.rowType().fields();
            DataType.RowType type =
                    new DataType.RowType(fields.stream().map(all::get).toList(), false);
            int row = 0;
            for (int k = 0; k < batches.size(); k++) {
                try (VectorSchemaRoot root = ArrowBatches.decode(batches.get(k), type, allocator)) {
                    assertThat(root.getFieldVectors()).hasSize(fields.size());
                    for (int i = 0; i < 4; i++, row++) {
                        List<Object> values = new ArrayList<>();
                        for (var v : root.getFieldVectors()) {
                            Object o = v.getObject(i);
                            values.add(
                                    o instanceof Integer || o instanceof Long ? o : o.toString());
                        }
                        List<Object> full =
                                List.of(row, ("x" + row).repeat(textLengths[k]), 1L << row);
                        assertThat(values.equals(fields.stream().map(full::get).toList()))
                                .as("row %s of %s", row, fields)
                                .isTrue();
                    }
                }
            }
        }
        assertThat(fetched(start(fetch(0, 1 << 20, 2, 0))).getErrorCode())
                .isEqualTo(code(ErrorReason.INVALID_COLUMN_PROJECTION));
        assertThat(batches(fetched(start(fetch(0, 1, 0))).getRecords())).hasSize(1);
    }

    @Test
    void offsetsAndStatistics() throws Exception {
        lead(TABLE, 0, 0, 1);
        produce(TABLE, 0, 1, batch(0, 3));
        clock.advance(Duration.ofSeconds(5));
        produce(TABLE, 0, 1, batch(3, 3));
        OffsetHandlers handlers = new OffsetHandlers(host);
        long[][] cases = {
            {0, 0, 0}, {1, 0, 6}, {2, 10_000, 0}, {2, 10_001, 3}, {2, 15_000, 3}, {3, 0, 0}
        };
        for (long[] c : cases) {
            assertThat(offset(handlers, (int) c[0], c[1]).getOffset()).isEqualTo(c[2]);
        }
        assertThat(offset(handlers, 2, 15_001).getErrorCode())
                .isEqualTo(code(ErrorReason.INVALID_TIMESTAMP));
        assertThat(offset(handlers, 4, 0).getErrorCode()).isEqualTo(-1);

        Answer stats = new Answer();
        handlers.tableStats(
                GetTableStatsRequest.newBuilder()
                        .setTableId(7)
                        .addBucketsReq(PbTableStatsReqForBucket.newBuilder().setBucketId(0))
                        .build(),
                CONTEXT,
                stats);
        assertThat(
                        GetTableStatsResponse.parseFrom(stats.bytes.join())
                                .getBucketsResp(0)
                                .getRowCount())
                .isEqualTo(6);

        Answer scan = new Answer();
        handlers.limitScan(
                LimitScanRequest.newBuilder().setTableId(7).setBucketId(0).setLimit(2).build(),
                CONTEXT,
                scan);
        LimitScanResponse scanned = LimitScanResponse.parseFrom(scan.bytes.join());
        assertThat(scanned.getIsLogTable()).isTrue();
        assertThat(batches(scanned.getRecords()))
                .extracting(LogBatch::baseOffset)
                .containsExactly(3L);

        Answer writer = new Answer();
        handlers.initWriter(InitWriterRequest.getDefaultInstance(), CONTEXT, writer);
        assertThat(InitWriterResponse.parseFrom(writer.bytes.join()).getWriterId()).isEqualTo(42);
    }

    private static io.fluss.protocol.messages.PbListOffsetsRespForBucket offset(
            OffsetHandlers handlers, int type, long timestamp) throws Exception {
        Answer a = new Answer();
        handlers.listOffsets(
                ListOffsetsRequest.newBuilder()
                        .setFollowerServerId(-1)
                        .setOffsetType(type)
                        .setTableId(7)
                        .addBucketId(0)
                        .setStartTimestamp(timestamp)
                        .build(),
                CONTEXT,
                a);
        return ListOffsetsResponse.parseFrom(a.bytes.join()).getBucketsResp(0);
    }

    @Test
    void staleLeaderEpochIsFenced() {
        lead(TABLE, 0, 5, 1);
        var result =
                host.becomeLeaders(
                        List.of(
                                new LeaderAssignment(
                                        TABLE,
                                        Optional.empty(),
                                        TableBucket.of(7, 0),
                                        4,
                                        0,
                                        List.of(1),
                                        List.of(1))));
        loop.runAll();
        assertThat(result.join().get(TableBucket.of(7, 0)))
                .hasValueSatisfying(
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.FENCED_LEADER_EPOCH));
    }

    // ---- statistics and filters

    private static final TableInfo COUNTED =
            table(7, TableDescriptor.of(SCHEMA).withProperty("table.statistics.columns", "a,b"));

    private ByteString counted(int from, int rows) {
        try (VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator)) {
            root.allocateNew();
            for (int i = 0; i < rows; i++) {
                ((IntVector) root.getVector(0)).setSafe(i, from + i);
            }
            root.setRowCount(rows);
            return ByteString.copyFrom(
                    ArrowBatches.encode(
                            root,
                            StatisticsColumns.of(SCHEMA.rowType(), List.of(0, 1)),
                            1,
                            -1,
                            -1,
                            ArrowCompression.NONE,
                            3));
        }
    }

    /** {@code a = value} by function and value. */
    private static FetchLogRequest.Builder filtered(
            FetchLogRequest.Builder fetch, int function, int value, int schemaId) {
        PbLiteralValue literal =
                PbLiteralValue.newBuilder()
                        .setLiteralType(3)
                        .setIsNull(false)
                        .setIntValue(value)
                        .build();
        fetch.getTablesReqBuilder(0)
                .setFilterSchemaId(schemaId)
                .setFilterPredicate(
                        PbPredicate.newBuilder()
                                .setType(0)
                                .setLeaf(
                                        PbLeafPredicate.newBuilder()
                                                .setFunction(function)
                                                .setFieldId(0)
                                                .addLiterals(literal)));
        return fetch;
    }

    private List<Long> offsets(PbFetchLogRespForBucket answer) {
        return batches(answer.getRecords()).stream().map(LogBatch::baseOffset).toList();
    }

    @Test
    void leavesOutBatchesThatAFilterRulesOut() {
        lead(COUNTED, 0, 0, 1);
        for (int i = 0; i < 10; i++) {
            produce(COUNTED, 0, 1, counted(10 * i, 10));
        }
        PbFetchLogRespForBucket equal = fetched(start(filtered(fetch(0, 1 << 20), 0, 35, 1)));
        assertThat(offsets(equal)).containsExactly(30L);
        assertThat(equal.getFilteredEndOffset()).isEqualTo(100);
        batches(equal.getRecords()).forEach(LogBatch::checkCrc);

        PbFetchLogRespForBucket less = fetched(start(filtered(fetch(0, 1 << 20), 2, 15, 1)));
        assertThat(offsets(less)).containsExactly(0L, 10L);
        assertThat(fetched(start(filtered(fetch(0, 1 << 20), 1, 15, 1))).hasFilteredEndOffset())
                .isFalse();

        PbFetchLogRespForBucket cut = fetched(start(filtered(fetch(0, 1), 4, 35, 1)));
        assertThat(offsets(cut)).containsExactly(30L);
        assertThat(cut.getFilteredEndOffset()).isEqualTo(40);

        PbFetchLogRespForBucket projected =
                fetched(start(filtered(fetch(0, 1 << 20, 2), 0, 35, 1)));
        assertThat(offsets(projected)).containsExactly(30L);
        assertThat(host.counters().filteredBatches()).isEqualTo(9 + 8 + 3 + 9);
    }

    @Test
    void anAnswerThatOnlyMovesOnDoesNotWait() {
        lead(COUNTED, 0, 0, 1);
        produce(COUNTED, 0, 1, counted(0, 10));
        FetchLogRequest.Builder q = filtered(fetch(0, 1 << 20), 0, 35, 1);
        PbFetchLogRespForBucket r = fetched(start(q.setMinBytes(1).setMaxWaitMs(500)));
        assertThat(r.getRecords().isEmpty()).isTrue();
        assertThat(r.hasRecords()).isTrue();
        assertThat(r.getFilteredEndOffset()).isEqualTo(10);
        FetchLogRequest.Builder atEnd = filtered(fetch(10, 1 << 20), 0, 35, 1);
        Answer waiting = start(atEnd.setMinBytes(1).setMaxWaitMs(500));
        assertThat(waiting.given()).isFalse();
        produce(COUNTED, 0, 1, counted(0, 1));
        assertThat(fetched(waiting).getFilteredEndOffset()).isEqualTo(11);
    }

    @Test
    void filtersThatCannotBeAppliedReadEverything() {
        lead(COUNTED, 0, 0, 1);
        produce(COUNTED, 0, 1, counted(0, 10));
        produce(COUNTED, 0, 1, batch(20, 10)); // a writer without statistics
        assertThat(offsets(fetched(start(filtered(fetch(0, 1 << 20), 0, 35, 2)))))
                .containsExactly(0L, 10L);
        assertThat(offsets(fetched(start(filtered(fetch(0, 1 << 20), 99, 35, 1)))))
                .containsExactly(0L, 10L);
        assertThat(offsets(fetched(start(filtered(fetch(0, 1 << 20), 0, 35, 1)))))
                .containsExactly(10L);
        assertThat(start(filtered(fetch(0, 1 << 20), 0, 35, -1)).bytes).isCompletedExceptionally();
    }

    @Test
    void statisticsStayWhereTheTableAsksForThem() {
        lead(COUNTED, 0, 0, 1);
        ByteString sent = counted(0, 10);
        produce(COUNTED, 0, 1, sent);
        LogBatch kept = batches(fetched(start(fetch(0, 1 << 20))).getRecords()).get(0);
        assertThat(kept.magic()).isEqualTo(LogBatch.MAGIC_STATISTICS);
        assertThat(kept.size()).isEqualTo(sent.size());
    }

    @Test
    void statisticsAreDroppedWhereTheTableDoesNotAskForThem() {
        lead(TABLE, 0, 0, 1);
        produce(TABLE, 0, 1, counted(0, 10));
        LogBatch plain = batches(fetched(start(fetch(0, 1 << 20))).getRecords()).get(0);
        assertThat(plain.magic()).isEqualTo(LogBatch.MAGIC);
        plain.checkCrc();
    }
}
