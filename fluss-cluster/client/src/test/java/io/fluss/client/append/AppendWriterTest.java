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
package io.fluss.client.append;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.fluss.client.Admin;
import io.fluss.client.fake.FakeCluster;
import io.fluss.client.fake.FakeServer;
import io.fluss.client.row.GenericRow;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.log.LogBatch;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.PbProduceLogReqForBucket;
import io.fluss.protocol.messages.PbProduceLogRespForBucket;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.protocol.messages.ProduceLogResponse;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.types.DataTypes;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(3)
class AppendWriterTest {
    private static final Duration LINGER = Duration.ofMillis(100);
    private static final Duration GIVE_UP = Duration.ofMinutes(5);

    private final ManualClock clock = new ManualClock(0);
    private final ManualLoop loop = new ManualLoop(clock);
    private final FakeCluster fake = new FakeCluster(loop, clock);
    private final BufferAllocator allocator = new RootAllocator();
    private final List<LogAppendWriter> writers = new ArrayList<>();

    @BeforeEach
    void connect() {
        fake.cluster().refresh(MetadataRequest.getDefaultInstance()).join();
    }

    @AfterEach
    @Timeout(1)
    void closesWithoutLeaks() {
        for (LogAppendWriter w : writers) {
            // Nothing is under way any more, so closing does not wait for the loop.
            w.close();
        }
        allocator.close();
    }

    @Test
    void mergesSmallAppendsIntoOneBatch() {
        LogAppendWriter writer = writer(1, settings(1 << 20, 64 << 20));
        List<CompletableFuture<Void>> acks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            acks.add(append(writer, i, 1));
        }
        loop.runAll();
        assertThat(fake.server(1).waitingCount()).as("not yet").isZero();
        loop.advance(LINGER);
        FakeServer.Incoming request = fake.server(1).take();
        assertThat(batches(request))
                .singleElement()
                .satisfies(
                        b -> {
                            assertThat(b.recordCount()).isEqualTo(50);
                            assertThat(b.sequence()).isZero();
                            assertThat(b.writerId()).isEqualTo(100);
                            b.checkCrc();
                        });
        succeed(request);
        assertThat(acks).allMatch(CompletableFuture::isDone);
    }

    @Test
    void resultsOfRowsAreThereWhenAFlushIsDone() {
        LogAppendWriter writer = writer(1, settings(1 << 20, 64 << 20));
        List<String> order = new ArrayList<>();
        CompletableFuture<Void> row = append(writer, 0, 1).thenRun(() -> order.add("row"));
        CompletableFuture<Void> flush = writer.flush().thenRun(() -> order.add("flush"));
        // Asked for while the row's result is being told: that is waited for as well.
        CompletableFuture<CompletableFuture<Void>> late =
                row.thenApply(done -> writer.flush().thenRun(() -> order.add("late flush")));
        CompletableFuture<Void> last = row.thenRun(() -> order.add("row again"));
        loop.runAll();
        succeed(fake.server(1).take());
        assertThat(flush).isCompleted();
        assertThat(late.join()).isCompleted();
        assertThat(last).isCompleted();
        assertThat(order.subList(0, 1)).containsExactly("row");
        assertThat(order.indexOf("row again")).isLessThan(order.indexOf("flush"));
        assertThat(order.indexOf("row again")).isLessThan(order.indexOf("late flush"));
    }

    @Test
    void keepsFiveBatchesUnderWay() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        List<CompletableFuture<Void>> acks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            acks.add(append(writer, i * 10L, 10));
        }
        loop.runAll();
        assertThat(fake.server(1).waitingCount()).isEqualTo(5);
        for (int i = 0; i < 8; i++) {
            FakeServer.Incoming request = fake.server(1).take();
            assertThat(sequence(request)).isEqualTo(i);
            succeed(request);
        }
        assertThat(acks).allMatch(CompletableFuture::isDone);
    }

    @Test
    void sendsTheSameBytesAgainAndOnlyTheFirstUntilItWorks() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        for (int i = 0; i < 3; i++) {
            var unused = append(writer, i * 10L, 10);
        }
        loop.runAll();
        List<FakeServer.Incoming> first = takeAll(3);
        first.forEach(r -> r.fail(ErrorReason.NETWORK));
        loop.runAll();
        assertThat(fake.server(1).waitingCount()).as("backs off").isZero();
        loop.advance(Duration.ofSeconds(2));
        assertThat(fake.server(1).waitingCount()).isEqualTo(1);
        FakeServer.Incoming again = fake.server(1).take();
        assertThat(records(again)).isEqualTo(records(first.get(0)));
        succeed(again);
        List<FakeServer.Incoming> rest = takeAll(2);
        assertThat(records(rest.get(0))).isEqualTo(records(first.get(1)));
        assertThat(records(rest.get(1))).isEqualTo(records(first.get(2)));
        rest.forEach(this::succeed);
    }

    @Test
    void takesADuplicateAsSuccess() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        CompletableFuture<Void> ack = append(writer, 0, 10);
        loop.runAll();
        fail(fake.server(1).take(), ErrorReason.DUPLICATE_SEQUENCE);
        assertThat(ack).isCompleted();
    }

    @Test
    void waitsForTheBatchThatIsMissingInFront() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        CompletableFuture<Void> a = append(writer, 0, 10);
        CompletableFuture<Void> b = append(writer, 10, 10);
        loop.runAll();
        List<FakeServer.Incoming> sent = takeAll(2);
        fail(sent.get(1), ErrorReason.OUT_OF_ORDER_SEQUENCE);
        assertThat(b).isNotDone();
        sent.get(0).fail(ErrorReason.NETWORK);
        loop.runAll();
        loop.advance(Duration.ofSeconds(2));
        FakeServer.Incoming again = fake.server(1).take();
        assertThat(sequence(again)).isZero();
        succeed(again);
        FakeServer.Incoming second = fake.server(1).take();
        assertThat(sequence(second)).isEqualTo(1);
        succeed(second);
        assertThat(a).isCompleted();
        assertThat(b).isCompleted();
    }

    @Test
    void startsOverWithANewIdWhenTheServerHasLostAcknowledgedBatches() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        var unused = append(writer, 0, 10);
        loop.runAll();
        succeed(fake.server(1).take());
        CompletableFuture<Void> second = append(writer, 10, 10);
        CompletableFuture<Void> third = append(writer, 20, 10);
        loop.runAll();
        List<FakeServer.Incoming> sent = takeAll(2);
        fail(sent.get(0), ErrorReason.OUT_OF_ORDER_SEQUENCE);
        assertThat(second).isCompletedExceptionally();
        fail(sent.get(1), ErrorReason.OUT_OF_ORDER_SEQUENCE);
        assertThat(third).isNotDone();
        loop.advance(Duration.ofSeconds(2));
        FakeServer.Incoming again = fake.server(1).take();
        assertThat(batches(again))
                .singleElement()
                .satisfies(
                        b -> {
                            assertThat(b.writerId()).isEqualTo(101);
                            assertThat(b.sequence()).isZero();
                            assertThat(FakeCluster.ids(allocator, b)).startsWith(20L);
                            b.checkCrc();
                        });
        succeed(again);
        assertThat(third).isCompleted();
        assertThatThrownBy(writer::close).hasMessageContaining("rows were lost");
        writers.clear();
    }

    @Test
    void sendsAgainUnderANewIdWhenTheServerDoesNotKnowTheWriter() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        CompletableFuture<Void> ack = append(writer, 0, 10);
        loop.runAll();
        fail(fake.server(1).take(), ErrorReason.UNKNOWN_WRITER_ID);
        loop.advance(Duration.ofSeconds(2));
        FakeServer.Incoming again = fake.server(1).take();
        assertThat(batches(again).get(0).writerId()).isEqualTo(101);
        succeed(again);
        assertThat(ack).isCompleted();
    }

    @Test
    void followsTheLeader() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        CompletableFuture<Void> ack = append(writer, 0, 10);
        loop.runAll();
        FakeServer.Incoming sent = fake.server(1).take();
        fake.lead(-1);
        fail(sent, ErrorReason.NOT_LEADER_OR_FOLLOWER);
        loop.advance(Duration.ofSeconds(2));
        loop.advance(Duration.ofSeconds(2));
        assertThat(fake.server(1).waitingCount() + fake.server(2).waitingCount()).isZero();
        fake.lead(2);
        loop.advance(Duration.ofSeconds(2));
        loop.advance(Duration.ofSeconds(2));
        FakeServer.Incoming again = fake.server(2).take();
        assertThat(records(again)).isEqualTo(records(sent));
        succeed(again);
        assertThat(ack).isCompleted();
    }

    @Test
    void survivesThatAllServersAreGoneForAWhile() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        CompletableFuture<Void> ack = append(writer, 0, 10);
        loop.runAll();
        FakeServer.Incoming sent = fake.server(1).take();
        fake.kill(1);
        fake.kill(2);
        sent.fail(ErrorReason.NETWORK);
        for (int i = 0; i < 100; i++) {
            loop.advance(Duration.ofSeconds(2));
        }
        assertThat(ack).isNotDone();
        fake.start(1);
        loop.advance(Duration.ofSeconds(2));
        loop.advance(Duration.ofSeconds(2));
        FakeServer.Incoming again = fake.server(1).take();
        assertThat(records(again)).isEqualTo(records(sent));
        succeed(again);
        assertThat(ack).isCompleted();
    }

    @Test
    void failsRowsThatAreRefused() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        CompletableFuture<Void> ack = append(writer, 0, 10);
        loop.runAll();
        fail(fake.server(1).take(), ErrorReason.AUTHORIZATION);
        assertThat(ack).isCompletedExceptionally();
        assertThatThrownBy(ack::join).hasMessageContaining("db.t bucket 7/0");
        assertThatThrownBy(writer::close).hasMessageContaining("rows were lost");
        writers.clear();
    }

    @Test
    void refusesABatchThatIsTooLargeToSend() {
        WriterSettings small =
                new WriterSettings(
                        new WriterSettings.Batching(1 << 20, 1 << 20, LINGER, 200, GIVE_UP),
                        -1,
                        3,
                        true,
                        5,
                        true,
                        GIVE_UP,
                        WriterSettings.BucketAssigner.STICKY);
        LogAppendWriter writer = writer(1, small);
        CompletableFuture<Void> ack = append(writer, 0, 1_000);
        loop.advance(LINGER);
        assertThatThrownBy(ack::join).hasMessageContaining("client.writer.request-max-size");
        assertThatThrownBy(writer::close).hasMessageContaining("rows were lost");
        writers.clear();
    }

    @Test
    void blocksWhileTheMemoryIsUsedUp() {
        LogAppendWriter writer = writer(1, settings(10_000, 1_000));
        var unused = append(writer, 0, 50);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> append(writer, 50, 50))
                .hasMessageContaining("client.writer.buffer.memory-size");
        assertThat(Thread.interrupted()).isTrue();
        loop.runAll();
        succeed(fake.server(1).take());
        CompletableFuture<Void> next = append(writer, 100, 50);
        loop.advance(LINGER);
        succeed(fake.server(1).take());
        assertThat(next).isCompleted();
    }

    @Test
    void rowsAndVectorsShareBatchesAndEachRowLearnsItsOffset() {
        LogAppendWriter writer = writer(1, settings(1 << 20, 64 << 20));
        CompletableFuture<AppendResult> first = writer.append(GenericRow.of(1, 10));
        CompletableFuture<Void> some = append(writer, 2, 3);
        CompletableFuture<AppendResult> last =
                writer.append(GenericRow.named(Map.of("id", 5, "value", 50)));
        loop.advance(LINGER);
        FakeServer.Incoming request = fake.server(1).take();
        assertThat(batches(request))
                .singleElement()
                .satisfies(
                        b ->
                                assertThat(FakeCluster.ids(allocator, b))
                                        .containsExactly(1L, 2L, 3L, 4L, 5L));
        succeed(request, 100);
        assertThat(some).isCompleted();
        assertThat(first).isCompletedWithValue(new AppendResult(TableBucket.of(7, 0), 100));
        assertThat(last).isCompletedWithValue(new AppendResult(TableBucket.of(7, 0), 104));
    }

    @Test
    void rowsFillBatchesAndMoveOn() {
        LogAppendWriter writer = writer(4, settings(1_000, 64 << 20));
        List<CompletableFuture<AppendResult>> acks = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            acks.add(writer.append(GenericRow.of(i, null)));
        }
        loop.advance(LINGER);
        List<Long> ids = new ArrayList<>();
        while (fake.server(1).waitingCount() > 0) {
            FakeServer.Incoming request = fake.server(1).take();
            batches(request).forEach(b -> ids.addAll(FakeCluster.ids(allocator, b)));
            succeed(request);
        }
        assertThat(ids).hasSize(1_000).doesNotHaveDuplicates();
        assertThat(acks).allMatch(CompletableFuture::isDone);
    }

    @Test
    void takesTurnsRowByRow() {
        LogAppendWriter writer =
                writer(
                        4,
                        settings(
                                1 << 20,
                                64 << 20,
                                GIVE_UP,
                                WriterSettings.BucketAssigner.ROUND_ROBIN));
        var unused = append(writer, 0, 40);
        for (int i = 40; i < 80; i++) {
            var ignored = writer.append(GenericRow.of(i, null));
        }
        loop.advance(LINGER);
        List<Integer> sizes = new ArrayList<>();
        while (fake.server(1).waitingCount() > 0) {
            FakeServer.Incoming request = fake.server(1).take();
            batches(request).forEach(b -> sizes.add(b.recordCount()));
            succeed(request);
        }
        assertThat(sizes).containsExactly(20, 20, 20, 20);
    }

    @Test
    void givesUpAtTheDeliveryTimeoutAndSaysWhy() {
        LogAppendWriter writer =
                writer(
                        1,
                        settings(
                                300,
                                64 << 20,
                                Duration.ofSeconds(10),
                                WriterSettings.BucketAssigner.STICKY));
        CompletableFuture<Void> ack = append(writer, 0, 10);
        loop.runAll();
        for (int i = 0; i < 30 && !ack.isDone(); i++) {
            while (fake.server(1).waitingCount() > 0) {
                fail(fake.server(1).take(), ErrorReason.STORAGE);
            }
            loop.advance(Duration.ofSeconds(1));
        }
        assertThatThrownBy(ack::join)
                .cause()
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.REQUEST_TIME_OUT))
                .hasMessageContaining("client.writer.delivery-timeout (10000 ms)")
                .hasMessageContaining("db.t bucket 7/0");
        CompletableFuture<Void> next = append(writer, 10, 10);
        loop.runAll();
        FakeServer.Incoming request = fake.server(1).take();
        assertThat(sequence(request)).as("starts over").isZero();
        assertThat(batches(request).get(0).writerId()).isEqualTo(101);
        succeed(request);
        assertThat(next).isCompleted();
        assertThatThrownBy(writer::close).hasMessageContaining("rows were lost");
        writers.clear();
    }

    @Test
    void failsAnAppendThatFindsNoRoomInTime() {
        LogAppendWriter writer =
                writer(
                        1,
                        new WriterSettings(
                                new WriterSettings.Batching(
                                        1_000, 10_000, LINGER, 10 << 20, Duration.ofMillis(1)),
                                -1,
                                Integer.MAX_VALUE,
                                true,
                                5,
                                true,
                                GIVE_UP,
                                WriterSettings.BucketAssigner.STICKY));
        CompletableFuture<Void> first = append(writer, 0, 100);
        assertThatThrownBy(() -> writer.append(GenericRow.named(Map.of("id", 1))))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.REQUEST_TIME_OUT))
                .hasMessageContaining("client.writer.buffer.wait-timeout (1 ms)")
                .hasMessageContaining("of 1000 bytes of client.writer.buffer.memory-size");
        loop.runAll();
        succeed(fake.server(1).take());
        assertThat(first).isCompleted();
    }

    @Test
    void failsWhatIsNotAcknowledgedWhenClosedInTime() {
        LogAppendWriter writer = writer(1, settings(300, 64 << 20));
        CompletableFuture<Void> ack = append(writer, 0, 10);
        assertThatThrownBy(() -> writer.close(Duration.ofMillis(1)))
                .hasMessageContaining("closed before the rows were acknowledged");
        assertThat(ack).isCompletedExceptionally();
        assertThatThrownBy(() -> writer.append(GenericRow.of(1, 1)))
                .hasMessageContaining("the writer of db.t is closed");
        loop.runAll();
        writers.clear();
    }

    @Test
    void cutsLargeAppendsIntoBatches() {
        LogAppendWriter writer = writer(4, settings(2_000, 64 << 20));
        CompletableFuture<Void> ack = append(writer, 0, 1_000);
        loop.advance(LINGER);
        List<Long> ids = new ArrayList<>();
        while (fake.server(1).waitingCount() > 0) {
            FakeServer.Incoming request = fake.server(1).take();
            batches(request).forEach(b -> ids.addAll(FakeCluster.ids(allocator, b)));
            succeed(request);
        }
        assertThat(ack).isCompleted();
        assertThat(ids).hasSize(1_000).doesNotHaveDuplicates();
    }

    @Test
    void refusesVectorsOfAnotherTypeAndNulls() {
        LogAppendWriter writer = writer(1, settings(1_000, 64 << 20));
        TableSchema other =
                TableSchema.of(
                        Column.of("id", DataTypes.integer()),
                        Column.of("value", DataTypes.bigInt()));
        try (VectorSchemaRoot wrong =
                VectorSchemaRoot.create(ArrowSchemas.of(other.rowType()), allocator)) {
            ((IntVector) wrong.getVector(0)).setSafe(0, 1);
            wrong.setRowCount(1);
            assertThatThrownBy(() -> writer.append(wrong))
                    .hasMessageContaining("db.t")
                    .hasMessageContaining("'id'");
        }
        try (VectorSchemaRoot rows = FakeCluster.rows(allocator, 0, 3)) {
            ((BigIntVector) rows.getVector(0)).setNull(2);
            assertThatThrownBy(() -> writer.append(rows))
                    .hasMessageContaining("'id' is NOT NULL, but row 2 is null");
        }
    }

    @Test
    void refusesTablesWithPrimaryKey() {
        TableInfo keyed =
                new TableInfo(
                        TablePath.of("db", "kv"),
                        8,
                        1,
                        TableDescriptor.of(
                                        TableSchema.of(
                                                List.of(Column.of("id", DataTypes.bigInt())),
                                                List.of("id")))
                                .withBuckets(1),
                        0,
                        0);
        assertThatThrownBy(
                        () ->
                                LogAppendWriter.open(
                                        keyed,
                                        settings(1, 1),
                                        fake.cluster(),
                                        noAdmin(),
                                        loop,
                                        clock))
                .hasMessageContaining("db.kv has a primary key");
    }

    /** A server that loses requests and answers at random must store each row once, in order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void storesEachRowOnceAndInOrder(long seed) {
        Random random = new Random(seed);
        LogAppendWriter writer = writer(2, settings(300, 64 << 20));
        Map<Integer, ModelBucket> buckets = new HashMap<>();
        List<CompletableFuture<Void>> acks = new ArrayList<>();
        List<Runnable> answers = new ArrayList<>();
        int appended = 0;
        for (int step = 0; step < 2_000; step++) {
            if (appended < 100 && random.nextInt(3) == 0) {
                acks.add(append(writer, appended * 10L, 10));
                appended++;
            }
            loop.advance(Duration.ofMillis(random.nextInt(300)));
            while (fake.server(1).waitingCount() > 0) {
                FakeServer.Incoming request = fake.server(1).take();
                if (random.nextInt(5) == 0) {
                    answers.add(() -> request.fail(ErrorReason.NETWORK));
                    continue;
                }
                ProduceLogResponse response = store(request, buckets);
                boolean isLost = random.nextInt(5) == 0;
                answers.add(
                        () -> {
                            if (isLost) {
                                request.fail(ErrorReason.REQUEST_TIME_OUT);
                            } else {
                                request.answer().complete(response);
                            }
                        });
            }
            if (!answers.isEmpty() && random.nextBoolean()) {
                answers.remove(random.nextInt(answers.size())).run();
            }
        }
        assertThat(acks).as("seed %s", seed).hasSize(100).allMatch(CompletableFuture::isDone);
        assertThat(acks).noneMatch(CompletableFuture::isCompletedExceptionally);
        List<Long> all = new ArrayList<>();
        for (ModelBucket bucket : buckets.values()) {
            assertThat(bucket.ids).isSorted();
            all.addAll(bucket.ids);
        }
        assertThat(all).hasSize(1_000).doesNotHaveDuplicates();
    }

    /** The rules of a server: wire protocol document, section 4.7. */
    private static final class ModelBucket {
        private final List<Long> ids = new ArrayList<>();
        private final Map<Long, Integer> lastSequence = new HashMap<>();
    }

    private ProduceLogResponse store(
            FakeServer.Incoming request, Map<Integer, ModelBucket> buckets) {
        ProduceLogResponse.Builder response = ProduceLogResponse.newBuilder();
        for (PbProduceLogReqForBucket b :
                ((ProduceLogRequest) request.request()).getBucketsReqList()) {
            ModelBucket bucket = buckets.computeIfAbsent(b.getBucketId(), id -> new ModelBucket());
            LogBatch batch = LogBatch.at(b.getRecords().asReadOnlyByteBuffer(), 0);
            batch.checkCrc();
            int last = bucket.lastSequence.getOrDefault(batch.writerId(), -1);
            PbProduceLogRespForBucket.Builder result =
                    response.addBucketsRespBuilder().setBucketId(b.getBucketId());
            if (batch.sequence() == last + 1) {
                bucket.ids.addAll(FakeCluster.ids(allocator, batch));
                bucket.lastSequence.put(batch.writerId(), batch.sequence());
            } else if (batch.sequence() > last || batch.sequence() <= last - 5) {
                result.setErrorCode(ErrorCodes.code(ErrorReason.OUT_OF_ORDER_SEQUENCE));
            }
        }
        return response.build();
    }

    private LogAppendWriter writer(int buckets, WriterSettings settings) {
        LogAppendWriter writer =
                LogAppendWriter.open(
                        FakeCluster.table(buckets),
                        settings,
                        fake.cluster(),
                        noAdmin(),
                        loop,
                        clock);
        writers.add(writer);
        return writer;
    }

    private static Admin noAdmin() {
        return (Admin)
                Proxy.newProxyInstance(
                        Admin.class.getClassLoader(),
                        new Class<?>[] {Admin.class},
                        (proxy, method, args) -> {
                            throw new AssertionError("unexpected call of " + method.getName());
                        });
    }

    private static WriterSettings settings(int batchBytes, long bufferBytes) {
        return settings(batchBytes, bufferBytes, GIVE_UP, WriterSettings.BucketAssigner.STICKY);
    }

    private static WriterSettings settings(
            int batchBytes,
            long bufferBytes,
            Duration deliveryTimeout,
            WriterSettings.BucketAssigner assigner) {
        return new WriterSettings(
                new WriterSettings.Batching(bufferBytes, batchBytes, LINGER, 10 << 20, GIVE_UP),
                -1,
                Integer.MAX_VALUE,
                true,
                5,
                true,
                deliveryTimeout,
                assigner);
    }

    private CompletableFuture<Void> append(LogAppendWriter writer, long firstId, int count) {
        try (VectorSchemaRoot rows = FakeCluster.rows(allocator, firstId, count)) {
            return writer.append(rows);
        }
    }

    private List<FakeServer.Incoming> takeAll(int count) {
        List<FakeServer.Incoming> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(fake.server(1).take());
        }
        return all;
    }

    private static ByteString records(FakeServer.Incoming request) {
        return ((ProduceLogRequest) request.request()).getBucketsReq(0).getRecords();
    }

    private static List<LogBatch> batches(FakeServer.Incoming request) {
        return ((ProduceLogRequest) request.request())
                .getBucketsReqList().stream()
                        .map(b -> LogBatch.at(b.getRecords().asReadOnlyByteBuffer(), 0))
                        .toList();
    }

    private static int sequence(FakeServer.Incoming request) {
        return batches(request).get(0).sequence();
    }

    private void succeed(FakeServer.Incoming request) {
        succeed(request, 0);
    }

    private void succeed(FakeServer.Incoming request, long baseOffset) {
        ProduceLogResponse.Builder b = ProduceLogResponse.newBuilder();
        for (PbProduceLogReqForBucket q :
                ((ProduceLogRequest) request.request()).getBucketsReqList()) {
            b.addBucketsRespBuilder().setBucketId(q.getBucketId()).setBaseOffset(baseOffset);
        }
        request.answer().complete(b.build());
        loop.runAll();
    }

    private void fail(FakeServer.Incoming request, ErrorReason reason) {
        ProduceLogResponse.Builder b = ProduceLogResponse.newBuilder();
        for (PbProduceLogReqForBucket q :
                ((ProduceLogRequest) request.request()).getBucketsReqList()) {
            b.addBucketsRespBuilder()
                    .setBucketId(q.getBucketId())
                    .setErrorCode(ErrorCodes.code(reason));
        }
        request.answer().complete(b.build());
        loop.runAll();
    }
}
