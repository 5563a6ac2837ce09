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
import com.google.protobuf.MessageLite;
import io.fluss.bytes.ByteParts;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.log.BatchProjection;
import io.fluss.formats.log.LogBatch;
import io.fluss.kv.KvSettings;
import io.fluss.log.LogSettings;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.protocol.messages.PbFetchLogReqForBucket;
import io.fluss.protocol.messages.PbFetchLogReqForTable;
import io.fluss.protocol.messages.PbFetchLogRespForBucket;
import io.fluss.protocol.messages.PbProduceLogReqForBucket;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
import io.fluss.table.TableBucket;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.table.TablePath;
import io.fluss.table.TableSchema;
import io.fluss.testkit.ManualClock;
import io.fluss.testkit.ManualLoop;
import io.fluss.transport.ConnectionNotes;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import io.fluss.types.DataType;
import io.fluss.types.DataTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What fetches answer with, against stored batches that are cut one by one in memory. */
class FetchedRecordsTest {
    private static final List<Column> COLUMNS =
            List.of(
                    Column.of("id", DataTypes.integer()),
                    Column.of("text", DataTypes.string()),
                    Column.of("flag", DataTypes.bool()),
                    Column.of("tags", DataTypes.array(DataTypes.string())),
                    Column.of(
                            "point",
                            DataTypes.row(
                                    DataTypes.field("x", DataTypes.doubling()),
                                    DataTypes.field(
                                            "labels", DataTypes.array(DataTypes.bigInt())))),
                    Column.of("bytes", DataTypes.bytes()),
                    Column.of("number", DataTypes.bigInt()));
    private static final TableSchema OLD = TableSchema.of(COLUMNS.toArray(new Column[0]));
    private static final List<Column> MORE =
            List.of(
                    Column.of("added", DataTypes.string()),
                    Column.of("more", DataTypes.array(DataTypes.integer())));
    private static final List<List<Integer>> PROJECTIONS =
            List.of(
                    List.of(0),
                    List.of(2),
                    List.of(1, 3),
                    List.of(0, 4, 6),
                    List.of(3, 4, 5),
                    List.of(0, 1, 2, 3, 4, 5, 6));
    private static final RequestContext CONTEXT =
            new RequestContext((short) 0, "test", new InetSocketAddress(0), new ConnectionNotes());
    private static final int SEGMENT_BYTES = 1 << 20;

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock(10_000);
    private final ManualLoop loop = new ManualLoop(clock);
    private final BufferAllocator allocator = new RootAllocator();
    private final Random random = new Random(11);
    private final List<LogBatch> stored = new ArrayList<>();
    private ReplicaHost host;
    private int bucket;

    /** Holds the answer open, as a socket that takes nothing would. */
    private static final class Held implements Reply {
        private Optional<ByteParts> parts = Optional.empty();

        @Override
        public void success(MessageLite message) {
            throw new AssertionError("not a fetch answer: " + message);
        }

        @Override
        public void success(ByteParts encoded) {
            parts = Optional.of(encoded);
        }

        @Override
        public void failure(FlussException error) {
            throw error;
        }

        /** The answer as a client would get it. */
        PbFetchLogRespForBucket read() {
            return readAll().get(0);
        }

        List<PbFetchLogRespForBucket> readAll() {
            try {
                ByteParts all = parts.orElseThrow();
                ByteBuffer bytes = ByteBuffer.allocate((int) all.size());
                for (ByteParts.Part p : all.parts()) {
                    if (p instanceof ByteParts.Memory m) {
                        bytes.put(m.bytes().duplicate());
                    } else if (p instanceof ByteParts.FileRange r) {
                        ByteBuffer piece = ByteBuffer.allocate((int) r.size());
                        r.file().read(piece, r.position());
                        bytes.put(piece.flip());
                    }
                }
                List<PbFetchLogRespForBucket> buckets =
                        FetchLogResponse.parseFrom(bytes.array())
                                .getTablesResp(0)
                                .getBucketsRespList();
                buckets.forEach(b -> assertThat(b.getErrorMessage()).isEmpty());
                return buckets;
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void close() {
            parts.orElseThrow().close();
        }
    }

    private static TableInfo table(int schemaId, TableSchema schema) {
        return new TableInfo(
                TablePath.of("db", "t"),
                7,
                schemaId,
                TableDescriptor.of(schema).withBuckets(6).withProperty("table.log.ttl", "1h"),
                0,
                0);
    }

    private static TableSchema newer() {
        List<Column> all = new ArrayList<>(COLUMNS);
        all.addAll(MORE);
        return TableSchema.of(all.toArray(new Column[0]));
    }

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
                                Settings.of(Map.of("server.data-disk.write-limit-ratio", "1"))),
                        new LogSettings(
                                SEGMENT_BYTES, 4096, 10 << 20, Long.MAX_VALUE, Duration.ofDays(7)),
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
        var done =
                host.becomeLeaders(
                        List.of(
                                new LeaderAssignment(
                                        table(1, OLD),
                                        Optional.empty(),
                                        TableBucket.of(7, 0),
                                        0,
                                        0,
                                        List.of(1),
                                        List.of(1))));
        loop.runAll();
        assertThat(done).isCompleted();
    }

    @AfterEach
    void givesEverythingBack() {
        host.close();
        loop.runAll();
        assertThat(host.windows().size()).as("mapped windows").isZero();
        assertThat(host.buffers().inUse()).as("pooled buffers").isZero();
        allocator.close();
    }

    private void append(int rows, ArrowCompression compression) {
        try (VectorSchemaRoot root =
                VectorSchemaRoot.create(ArrowSchemas.of(OLD.rowType()), allocator)) {
            for (FieldVector v : root.getFieldVectors()) {
                v.setInitialCapacity(rows);
                v.allocateNew();
                for (int i = 0; i < rows; i++) {
                    fill(v, i);
                }
                v.setValueCount(rows);
            }
            root.setRowCount(rows);
            append(ArrowBatches.encode(root, 1, -1, -1, compression, 3));
        }
    }

    /** A value, or null, of any of the types above. */
    private void fill(FieldVector v, int i) {
        if (random.nextInt(7) == 0) {
            v.setNull(i);
            return;
        }
        byte[] text = new byte[random.nextInt(30)];
        Arrays.fill(text, (byte) ('a' + random.nextInt(26)));
        if (v instanceof IntVector ints) {
            ints.setSafe(i, random.nextInt());
        } else if (v instanceof BigIntVector longs) {
            longs.setSafe(i, random.nextLong());
        } else if (v instanceof Float8Vector doubles) {
            doubles.setSafe(i, random.nextDouble());
        } else if (v instanceof BitVector bits) {
            bits.setSafe(i, random.nextInt(2));
        } else if (v instanceof VarCharVector texts) {
            texts.setSafe(i, text);
        } else if (v instanceof VarBinaryVector binaries) {
            binaries.setSafe(i, text);
        } else if (v instanceof ListVector lists) {
            int at = lists.startNewValue(i);
            int length = random.nextInt(4);
            for (int k = 0; k < length; k++) {
                fill(lists.getDataVector(), at + k);
            }
            lists.endValue(i, length);
        } else if (v instanceof StructVector structs) {
            structs.setIndexDefined(i);
            structs.getChildrenFromFields().forEach(child -> fill(child, i));
        } else {
            throw new AssertionError(v.getField());
        }
    }

    private void append(ByteBuffer batch) {
        long end = stored.isEmpty() ? 0 : stored.get(stored.size() - 1).nextOffset();
        new ProduceHandler(host)
                .handle(
                        ProduceLogRequest.newBuilder()
                                .setAcks(1)
                                .setTableId(7)
                                .setTimeoutMs(1000)
                                .addBucketsReq(
                                        PbProduceLogReqForBucket.newBuilder()
                                                .setBucketId(bucket)
                                                .setRecords(ByteString.copyFrom(batch.duplicate())))
                                .build(),
                        CONTEXT,
                        new Reply() {
                            @Override
                            public void success(MessageLite message) {}

                            @Override
                            public void success(ByteParts encoded) {}

                            @Override
                            public void failure(FlussException error) {
                                throw error;
                            }
                        });
        loop.runAll();
        ByteBuffer kept = ByteBuffer.allocate(batch.remaining()).put(batch.duplicate()).flip();
        kept.order(java.nio.ByteOrder.LITTLE_ENDIAN);
        kept.put(LogBatch.at(kept.duplicate(), 0).stampedPrefix(end, 10_000).duplicate()).rewind();
        stored.add(LogBatch.at(kept, 0));
    }

    private static FetchLogRequest request(long from, int maxBytes, List<Integer> fields) {
        return FetchLogRequest.newBuilder()
                .setFollowerServerId(-1)
                .setMaxBytes(16 << 20)
                .addTablesReq(
                        PbFetchLogReqForTable.newBuilder()
                                .setTableId(7)
                                .setProjectionPushdownEnabled(!fields.isEmpty())
                                .addAllProjectedFields(fields)
                                .addBucketsReq(
                                        PbFetchLogReqForBucket.newBuilder()
                                                .setBucketId(0)
                                                .setFetchOffset(from)
                                                .setMaxFetchBytes(maxBytes)))
                .build();
    }

    private Held hold(long from, int maxBytes, List<Integer> fields) {
        Held held = new Held();
        new FetchHandler(host).handle(request(from, maxBytes, fields), CONTEXT, held);
        return held;
    }

    private ByteString fetch(long from, int maxBytes, List<Integer> fields) {
        Held held = hold(from, maxBytes, fields);
        PbFetchLogRespForBucket b = held.read();
        held.close();
        assertThat(host.windows().inUse()).isZero();
        assertThat(host.buffers().inUse()).isZero();
        return b.getRecords();
    }

    /** Everything from an offset on, fetch by fetch. */
    private byte[] scan(int maxBytes, List<Integer> fields) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int batches = 0;
        while (batches < stored.size()) {
            ByteString records = fetch(stored.get(batches).baseOffset(), maxBytes, fields);
            assertThat(records).isNotEmpty();
            all.writeBytes(records.toByteArray());
            int before = batches;
            ByteBuffer left =
                    records.asReadOnlyByteBuffer().order(java.nio.ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < left.limit(); batches++) {
                at += left.getInt(at + LogBatch.LENGTH_OFFSET) + LogBatch.LENGTH_OVERHEAD;
            }
            assertThat(records.size() <= maxBytes || batches == before + 1).isTrue();
        }
        return all.toByteArray();
    }

    /** Cut one by one out of whole batches in memory. */
    private byte[] expected(TableSchema schema, List<Integer> fields) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (LogBatch b : stored) {
            ByteBuffer bytes = b.bytes().slice(0, b.size());
            ByteParts cut =
                    fields.isEmpty()
                            ? ByteParts.of(bytes)
                            : BatchProjection.of(schema.rowType(), fields).layout(bytes).cut(bytes);
            for (ByteParts.Part p : cut.parts()) {
                byte[] piece = new byte[(int) p.size()];
                ((ByteParts.Memory) p).bytes().duplicate().get(piece);
                all.writeBytes(piece);
            }
        }
        return all.toByteArray();
    }

    private void check(TableSchema schema, List<Integer> fields) {
        byte[] expected = expected(schema, fields);
        for (int maxBytes : new int[] {1, 100_000, 1 << 20}) {
            // The first time layouts are made, then they are known.
            assertThat(scan(maxBytes, fields)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(ArrowCompression.class)
    void batchesOfAllSizesComeByteForByte(ArrowCompression compression) {
        for (int rows : new int[] {1, 40, 3000, 0, 7, 9000, 20_000, 2, 2, 2, 2000, 500, 300}) {
            append(rows, compression);
        }
        check(OLD, List.of());
        PROJECTIONS.forEach(fields -> check(OLD, fields));
        assertThat(host.layouts().size()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"3, 500", "200, 100"})
    void manySmallBatchesComeByteForByte(int rows, int batches) {
        for (int i = 0; i < batches; i++) {
            append(rows, ArrowCompression.NONE);
        }
        check(OLD, List.of());
        PROJECTIONS.forEach(fields -> check(OLD, fields));
    }

    @ParameterizedTest
    @EnumSource(ArrowCompression.class)
    void columnsAddedLaterAreNullsInOldBatches(ArrowCompression compression) {
        for (int rows : new int[] {30, 9000, 2}) {
            append(rows, compression);
        }
        check(OLD, List.of(0, 6));
        host.tableChanged(table(2, newer()));
        loop.runAll();
        for (List<Integer> fields :
                List.of(List.of(0, 6), List.of(7), List.of(6, 7, 8), List.of(0, 3, 8))) {
            check(newer(), fields);
        }
        // And the rows are right, not only what the reference says.
        DataType.RowType type =
                new DataType.RowType(
                        List.of(
                                newer().rowType().fields().get(0),
                                newer().rowType().fields().get(7)),
                        false);
        ByteBuffer batch = ByteBuffer.wrap(fetch(30, 1, List.of(0, 7)).toByteArray());
        try (VectorSchemaRoot old = ArrowBatches.decode(stored.get(1), OLD.rowType(), allocator);
                VectorSchemaRoot cut =
                        ArrowBatches.decode(LogBatch.at(batch, 0), type, allocator)) {
            assertThat(cut.getRowCount()).isEqualTo(9000);
            for (int i = 0; i < 9000; i++) {
                assertThat(cut.getVector(0).getObject(i)).isEqualTo(old.getVector(0).getObject(i));
                assertThat(cut.getVector(1).isNull(i)).isTrue();
            }
        }
    }

    @Test
    void answersUnderWayOutliveTheirSegments() {
        for (int i = 0; i < 6; i++) {
            append(20_000, ArrowCompression.NONE);
        }
        append(10, ArrowCompression.NONE);
        List<List<Integer>> all = List.of(List.of(), List.of(1, 4));
        List<Held> held = new ArrayList<>();
        List<ByteString> records = new ArrayList<>();
        for (List<Integer> fields : all) {
            for (long from : new long[] {0, 40_000}) {
                held.add(hold(from, 3 << 20, fields));
                records.add(held.get(held.size() - 1).read().getRecords());
            }
        }
        clock.setNowMs(clock.nowMs() + Duration.ofDays(1).toMillis());
        Replica replica = host.replica(TableBucket.of(7, 0));
        loop.call(
                () -> {
                    replica.expireSegments(clock.nowMs(), segment -> true);
                    return true;
                });
        loop.runAll();
        assertThat(replica.serving().orElseThrow().log().startOffset()).isPositive();
        for (int i = 0; i < held.size(); i++) {
            assertThat(held.get(i).read().getRecords()).isEqualTo(records.get(i));
        }
        var stopped = host.stopReplicas(List.of(TableBucket.of(7, 0)), true);
        loop.runAll();
        assertThat(stopped).isCompleted();
        assertThat(host.windows().inUse()).isPositive();
        for (int i = 0; i < held.size(); i++) {
            assertThat(held.get(i).read().getRecords()).isEqualTo(records.get(i));
            held.get(i).close();
        }
        assertThat(host.windows().size()).isZero();
        assertThat(new String(records.get(0).substring(0, 8).toByteArray(), StandardCharsets.UTF_8))
                .isEqualTo("\0".repeat(8));
    }

    @Test
    void bucketsTakeTurnsWhenAnAnswerCannotHoldThemAll() {
        var done =
                host.becomeLeaders(
                        java.util.stream.IntStream.range(1, 6)
                                .mapToObj(
                                        b ->
                                                new LeaderAssignment(
                                                        table(1, OLD),
                                                        Optional.empty(),
                                                        TableBucket.of(7, b),
                                                        0,
                                                        0,
                                                        List.of(1),
                                                        List.of(1)))
                                .toList());
        loop.runAll();
        assertThat(done).isCompleted();
        for (int b = 0; b < 6; b++) {
            bucket = b;
            append(12_000, ArrowCompression.NONE);
        }
        FetchLogRequest.Builder all = request(0, 1 << 20, List.of()).toBuilder();
        for (int b = 1; b < 6; b++) {
            all.getTablesReqBuilder(0)
                    .addBucketsReq(all.getTablesReq(0).getBucketsReq(0).toBuilder().setBucketId(b));
        }
        int[] served = new int[6];
        for (int i = 0; i < 6; i++) {
            Held held = new Held();
            new FetchHandler(host).handle(all.build(), CONTEXT, held);
            long bytes = 0;
            List<PbFetchLogRespForBucket> buckets = held.readAll();
            for (int b = 0; b < 6; b++) {
                assertThat(buckets.get(b).getBucketId()).isEqualTo(b);
                bytes += buckets.get(b).getRecords().size();
                served[b] += buckets.get(b).getRecords().isEmpty() ? 0 : 1;
            }
            assertThat(bytes).isBetween(1L << 20, 2L << 20);
            held.close();
        }
        assertThat(served).containsOnly(served[0]).doesNotContain(0);
    }

    @Test
    void whoWaitsHoldsNoMemory() {
        append(3000, ArrowCompression.NONE);
        Held held = new Held();
        FetchLogRequest q =
                request(0, 1 << 20, List.of()).toBuilder()
                        .setMinBytes(1 << 30)
                        .setMaxWaitMs(1000)
                        .build();
        new FetchHandler(host).handle(q, CONTEXT, held);
        assertThat(held.parts).isEmpty();
        assertThat(host.windows().inUse()).isZero();
        assertThat(host.buffers().inUse()).isZero();
        append(3000, ArrowCompression.NONE);
        assertThat(held.parts).isEmpty();
        assertThat(host.windows().inUse()).isZero();
        loop.advance(Duration.ofMillis(1001));
        assertThat(held.read().getRecords()).isNotEmpty();
        held.close();
    }
}
