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
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowValues;
import io.fluss.kv.KvSettings;
import io.fluss.log.LogSettings;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.LookupRequest;
import io.fluss.protocol.messages.LookupResponse;
import io.fluss.protocol.messages.PbLookupReqForBucket;
import io.fluss.protocol.messages.PbLookupRespForBucket;
import io.fluss.protocol.messages.PbPutKvReqForBucket;
import io.fluss.protocol.messages.PbPutKvRespForBucket;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.PutKvResponse;
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
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import io.fluss.types.DataTypes;
import java.io.IOException;
import java.math.BigInteger;
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
    private static final RequestContext CONTEXT =
            new RequestContext((short) 1, "test", new InetSocketAddress(0), new ConnectionNotes());

    @TempDir Path dir;
    private final ManualClock clock = new ManualClock(10_000);
    private final ManualLoop loop = new ManualLoop(clock);
    private final ManualLoop disk = new ManualLoop(clock);
    private ReplicaHost host;

    private static TableInfo table(long id, TableDescriptor d) {
        return new TableInfo(TablePath.of("db", "t" + id), id, 1, d.withBuckets(1), 0, 0);
    }

    private record Pair(long k, long v) implements RowValues {
        @Override
        public boolean isNull(int column) {
            return false;
        }

        @Override
        public long integer(int column) {
            return column == 0 ? k : v;
        }

        @Override
        public boolean bool(int column) {
            throw new AssertionError();
        }

        @Override
        public float floating(int column) {
            throw new AssertionError();
        }

        @Override
        public double doubling(int column) {
            throw new AssertionError();
        }

        @Override
        public byte[] bytes(int column) {
            throw new AssertionError();
        }

        @Override
        public BigInteger unscaled(int column) {
            throw new AssertionError();
        }

        @Override
        public long timestampMs(int column) {
            throw new AssertionError();
        }

        @Override
        public int nanoOfMs(int column) {
            throw new AssertionError();
        }
    }

    private static final class Answer implements Reply {
        private final CompletableFuture<MessageLite> message = new CompletableFuture<>();

        @Override
        public void success(MessageLite m) {
            message.complete(m);
        }

        @Override
        public void success(ByteParts parts) {
            throw new AssertionError("no parts expected");
        }

        @Override
        public void failure(FlussException error) {
            message.completeExceptionally(error);
        }
    }

    @BeforeEach
    void open() {
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
                                        Settings.of(Map.of("kv.memory.hot-rows-size", "1mb")))),
                        dir,
                        1,
                        clock,
                        () -> CompletableFuture.completedFuture(42L),
                        List.of(loop),
                        disk);
        for (TableInfo t : List.of(KEYED, FSYNC, LOG)) {
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
            assertThat(led)
                    .isCompletedWithValueMatching(m -> m.toString().contains("Optional.empty"));
        }
    }

    @AfterEach
    void close() {
        CompletableFuture<Void> stopped =
                host.stopReplicas(
                        Stream.of(KEYED, FSYNC, LOG)
                                .map(t -> TableBucket.of(t.tableId(), 0))
                                .toList(),
                        false);
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

    private Answer startPut(TableInfo t, ByteString records) {
        Answer a = new Answer();
        new PutHandler(host)
                .handle(
                        PutKvRequest.newBuilder()
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

    private PbPutKvRespForBucket put(TableInfo t, ByteString records) {
        return ((PutKvResponse) startPut(t, records).message.join()).getBucketsResp(0);
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
        return ((LookupResponse) a.message.join()).getBucketsResp(0);
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
        assertThat(((PutKvResponse) b.message.join()).getBucketsResp(0).getLogEndOffset())
                .isEqualTo(3);
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
}
