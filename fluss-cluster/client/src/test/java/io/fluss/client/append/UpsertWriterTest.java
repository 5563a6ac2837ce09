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

import io.fluss.client.Admin;
import io.fluss.client.fake.FakeCluster;
import io.fluss.client.fake.FakeServer;
import io.fluss.client.row.GenericRow;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.kv.KvBatch;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowReader;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.PbPutKvReqForBucket;
import io.fluss.protocol.messages.PbPutKvRespForBucket;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.PutKvResponse;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.types.DataTypes;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(5)
class UpsertWriterTest {
    private static final Duration LINGER = Duration.ofMillis(100);
    private static final Duration GIVE_UP = Duration.ofMinutes(5);
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("name", DataTypes.string()),
                            Column.of("id", DataTypes.bigInt().notNull()),
                            Column.of("value", DataTypes.bigInt())),
                    List.of("id"));

    private final ManualClock clock = new ManualClock(0);
    private final ManualLoop loop = new ManualLoop(clock);
    private final FakeCluster fake = new FakeCluster(loop, clock);
    private final BufferAllocator allocator = new RootAllocator();
    private final Map<Integer, ModelBucket> model = new TreeMap<>();

    @BeforeEach
    void connect() {
        fake.cluster().refresh(MetadataRequest.getDefaultInstance()).join();
    }

    @AfterEach
    void closesWithoutLeaks() {
        allocator.close();
    }

    /** What a bucket holds, by id, after the rules of wire protocol document, section 4.7. */
    private static final class ModelBucket {
        private final Map<Long, String> rows = new TreeMap<>();
        private final Map<Long, Integer> lastSequence = new HashMap<>();
        private long logEnd;
    }

    @ParameterizedTest
    @EnumSource(TableOptions.KvFormat.class)
    void mergesRowsAndVectorsAndDeletesIntoOneBatchInOrder(TableOptions.KvFormat format) {
        TableInfo table = table(SCHEMA, Map.of(TableOptions.KV_FORMAT, format.name()));
        UpsertWriter writer = writer(table, UpsertOptions.DEFAULT, settings(1 << 20));
        var first = writer.upsert(GenericRow.of("a", 1, 10));
        var second = writer.upsert(GenericRow.named(Map.of("id", 2)));
        CompletableFuture<Map<TableBucket, Long>> some;
        try (VectorSchemaRoot rows = rows("b", 1, 3, 4)) {
            some = writer.upsert(rows);
        }
        var gone = writer.delete(GenericRow.of(3));
        loop.advance(LINGER);
        FakeServer.Incoming request = fake.server(1).take();
        PutKvRequest put = (PutKvRequest) request.request();
        assertThat(put.getTargetColumnsList()).isEmpty();
        assertThat(put.getAcks()).isEqualTo(-1);
        answer(request, table);
        assertThat(model.get(0).rows)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(1L, "b|1|10", 2L, "null|2|null", 4L, "b|4|40"));
        TableBucket bucket = TableBucket.of(7, 0);
        assertThat(first.join()).isEqualTo(new UpsertResult(bucket, 6));
        assertThat(second.join().logEndOffset()).isEqualTo(6);
        assertThat(gone.join().logEndOffset()).isEqualTo(6);
        assertThat(some.join()).isEqualTo(Map.of(bucket, 6L));
        writer.close();
    }

    @Test
    void takesVectorsWithDeletesInBetween() {
        TableInfo table = table(SCHEMA, Map.of());
        UpsertWriter writer = writer(table, UpsertOptions.DEFAULT, settings(1 << 20));
        BitSet deletes = new BitSet();
        deletes.set(1);
        deletes.set(3);
        try (VectorSchemaRoot rows = rows("x", 1, 1, 2, 2, 1)) {
            var unused = writer.write(rows, deletes);
        }
        try (VectorSchemaRoot keys = keys(5, 6)) {
            var unused = writer.delete(keys);
        }
        loop.advance(LINGER);
        answer(fake.server(1).take(), table);
        assertThat(model.get(0).rows).isEqualTo(Map.of(1L, "x|1|10"));
        writer.close();
    }

    @Test
    void writesSomeColumnsInTheOrderOfTheCaller() {
        TableInfo table = table(SCHEMA, Map.of());
        UpsertWriter writer =
                writer(
                        table,
                        UpsertOptions.of("value", "id").withMode(MergeMode.OVERWRITE),
                        settings(1 << 20));
        var unused = writer.upsert(GenericRow.of(100, 1));
        unused = writer.upsert(GenericRow.named(Map.of("id", 2, "value", 200)));
        try (VectorSchemaRoot rows =
                VectorSchemaRoot.create(
                        ArrowSchemas.of(
                                DataTypes.row(
                                        DataTypes.field("value", DataTypes.bigInt()),
                                        DataTypes.field("id", DataTypes.bigInt()))),
                        allocator)) {
            ((BigIntVector) rows.getVector(0)).setSafe(0, 300);
            ((BigIntVector) rows.getVector(1)).setSafe(0, 3);
            rows.setRowCount(1);
            var ignored = writer.upsert(rows);
        }
        loop.advance(LINGER);
        FakeServer.Incoming request = fake.server(1).take();
        PutKvRequest put = (PutKvRequest) request.request();
        assertThat(put.getTargetColumnsList()).containsExactly(1, 2);
        assertThat(put.getAggMode()).isEqualTo(1);
        answer(request, table);
        assertThat(model.get(0).rows)
                .isEqualTo(Map.of(1L, "null|1|100", 2L, "null|2|200", 3L, "null|3|300"));
        assertThatThrownBy(() -> writer.upsert(GenericRow.named(Map.of("id", 2, "name", "x"))))
                .hasMessageContaining("db.t")
                .hasMessageContaining("'name'")
                .hasMessageContaining("[value, id]");
        writer.close();
    }

    @Test
    void refusesColumnsThatCannotBeWrittenByThemselves() {
        assertRefused(SCHEMA, Map.of(), UpsertOptions.of("value"), "'id'", "primary key");
        assertRefused(SCHEMA, Map.of(), UpsertOptions.of("id", "nope"), "'nope'", "columns are");
        assertRefused(SCHEMA, Map.of(), UpsertOptions.of("id", "id"), "twice");
        TableSchema strict =
                TableSchema.of(
                        List.of(
                                Column.of("id", DataTypes.bigInt()),
                                Column.of("a", DataTypes.bigInt()),
                                Column.of("b", DataTypes.bigInt().notNull())),
                        List.of("id"));
        assertRefused(strict, Map.of(), UpsertOptions.of("id", "a"), "'b'", "NOT NULL");
        for (String engine : List.of("first_row", "versioned")) {
            assertRefused(
                    SCHEMA,
                    Map.of(TableOptions.MERGE_ENGINE, engine),
                    UpsertOptions.of("id", "value"),
                    "whole rows");
        }
        TableSchema counting =
                new TableSchema(
                        SCHEMA.columns(),
                        List.of("id"),
                        java.util.Optional.of("value"),
                        SCHEMA.highestFieldId());
        assertRefused(counting, Map.of(), UpsertOptions.DEFAULT, "'value'", "counts by itself");
        assertRefused(counting, Map.of(), UpsertOptions.of("id", "value"), "counts by itself");
        writer(table(counting, Map.of()), UpsertOptions.of("id", "name"), settings(1_000)).close();
    }

    private void assertRefused(
            TableSchema schema,
            Map<String, String> properties,
            UpsertOptions options,
            String... parts) {
        assertThatThrownBy(() -> writer(table(schema, properties), options, settings(1_000)))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_TARGET_COLUMN))
                .hasMessageContaining("db.t")
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void refusesRowsThatDoNotFitBeforeAnythingIsTaken() {
        TableInfo table = table(SCHEMA, Map.of(TableOptions.DELETE_BEHAVIOR, "disable"));
        UpsertWriter writer = writer(table, UpsertOptions.DEFAULT, settings(1 << 20));
        assertThatThrownBy(() -> writer.upsert(GenericRow.named(Map.of("name", "a"))))
                .hasMessageContaining("db.t")
                .hasMessageContaining("'id' is NOT NULL");
        assertThatThrownBy(() -> writer.upsert(GenericRow.of("a", "one", 1)))
                .hasMessageContaining("db.t: column 'id' of type BIGINT NOT NULL takes");
        assertThatThrownBy(() -> writer.upsert(GenericRow.named(Map.of("id", 1, "nope", 1))))
                .hasMessageContaining("db.t: column 'nope' does not exist");
        assertThatThrownBy(() -> writer.upsert(GenericRow.of("x".repeat(20_000_000), 1, 1)))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.RECORD_TOO_LARGE))
                .hasMessageContaining("db.t")
                .hasMessageContaining("'name'");
        assertThatThrownBy(() -> writer.delete(GenericRow.of(1)))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.DELETION_DISABLED));
        try (VectorSchemaRoot rows = rows("a", 1, 2)) {
            rows.getVector("id").setNull(1);
            assertThatThrownBy(() -> writer.upsert(rows))
                    .hasMessageContaining("db.t: column 'id' is NOT NULL, but row 1");
        }
        try (VectorSchemaRoot keys = keys(1)) {
            assertThatThrownBy(() -> writer.upsert(keys))
                    .hasMessageContaining("db.t")
                    .hasMessageContaining("3 columns");
        }
        loop.advance(LINGER);
        assertThat(fake.server(1).waitingCount()).isZero();
        writer.close();
        assertThatThrownBy(
                        () ->
                                writer(
                                        FakeCluster.table(1),
                                        UpsertOptions.DEFAULT,
                                        settings(1 << 20)))
                .hasMessageContaining("db.t has no primary key");
    }

    @Test
    void refusesKeysOfDeletesThatDoNotFit() {
        UpsertWriter writer =
                writer(table(SCHEMA, Map.of()), UpsertOptions.DEFAULT, settings(1 << 20));
        assertThatThrownBy(() -> writer.delete(GenericRow.named(Map.of("value", 1))))
                .hasMessageContaining("db.t")
                .hasMessageContaining("'value'");
        assertThatThrownBy(() -> writer.delete(GenericRow.of("x")))
                .hasMessageContaining("db.t: column 'id' of type BIGINT NOT NULL takes");
        assertThatThrownBy(() -> writer.delete(GenericRow.of((Object) null)))
                .hasMessageContaining("db.t: column 'id' is NOT NULL");
        writer.close();
    }

    @Test
    void largeVectorsBecomeBatchesOfTheirOwnBehindWhatIsOpen() {
        TableInfo table = table(SCHEMA, Map.of());
        UpsertWriter writer = writer(table, UpsertOptions.DEFAULT, settings(2_000));
        var before = writer.upsert(GenericRow.of("old", 5, 1));
        long[] ids = new long[1_000];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i;
        }
        CompletableFuture<Map<TableBucket, Long>> all;
        try (VectorSchemaRoot rows = rows("new", ids)) {
            all = writer.upsert(rows);
        }
        var flushed = writer.flush();
        loop.runAll();
        while (fake.server(1).waitingCount() > 0) {
            answer(fake.server(1).take(), table);
        }
        assertThat(before).isCompleted();
        assertThat(flushed).isCompleted();
        assertThat(all.join().values()).containsExactly(1_001L);
        assertThat(model.get(0).rows).hasSize(1_000).containsEntry(5L, "new|5|50");
        writer.close();
    }

    @Test
    void blocksWhileTheMemoryIsUsedUp() {
        TableInfo table = table(SCHEMA, Map.of());
        UpsertWriter writer = writer(table, UpsertOptions.DEFAULT, settings(10_000, 1_000));
        var unused = writer.upsert(GenericRow.of("x".repeat(900), 1, 1));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> writer.upsert(GenericRow.of("x".repeat(900), 2, 1)))
                .hasMessageContaining("client.writer.buffer.memory-size");
        assertThat(Thread.interrupted()).isTrue();
        loop.runAll();
        answer(fake.server(1).take(), table);
        var next = writer.upsert(GenericRow.of("x".repeat(900), 3, 1));
        loop.advance(LINGER);
        answer(fake.server(1).take(), table);
        assertThat(next).isCompleted();
        writer.close();
    }

    @Test
    void tellsWhatTheServerRefuses() {
        TableInfo table = table(SCHEMA, Map.of());
        UpsertWriter writer = writer(table, UpsertOptions.DEFAULT, settings(10_000));
        var ack = writer.upsert(GenericRow.of("x", 1, 1));
        loop.advance(LINGER);
        FakeServer.Incoming request = fake.server(1).take();
        PutKvResponse.Builder response = PutKvResponse.newBuilder();
        response.addBucketsRespBuilder()
                .setBucketId(0)
                .setErrorCode(ErrorCodes.code(ErrorReason.AUTHORIZATION))
                .setErrorMessage("no");
        request.answer().complete(response.build());
        loop.runAll();
        assertThatThrownBy(ack::join).hasMessageContaining("upsert to db.t bucket 7/0");
        assertThatThrownBy(writer::close).hasMessageContaining("rows were lost");
    }

    /** Answers get lost, are late, are refused; leaders move: every key ends as it was last set. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void keepsTheOrderOfEachKeyAndStoresOnceUnderFaults(long seed) {
        Random random = new Random(seed);
        TableInfo table = table(SCHEMA, Map.of(), 4);
        UpsertWriter writer = writer(table, UpsertOptions.DEFAULT, settings(200));
        Map<Long, String> expected = new TreeMap<>();
        List<CompletableFuture<UpsertResult>> acks = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            long id = random.nextInt(40);
            if (random.nextInt(4) == 0) {
                acks.add(writer.delete(GenericRow.of(id)));
                expected.remove(id);
            } else {
                acks.add(writer.upsert(GenericRow.of("s", id, i)));
                expected.put(id, "s|" + id + "|" + i);
            }
            loop.runAll();
            fault(random, table);
        }
        var flushed = writer.flush();
        for (int i = 0; i < 10_000 && !flushed.isDone(); i++) {
            loop.advance(Duration.ofMillis(500));
            fault(random, table);
        }
        assertThat(acks).allMatch(a -> a.isDone() && !a.isCompletedExceptionally());
        Map<Long, String> stored = new TreeMap<>();
        model.values().forEach(b -> stored.putAll(b.rows));
        assertThat(stored).isEqualTo(expected);
        assertThat(model.values().stream().mapToLong(b -> b.logEnd).sum())
                .as("each record once")
                .isEqualTo(600);
        writer.close();
    }

    private void fault(Random random, TableInfo table) {
        for (int id = 1; id <= 2; id++) {
            if (fake.server(id).waitingCount() == 0 || random.nextInt(3) == 0) {
                continue;
            }
            FakeServer.Incoming request = fake.server(id).take();
            switch (random.nextInt(6)) {
                case 0 -> {
                    store(request, table);
                    request.fail(ErrorReason.NETWORK);
                }
                case 1 -> request.fail(ErrorReason.REQUEST_TIME_OUT);
                case 2 -> {
                    fake.lead(1 + random.nextInt(2));
                    refuse(request, ErrorReason.NOT_LEADER_OR_FOLLOWER);
                }
                default -> request.answer().complete(store(request, table));
            }
            loop.runAll();
        }
    }

    private static void refuse(FakeServer.Incoming request, ErrorReason reason) {
        PutKvResponse.Builder b = PutKvResponse.newBuilder();
        for (PbPutKvReqForBucket q : ((PutKvRequest) request.request()).getBucketsReqList()) {
            b.addBucketsRespBuilder()
                    .setBucketId(q.getBucketId())
                    .setErrorCode(ErrorCodes.code(reason));
        }
        request.answer().complete(b.build());
    }

    private void answer(FakeServer.Incoming request, TableInfo table) {
        assertThat(request.api()).isEqualTo(ApiKey.PUT_KV);
        request.answer().complete(store(request, table));
        loop.runAll();
    }

    private PutKvResponse store(FakeServer.Incoming request, TableInfo table) {
        PutKvResponse.Builder response = PutKvResponse.newBuilder();
        for (PbPutKvReqForBucket b : ((PutKvRequest) request.request()).getBucketsReqList()) {
            ModelBucket bucket = model.computeIfAbsent(b.getBucketId(), id -> new ModelBucket());
            KvBatch batch = KvBatch.of(b.getRecords().toByteArray());
            int last = bucket.lastSequence.getOrDefault(batch.writerId(), -1);
            PbPutKvRespForBucket.Builder result =
                    response.addBucketsRespBuilder().setBucketId(b.getBucketId());
            if (batch.sequence() == last + 1) {
                apply(batch, bucket, table);
                bucket.lastSequence.put(batch.writerId(), batch.sequence());
                result.setLogEndOffset(bucket.logEnd);
            } else if (batch.sequence() > last || batch.sequence() <= last - 5) {
                result.setErrorCode(ErrorCodes.code(ErrorReason.OUT_OF_ORDER_SEQUENCE));
            }
        }
        return response.build();
    }

    private static void apply(KvBatch batch, ModelBucket bucket, TableInfo table) {
        RowReader reader =
                RowFormat.valueOf(table.options().kvFormat().name())
                        .reader(table.schema().rowType());
        KeyEncoder keys = KeyEncoder.forPrimaryKey(table.descriptor());
        ByteBuffer bytes = ByteBuffer.wrap(batch.array()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(batch.schemaId()).isEqualTo(1);
        while (batch.next()) {
            bucket.logEnd++;
            if (batch.isDelete()) {
                bucket.rows.remove(varint(bytes, batch.keyAt()));
                continue;
            }
            reader.open(bytes, batch.rowAt(), batch.rowSize());
            assertThat(keys.encode(reader))
                    .isEqualTo(
                            java.util.Arrays.copyOfRange(
                                    batch.array(), batch.keyAt(), batch.keyAt() + batch.keySize()));
            String name =
                    reader.isNull(0) ? "null" : new String(reader.bytes(0), StandardCharsets.UTF_8);
            bucket.rows.put(
                    reader.integer(1),
                    name
                            + "|"
                            + reader.integer(1)
                            + "|"
                            + (reader.isNull(2) ? "null" : reader.integer(2)));
        }
    }

    private static long varint(ByteBuffer bytes, int at) {
        long value = 0;
        int i = at;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes.get(i++);
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private static TableInfo table(TableSchema schema, Map<String, String> properties) {
        return table(schema, properties, 1);
    }

    private static TableInfo table(
            TableSchema schema, Map<String, String> properties, int buckets) {
        return new TableInfo(
                TablePath.of("db", "t"),
                7,
                1,
                TableDescriptor.of(schema).withBuckets(buckets).withProperties(properties),
                0,
                0);
    }

    private UpsertWriter writer(TableInfo table, UpsertOptions options, WriterSettings settings) {
        return KvUpsertWriter.open(
                table, options, settings, fake.cluster(), noAdmin(), loop, clock);
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

    private static WriterSettings settings(int batchBytes) {
        return settings(batchBytes, 64 << 20);
    }

    private static WriterSettings settings(int batchBytes, long bufferBytes) {
        return new WriterSettings(
                new WriterSettings.Batching(bufferBytes, batchBytes, LINGER, 10 << 20, GIVE_UP),
                -1,
                Integer.MAX_VALUE,
                true,
                5,
                true,
                Duration.ofDays(1),
                WriterSettings.BucketAssigner.STICKY);
    }

    private VectorSchemaRoot rows(String name, long... ids) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(SCHEMA.rowType()), allocator);
        for (int i = 0; i < ids.length; i++) {
            ((VarCharVector) root.getVector(0)).setSafe(i, name.getBytes(StandardCharsets.UTF_8));
            ((BigIntVector) root.getVector(1)).setSafe(i, ids[i]);
            ((BigIntVector) root.getVector(2)).setSafe(i, 10 * ids[i]);
        }
        root.setRowCount(ids.length);
        return root;
    }

    private VectorSchemaRoot keys(long... ids) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(
                        ArrowSchemas.of(DataTypes.row(DataTypes.field("id", DataTypes.bigInt()))),
                        allocator);
        for (int i = 0; i < ids.length; i++) {
            ((BigIntVector) root.getVector(0)).setSafe(i, ids[i]);
        }
        root.setRowCount(ids.length);
        return root;
    }
}
