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
package io.fluss.client.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.fluss.client.Admin;
import io.fluss.client.fake.FakeCluster;
import io.fluss.client.fake.FakeServer;
import io.fluss.client.row.GenericRow;
import io.fluss.client.row.Row;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.formats.row.RowFormat;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.LookupRequest;
import io.fluss.protocol.messages.LookupResponse;
import io.fluss.protocol.messages.MetadataRequest;
import io.fluss.protocol.messages.PbLookupReqForBucket;
import io.fluss.protocol.messages.PbLookupRespForBucket;
import io.fluss.settings.Settings;
import io.fluss.table.Column;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(5)
class LookuperTest {
    private static final TableSchema SCHEMA =
            TableSchema.of(
                    List.of(
                            Column.of("id", DataTypes.bigInt()),
                            Column.of("value", DataTypes.bigInt())),
                    List.of("id"));
    private static final TableSchema NEXT =
            SCHEMA.plus(List.of(Column.of("extra", DataTypes.bigInt())));

    private final ManualClock clock = new ManualClock(0);
    private final ManualLoop loop = new ManualLoop(clock);
    private final FakeCluster fake = new FakeCluster(loop, clock);
    private final BufferAllocator allocator = new RootAllocator();

    @BeforeEach
    void connect() {
        fake.cluster().refresh(MetadataRequest.getDefaultInstance()).join();
    }

    @AfterEach
    void closesWithoutLeaks() {
        allocator.close();
    }

    @Test
    void keysThatWaitGoTogetherByServer() {
        Lookuper lookuper = lookuper(4, Map.of());
        List<CompletableFuture<Optional<Row>>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(lookuper.lookup(GenericRow.of(i)));
        }
        loop.runAll();
        assertThat(fake.server(1).waitingCount()).isEqualTo(1);
        FakeServer.Incoming request = fake.server(1).take();
        LookupRequest asked = (LookupRequest) request.request();
        assertThat(asked.getBucketsReqList()).hasSize(4);
        assertThat(asked.hasInsertIfNotExists()).isFalse();
        answer(request);
        for (int i = 0; i < 100; i++) {
            assertRow(all.get(i).join(), i);
        }
        lookuper.close();
    }

    /** Odd ids are not there. */
    private static void assertRow(Optional<Row> row, long id) {
        if (id % 2 == 1) {
            assertThat(row).isEmpty();
        } else {
            assertThat(row.orElseThrow().getLong("id")).isEqualTo(id);
            assertThat(row.orElseThrow().getLong("value")).isEqualTo(10 * id);
        }
    }

    @Test
    void cutsLargeRequestsAndBoundsThem() {
        Lookuper lookuper =
                lookuper(
                        1,
                        Map.of(
                                "client.lookup.max-batch-size",
                                "10",
                                "client.lookup.max-inflight-requests",
                                "2"));
        CompletableFuture<LookupRows> found;
        try (VectorSchemaRoot keys = keys(35)) {
            found = lookuper.lookup(keys);
        }
        loop.runAll();
        assertThat(fake.server(1).waitingCount()).isEqualTo(2);
        int requests = 0;
        while (fake.server(1).waitingCount() > 0) {
            FakeServer.Incoming request = fake.server(1).take();
            assertThat(((LookupRequest) request.request()).getBucketsReq(0).getKeysCount())
                    .isLessThanOrEqualTo(10);
            requests++;
            answer(request);
        }
        assertThat(requests).isEqualTo(4);
        assertThat(found.join().rowCount()).isEqualTo(18);
        assertThat(found.join().keys()).startsWith(0, 2, 4).endsWith(32, 34);
        try (VectorSchemaRoot rows = found.join().vectors(allocator)) {
            assertThat(((BigIntVector) rows.getVector("value")).get(17)).isEqualTo(340);
        }
        lookuper.close();
    }

    @Test
    void blocksWhileTooManyKeysWait() {
        Lookuper lookuper = lookuper(1, Map.of("client.lookup.queue-size", "3"));
        for (int i = 0; i < 3; i++) {
            var unused = lookuper.lookup(GenericRow.of(i));
        }
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> lookuper.lookup(GenericRow.of(3)))
                .hasMessageContaining("client.lookup.queue-size");
        assertThat(Thread.interrupted()).isTrue();
        loop.runAll();
        answer(fake.server(1).take());
        assertThat(lookuper.lookup(GenericRow.of(4))).isNotDone();
        lookuper.close();
        loop.runAll();
    }

    @Test
    void followsTheLeader() {
        Lookuper lookuper = lookuper(1, Map.of());
        CompletableFuture<Optional<Row>> row = lookuper.lookup(GenericRow.of(2));
        loop.runAll();
        fake.lead(-1);
        refuse(fake.server(1).take(), ErrorReason.NOT_LEADER_OR_FOLLOWER);
        loop.advance(Duration.ofSeconds(2));
        fake.lead(2);
        loop.advance(Duration.ofSeconds(2));
        loop.advance(Duration.ofSeconds(2));
        answer(fake.server(2).take());
        assertRow(row.join(), 2);
        lookuper.close();
    }

    @Test
    void survivesThatAllServersAreGoneForAWhile() {
        Lookuper lookuper = lookuper(1, Map.of());
        CompletableFuture<Optional<Row>> row = lookuper.lookup(GenericRow.of(2));
        loop.runAll();
        FakeServer.Incoming request = fake.server(1).take();
        fake.kill(1);
        fake.kill(2);
        request.fail(ErrorReason.NETWORK);
        for (int i = 0; i < 20; i++) {
            loop.advance(Duration.ofSeconds(2));
        }
        assertThat(row).isNotDone();
        fake.start(1);
        loop.advance(Duration.ofSeconds(2));
        loop.advance(Duration.ofSeconds(2));
        answer(fake.server(1).take());
        assertRow(row.join(), 2);
        lookuper.close();
    }

    @Test
    void givesUpAfterItsTimeAndSaysWhy() {
        Lookuper lookuper = lookuper(1, Map.of("client.lookup.timeout", "10s"));
        CompletableFuture<Optional<Row>> row = lookuper.lookup(GenericRow.of(2));
        fake.lead(-1);
        loop.runAll();
        refuse(fake.server(1).take(), ErrorReason.NOT_LEADER_OR_FOLLOWER);
        for (int i = 0; i < 10; i++) {
            loop.advance(Duration.ofSeconds(2));
        }
        assertThatThrownBy(row::join)
                .hasMessageContaining("db.t")
                .hasMessageContaining("client.lookup.timeout")
                .hasMessageContaining("by the test");
        lookuper.close();
    }

    @Test
    void failsWhatIsRefusedAndWhatIsClosed() {
        Lookuper lookuper = lookuper(1, Map.of());
        CompletableFuture<Optional<Row>> refused = lookuper.lookup(GenericRow.of(2));
        loop.runAll();
        refuse(fake.server(1).take(), ErrorReason.AUTHORIZATION);
        assertThatThrownBy(refused::join).hasMessageContaining("lookup in db.t bucket 7/0");
        CompletableFuture<Optional<Row>> left = lookuper.lookup(GenericRow.of(2));
        loop.runAll();
        lookuper.close();
        loop.runAll();
        assertThatThrownBy(left::join).hasMessageContaining("closed");
        CompletableFuture<Optional<Row>> late = lookuper.lookup(GenericRow.of(2));
        loop.runAll();
        assertThatThrownBy(late::join).hasMessageContaining("closed");
    }

    @Test
    void refusesKeysThatDoNotFit() {
        Lookuper lookuper = lookuper(1, Map.of());
        assertThatThrownBy(() -> lookuper.lookup(GenericRow.of("x")))
                .isInstanceOfSatisfying(
                        FlussException.class,
                        e -> assertThat(e.reason()).isEqualTo(ErrorReason.INVALID_TARGET_COLUMN))
                .hasMessageContaining("db.t: column 'id' of type BIGINT NOT NULL takes");
        assertThatThrownBy(() -> lookuper.lookup(GenericRow.named(Map.of("value", 1))))
                .hasMessageContaining("'value'")
                .hasMessageContaining("[id]");
        assertThatThrownBy(() -> lookuper.lookup(GenericRow.of((Object) null)))
                .hasMessageContaining("'id' is NOT NULL");
        try (VectorSchemaRoot wrong =
                VectorSchemaRoot.create(
                        ArrowSchemas.of(DataTypes.row(DataTypes.field("id", DataTypes.string()))),
                        allocator)) {
            assertThatThrownBy(() -> lookuper.lookup(wrong)).hasMessageContaining("column 'id'");
        }
        assertThat(fake.server(1).waitingCount()).isZero();
        lookuper.close();
    }

    @Test
    void asksForRowsToBeInserted() {
        TableInfo table = table(1, SCHEMA, 1, Map.of());
        Lookuper lookuper = open(table, LookupOptions.DEFAULT.insertingMissing(), Map.of());
        var unused = lookuper.lookup(GenericRow.of(2));
        loop.runAll();
        LookupRequest asked = (LookupRequest) fake.server(1).take().request();
        assertThat(asked.getInsertIfNotExists()).isTrue();
        assertThat(asked.getAcks()).isEqualTo(-1);
        assertThat(asked.getTimeoutMs()).isEqualTo(30_000);
        lookuper.close();
        loop.runAll();
        for (String engine : List.of("first_row", "versioned")) {
            assertThatThrownBy(
                            () ->
                                    open(
                                            table(
                                                    1,
                                                    SCHEMA,
                                                    1,
                                                    Map.of(TableOptions.MERGE_ENGINE, engine)),
                                            LookupOptions.DEFAULT.insertingMissing(),
                                            Map.of()))
                    .hasMessageContaining("merge engine");
        }
    }

    @Test
    void asksForSchemasItDoesNotKnowAndPadsOlderRows() {
        TableInfo next = table(1, NEXT, 2, Map.of());
        Lookuper lookuper = open(next, LookupOptions.of("extra", "value"), Map.of());
        CompletableFuture<Optional<Row>> row = lookuper.lookup(GenericRow.of(2));
        loop.runAll();
        answer(fake.server(1).take());
        assertThat(row.join().orElseThrow().isNull("extra")).isTrue();
        assertThat(row.join().orElseThrow().getLong("value")).isEqualTo(20);
        lookuper.close();
    }

    @Test
    void refusesAnAnswerThatIsNoRow() {
        Lookuper lookuper = lookuper(1, Map.of());
        for (byte[] bytes : List.of(new byte[0], new byte[] {1}, new byte[] {1, 0, 0, 1})) {
            CompletableFuture<Optional<Row>> row = lookuper.lookup(GenericRow.of(2));
            loop.runAll();
            LookupResponse.Builder b = LookupResponse.newBuilder();
            b.addBucketsRespBuilder()
                    .setBucketId(0)
                    .addValuesBuilder()
                    .setValues(ByteString.copyFrom(bytes));
            fake.server(1).take().answer().complete(b.build());
            loop.runAll();
            assertThat(row).isCompletedExceptionally();
        }
        lookuper.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void answersEachKeyRightUnderFaults(long seed) {
        Random random = new Random(seed);
        Lookuper lookuper = lookuper(4, Map.of("client.lookup.timeout", "1d"));
        Map<CompletableFuture<Optional<Row>>, Long> asked = new java.util.IdentityHashMap<>();
        for (int i = 0; i < 400; i++) {
            long id = random.nextInt(1_000);
            asked.put(lookuper.lookup(GenericRow.of(id)), id);
            if (random.nextInt(3) == 0) {
                loop.runAll();
            }
            fault(random);
        }
        for (int i = 0;
                i < 10_000 && !asked.keySet().stream().allMatch(CompletableFuture::isDone);
                i++) {
            loop.advance(Duration.ofMillis(500));
            fault(random);
        }
        asked.forEach((row, id) -> assertRow(row.join(), id));
        lookuper.close();
    }

    private void fault(Random random) {
        for (int id = 1; id <= 2; id++) {
            if (fake.server(id).waitingCount() == 0) {
                continue;
            }
            FakeServer.Incoming request = fake.server(id).take();
            switch (random.nextInt(6)) {
                case 0 -> request.fail(ErrorReason.NETWORK);
                case 1 -> request.fail(ErrorReason.REQUEST_TIME_OUT);
                case 2 -> {
                    fake.lead(1 + random.nextInt(2));
                    refuse(request, ErrorReason.NOT_LEADER_OR_FOLLOWER);
                }
                default -> answer(request);
            }
            loop.runAll();
        }
    }

    private void answer(FakeServer.Incoming request) {
        assertThat(request.api()).isEqualTo(ApiKey.LOOKUP);
        LookupResponse.Builder response = LookupResponse.newBuilder();
        for (PbLookupReqForBucket q : ((LookupRequest) request.request()).getBucketsReqList()) {
            PbLookupRespForBucket.Builder b =
                    response.addBucketsRespBuilder().setBucketId(q.getBucketId());
            for (ByteString key : q.getKeysList()) {
                long id = varint(key);
                if (id % 2 == 0) {
                    b.addValuesBuilder().setValues(ByteString.copyFrom(value(id)));
                } else {
                    b.addValuesBuilder();
                }
            }
        }
        request.answer().complete(response.build());
        loop.runAll();
    }

    private byte[] value(long id) {
        try (VectorSchemaRoot rows = FakeCluster.rows(allocator, id, 1)) {
            byte[] row =
                    RowFormat.COMPACTED
                            .encoder(SCHEMA.rowType())
                            .encode(io.fluss.formats.arrow.ArrowRow.of(rows).at(0));
            return ByteBuffer.allocate(2 + row.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putShort((short) 1)
                    .put(row)
                    .array();
        }
    }

    private static long varint(ByteString bytes) {
        long value = 0;
        for (int i = 0; i < bytes.size(); i++) {
            value |= (bytes.byteAt(i) & 0x7fL) << (7 * i);
        }
        return value;
    }

    private void refuse(FakeServer.Incoming request, ErrorReason reason) {
        LookupResponse.Builder b = LookupResponse.newBuilder();
        for (PbLookupReqForBucket q : ((LookupRequest) request.request()).getBucketsReqList()) {
            b.addBucketsRespBuilder()
                    .setBucketId(q.getBucketId())
                    .setErrorCode(ErrorCodes.code(reason))
                    .setErrorMessage("by the test");
        }
        request.answer().complete(b.build());
        loop.runAll();
    }

    private Lookuper lookuper(int buckets, Map<String, String> options) {
        return open(table(buckets, SCHEMA, 1, Map.of()), LookupOptions.DEFAULT, options);
    }

    private Lookuper open(TableInfo table, LookupOptions options, Map<String, String> settings) {
        return KvLookuper.open(
                table,
                options,
                LookupSettings.from(Settings.of(settings)),
                fake.cluster(),
                admin(),
                loop,
                clock);
    }

    private static TableInfo table(
            int buckets, TableSchema schema, int schemaId, Map<String, String> properties) {
        return new TableInfo(
                TablePath.of("db", "t"),
                7,
                schemaId,
                TableDescriptor.of(schema).withBuckets(buckets).withProperties(properties),
                0,
                0);
    }

    /** Knows the first schema only. */
    private static Admin admin() {
        return (Admin)
                Proxy.newProxyInstance(
                        Admin.class.getClassLoader(),
                        new Class<?>[] {Admin.class},
                        (proxy, method, args) -> {
                            if (method.getName().equals("tableSchema") && args[1].equals(1)) {
                                return CompletableFuture.completedFuture(SCHEMA);
                            }
                            if (method.getName().equals("tableSchema")) {
                                return CompletableFuture.failedFuture(
                                        ErrorReason.SCHEMA_NOT_EXIST.exception("none"));
                            }
                            throw new AssertionError("unexpected call of " + method.getName());
                        });
    }

    private VectorSchemaRoot keys(int count) {
        VectorSchemaRoot root =
                VectorSchemaRoot.create(
                        ArrowSchemas.of(
                                DataTypes.row(DataTypes.field("id", DataTypes.bigInt().notNull()))),
                        allocator);
        for (int i = 0; i < count; i++) {
            ((BigIntVector) root.getVector(0)).setSafe(i, i);
        }
        root.setRowCount(count);
        return root;
    }
}
