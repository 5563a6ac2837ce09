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
package io.fluss.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.fluss.bytes.ByteParts;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.AuthenticateRequest;
import io.fluss.protocol.messages.AuthenticateResponse;
import io.fluss.protocol.messages.DatabaseExistsRequest;
import io.fluss.protocol.messages.DatabaseExistsResponse;
import io.fluss.protocol.messages.ErrorResponse;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.FetchLogResponse;
import io.fluss.protocol.messages.ListDatabasesRequest;
import io.fluss.protocol.messages.ListDatabasesResponse;
import io.fluss.protocol.messages.PbFetchLogRespForBucket;
import io.fluss.protocol.messages.PbFetchLogRespForTable;
import io.fluss.protocol.messages.PbProduceLogReqForBucket;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.protocol.messages.ProduceLogResponse;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Server and client over the loopback interface. */
@Timeout(30)
class RpcTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final TransportSettings SETTINGS =
            new TransportSettings(1, 8 << 20, Duration.ofMinutes(10), 4);
    private static final TransportSettings CLIENT_SETTINGS =
            new TransportSettings(1, 64 << 20, Duration.ofMinutes(10), 100);
    private static final ListDatabasesRequest LIST = ListDatabasesRequest.getDefaultInstance();

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void detectLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @AfterEach
    void closesWithoutLeaks() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        long active =
                PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                        .mapToLong(arena -> arena.numActiveAllocations())
                        .sum();
        assertThat(active).as("buffers not released").isZero();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("fluss-"));
    }

    @Test
    void answersWithMessagesOfItsOwn() throws Exception {
        RpcConnection c =
                connect(server(listing((q, x, reply) -> reply.success(databases("a", "b")))));
        ListDatabasesResponse answer = ask(c, ApiKey.LIST_DATABASES, LIST);
        assertThat(answer.getDatabaseNameList()).containsExactly("a", "b");
    }

    @Test
    void tellsTheHandlerWhereARequestCameFrom() throws Exception {
        CompletableFuture<RequestContext> seen = new CompletableFuture<>();
        RpcConnection c =
                connect(
                        server(
                                listing(
                                        (q, context, reply) -> {
                                            seen.complete(context);
                                            reply.success(databases());
                                        })));
        ask(c, ApiKey.LIST_DATABASES, LIST);
        assertThat(seen.get().listener()).isEqualTo("CLIENT");
        assertThat(seen.get().apiVersion()).isZero();
    }

    @Test
    void refusesAServerOfAnotherType() {
        RpcServer s = server(ApiHandlers.builder().build());
        assertThatThrownBy(() -> connect(s, Optional.of(ServerType.COORDINATOR)))
                .isInstanceOf(FlussException.class)
                .hasMessageContaining("COORDINATOR (1) was expected");
    }

    @Test
    void doesNotSendWhatTheServerDoesNotOffer() throws Exception {
        RpcConnection c = connect(server(ApiHandlers.builder().build()));
        assertThat(failure(c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT)).reason())
                .isEqualTo(ErrorReason.UNSUPPORTED_VERSION);
    }

    @Test
    void acceptsPlaintextAuthenticationOnly() throws Exception {
        RpcConnection c = connect(server(ApiHandlers.builder().build()));
        AuthenticateRequest.Builder request =
                AuthenticateRequest.newBuilder().setToken(ByteString.EMPTY);
        AuthenticateResponse ok =
                ask(c, ApiKey.AUTHENTICATE, request.setProtocol("plaintext").build());
        assertThat(ok.hasChallenge()).isFalse();
        assertThat(
                        failure(
                                        c.send(
                                                ApiKey.AUTHENTICATE,
                                                request.setProtocol("PLAIN").build(),
                                                TIMEOUT))
                                .reason())
                .isEqualTo(ErrorReason.AUTHENTICATE);
    }

    @Test
    void passesOnTheReasonOfAFailure() throws Exception {
        RpcConnection c =
                connect(
                        server(
                                listing(
                                        (q, x, reply) -> {
                                            throw ErrorReason.DATABASE_NOT_EXIST.exception("no db");
                                        })));
        FlussException e = failure(c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT));
        assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_NOT_EXIST);
        assertThat(e).hasMessageContaining("no db").hasMessageContaining("LIST_DATABASES");
    }

    @Test
    void answersWhenAHandlerBreaks() throws Exception {
        RpcConnection c =
                connect(
                        server(
                                listing(
                                        (q, x, reply) -> {
                                            throw new IllegalStateException("broken on purpose");
                                        })));
        FlussException e = failure(c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT));
        assertThat(e.reason()).isEqualTo(ErrorReason.UNKNOWN_SERVER_ERROR);
        assertThat(e).hasMessageContaining("broken on purpose");
    }

    @Test
    void ignoresASecondAnswer() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        RpcConnection c =
                connect(
                        server(
                                listing(
                                        (q, x, reply) -> {
                                            reply.success(databases("first"));
                                            reply.success(databases("second"));
                                            reply.success(
                                                    ByteParts.of(
                                                            List.of(), closed::incrementAndGet));
                                        })));
        ListDatabasesResponse answer = ask(c, ApiKey.LIST_DATABASES, LIST);
        assertThat(answer.getDatabaseNameList()).containsExactly("first");
        assertThat(closed).hasValue(1);
    }

    @Test
    void answersAnUnknownApiAndAVersionOutOfRange() throws Exception {
        try (RawConnection raw = new RawConnection(server(listing((q, x, r) -> {})))) {
            raw.send((short) 4711, (short) 0, 7, new byte[0]);
            assertThat(raw.errorOf(7)).isEqualTo(2);
            raw.send(ApiKey.LIST_DATABASES.code(), (short) 9, 8, new byte[0]);
            assertThat(raw.errorOf(8)).isEqualTo(2);
            raw.send(ApiKey.DROP_TABLE.code(), (short) 0, 9, new byte[0]);
            assertThat(raw.errorOf(9)).isEqualTo(2);
        }
    }

    @Test
    void answersAGarbageBody() throws Exception {
        ApiHandlers handlers =
                ApiHandlers.builder()
                        .on(
                                ApiKey.DATABASE_EXISTS,
                                (DatabaseExistsRequest q, RequestContext x, Reply r) -> {})
                        .build();
        try (RawConnection raw = new RawConnection(server(handlers))) {
            raw.send(ApiKey.DATABASE_EXISTS.code(), (short) 0, 1, new byte[] {-1, -1, -1});
            assertThat(raw.errorOf(1)).isEqualTo(3);
            raw.send(ApiKey.DATABASE_EXISTS.code(), (short) 0, 2, new byte[0]);
            assertThat(raw.errorOf(2)).as("required field missing").isEqualTo(3);
        }
    }

    @Test
    void refusesAFrameThatIsTooLargeAndCloses() throws Exception {
        try (RawConnection raw = new RawConnection(server(listing((q, x, r) -> {})))) {
            raw.out.writeInt(SETTINGS.requestSizeMaxBytes() - 3);
            byte[] frame = raw.frame();
            assertThat(frame[0]).isEqualTo((byte) 2);
            ErrorResponse error =
                    ErrorResponse.parseFrom(Arrays.copyOfRange(frame, 1, frame.length));
            assertThat(error.getErrorCode()).isEqualTo(-1);
            assertThat(raw.in.read()).isEqualTo(-1);
        }
    }

    @Test
    void readsRequestsThatArriveByteByByte() throws Exception {
        RpcServer s = server(listing((q, x, reply) -> reply.success(databases("a"))));
        try (RawConnection raw = new RawConnection(s)) {
            ByteBuffer two = ByteBuffer.allocate(24);
            for (int id = 0; id < 2; id++) {
                two.putInt(8).putShort(ApiKey.LIST_DATABASES.code()).putShort((short) 0).putInt(id);
            }
            for (byte b : two.array()) {
                raw.out.write(b);
                raw.out.flush();
            }
            assertThat(raw.frame()[4]).isEqualTo((byte) 0);
            assertThat(raw.frame()[4]).isEqualTo((byte) 1);
        }
    }

    @Test
    void matchesAnswersGivenOutOfOrder() throws Exception {
        BlockingQueue<Reply> waiting = new LinkedBlockingQueue<>();
        RpcConnection c = connect(server(listing((q, x, reply) -> waiting.add(reply))));
        CompletableFuture<ListDatabasesResponse> first =
                c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT);
        CompletableFuture<ListDatabasesResponse> second =
                c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT);
        Reply firstReply = waiting.take();
        waiting.take().success(databases("second"));
        assertThat(second.get().getDatabaseName(0)).isEqualTo("second");
        assertThat(first).isNotDone();
        firstReply.success(databases("first"));
        assertThat(first.get().getDatabaseName(0)).isEqualTo("first");
    }

    @Test
    void failsWhatIsInFlightWhenTheConnectionDrops() throws Exception {
        BlockingQueue<Reply> waiting = new LinkedBlockingQueue<>();
        RpcServer s = server(listing((q, x, reply) -> waiting.add(reply)));
        RpcConnection c = connect(s);
        CompletableFuture<?> answer = c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT);
        Reply late = waiting.take();
        int port = s.port();
        s.close();
        FlussException e = failure(answer);
        assertThat(e.reason()).isEqualTo(ErrorReason.NETWORK);
        assertThat(e).hasMessageContaining("localhost:" + port);
        assertThat(c.isOpen()).isFalse();
        assertThat(failure(c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT)).reason())
                .isEqualTo(ErrorReason.NETWORK);
        AtomicInteger closed = new AtomicInteger();
        late.success(ByteParts.of(List.of(), closed::incrementAndGet));
        assertThat(closed).hasValue(1);
    }

    @Test
    void timesOutAndIgnoresTheLateAnswer() throws Exception {
        BlockingQueue<Reply> waiting = new LinkedBlockingQueue<>();
        RpcConnection c = connect(server(listing((q, x, reply) -> waiting.add(reply))));
        CompletableFuture<?> answer = c.send(ApiKey.LIST_DATABASES, LIST, Duration.ofMillis(20));
        assertThat(failure(answer).reason()).isEqualTo(ErrorReason.REQUEST_TIME_OUT);
        waiting.take().success(databases("late"));
        CompletableFuture<ListDatabasesResponse> next =
                c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT);
        waiting.take().success(databases("next"));
        assertThat(next.get().getDatabaseName(0)).isEqualTo("next");
    }

    @Test
    void namesTheAddressThatCannotBeReached() throws Exception {
        int port;
        try (RpcServer s =
                RpcServer.start(
                        "X",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ServerType.TABLET_SERVER,
                        ApiHandlers.builder().build(),
                        SETTINGS)) {
            port = s.port();
        }
        FlussException e = failure(client().connect("localhost", port, Optional.empty()));
        assertThat(e.reason()).isEqualTo(ErrorReason.NETWORK);
        assertThat(e).hasMessageContaining("localhost:" + port);
    }

    @Test
    void givesUpAHandshakeThatIsNotAnswered() throws Exception {
        try (java.net.ServerSocket mute =
                new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FlussException e =
                    failure(
                            client().connect(
                                            "localhost",
                                            mute.getLocalPort(),
                                            Optional.empty(),
                                            Duration.ofMillis(50)));
            assertThat(e.reason()).isEqualTo(ErrorReason.NETWORK);
            assertThat(e).hasMessageContaining("handshake");
        }
    }

    @Test
    void namesTheAddressThatCannotBeBound() {
        RpcServer s = server(ApiHandlers.builder().build());
        assertThatThrownBy(
                        () ->
                                RpcServer.start(
                                        "OTHER",
                                        new InetSocketAddress(
                                                InetAddress.getLoopbackAddress(), s.port()),
                                        ServerType.TABLET_SERVER,
                                        ApiHandlers.builder().build(),
                                        SETTINGS))
                .hasMessageContaining("OTHER")
                .hasMessageContaining(String.valueOf(s.port()));
    }

    @Test
    void sendsMemoryAndFileRangesByteExact(@TempDir Path dir) throws Exception {
        byte[] records = new byte[3 << 20];
        new Random(7).nextBytes(records);
        Path file = dir.resolve("segment");
        Files.write(file, records);
        CountDownLatch closed = new CountDownLatch(3);
        try (FileChannel channel = FileChannel.open(file)) {
            RpcConnection c =
                    connect(
                            server(
                                    ApiHandlers.builder()
                                            .on(
                                                    ApiKey.FETCH_LOG,
                                                    (FetchLogRequest q,
                                                            RequestContext x,
                                                            Reply reply) ->
                                                            reply.success(
                                                                    cut(records, channel, closed)))
                                            .build()));
            FetchLogRequest request =
                    FetchLogRequest.newBuilder().setFollowerServerId(-1).setMaxBytes(1).build();
            for (int round = 0; round < 3; round++) {
                try (RpcConnection.Leased<FetchLogResponse> leased =
                        c.<FetchLogResponse>sendLeased(ApiKey.FETCH_LOG, request, TIMEOUT).get()) {
                    ByteBuffer received =
                            leased.message()
                                    .getTablesResp(0)
                                    .getBucketsResp(0)
                                    .getRecords()
                                    .asReadOnlyByteBuffer();
                    assertThat(received.isDirect()).as("shares the frame").isTrue();
                    assertThat(received).isEqualTo(ByteBuffer.wrap(records));
                }
            }
            assertThat(channel.isOpen()).isTrue();
        }
        // The last answer may arrive before the server hears that it has left.
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** The answer whose records are partly memory, partly the file. */
    private static ByteParts cut(byte[] records, FileChannel file, CountDownLatch closed) {
        byte[] whole =
                FetchLogResponse.newBuilder()
                        .addTablesResp(
                                PbFetchLogRespForTable.newBuilder()
                                        .setTableId(1)
                                        .addBucketsResp(
                                                PbFetchLogRespForBucket.newBuilder()
                                                        .setBucketId(0)
                                                        .setRecords(ByteString.copyFrom(records))))
                        .build()
                        .toByteArray();
        // The records are the last field, so the message ends with them.
        int start = whole.length - records.length;
        int half = records.length / 2;
        return ByteParts.of(
                List.of(
                        new ByteParts.Memory(ByteBuffer.wrap(whole, 0, start)),
                        new ByteParts.FileRange(file, 0, 1000),
                        new ByteParts.Memory(ByteBuffer.wrap(records, 1000, half - 1000)),
                        new ByteParts.Memory(ByteBuffer.allocate(0)),
                        new ByteParts.FileRange(file, half, records.length - half)),
                closed::countDown);
    }

    @Test
    void closesTheConnectionWhenAFileRangeIsCutShort(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("segment");
        Files.write(file, new byte[10]);
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        try (FileChannel channel = FileChannel.open(file)) {
            RpcConnection c =
                    connect(
                            server(
                                    listing(
                                            (q, x, reply) ->
                                                    reply.success(
                                                            ByteParts.of(
                                                                    List.of(
                                                                            new ByteParts.FileRange(
                                                                                    channel, 0,
                                                                                    100)),
                                                                    () ->
                                                                            closed.complete(
                                                                                    true))))));
            assertThat(failure(c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT)).reason())
                    .isEqualTo(ErrorReason.NETWORK);
            assertThat(closed.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void sharesTheFrameOfBulkRequestsUntilTheReply() throws Exception {
        byte[] records = new byte[5 << 20];
        new Random(8).nextBytes(records);
        CompletableFuture<Boolean> same = new CompletableFuture<>();
        ApiHandlers handlers =
                ApiHandlers.builder()
                        .on(
                                ApiKey.PRODUCE_LOG,
                                (ProduceLogRequest q, RequestContext x, Reply reply) -> {
                                    ByteBuffer got =
                                            q.getBucketsReq(0).getRecords().asReadOnlyByteBuffer();
                                    same.complete(
                                            got.isDirect() && got.equals(ByteBuffer.wrap(records)));
                                    reply.success(ProduceLogResponse.getDefaultInstance());
                                })
                        .build();
        RpcConnection c = connect(server(handlers));
        ProduceLogRequest request =
                ProduceLogRequest.newBuilder()
                        .setAcks(-1)
                        .setTableId(1)
                        .setTimeoutMs(1)
                        .addBucketsReq(
                                PbProduceLogReqForBucket.newBuilder()
                                        .setBucketId(0)
                                        .setRecords(ByteString.copyFrom(records)))
                        .build();
        ask(c, ApiKey.PRODUCE_LOG, request);
        assertThat(same.get()).isTrue();
    }

    @Test
    void stopsReadingWhileTooManyRequestsAreUnanswered() throws Exception {
        BlockingQueue<Reply> waiting = new LinkedBlockingQueue<>();
        RpcConnection c = connect(server(listing((q, x, reply) -> waiting.add(reply))));
        List<CompletableFuture<ListDatabasesResponse>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT));
        }
        for (int i = 0; i < 20; i++) {
            Reply next = waiting.take();
            int unanswered = waiting.size() + 1;
            assertThat(unanswered).isLessThanOrEqualTo(SETTINGS.inflightPerConnectionMax());
            next.success(databases("" + i));
            assertThat(answers.get(i).get().getDatabaseName(0)).isEqualTo("" + i);
        }
    }

    @Test
    void boundsTheRequestsThatAClientHasInFlight() throws Exception {
        RpcServer s = server(listing((q, x, reply) -> {}));
        RpcConnection c = connect(s);
        for (int i = 0; i < CLIENT_SETTINGS.inflightPerConnectionMax(); i++) {
            var unused = c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT);
        }
        assertThat(failure(c.send(ApiKey.LIST_DATABASES, LIST, TIMEOUT)).reason())
                .isEqualTo(ErrorReason.STORAGE_BACKPRESSURE);
    }

    @Test
    void closesIdleConnections() throws Exception {
        RpcServer s =
                add(
                        RpcServer.start(
                                "CLIENT",
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                ServerType.TABLET_SERVER,
                                ApiHandlers.builder().build(),
                                new TransportSettings(1, 1 << 20, Duration.ofMillis(50), 4)));
        try (RawConnection raw = new RawConnection(s)) {
            assertThat(raw.in.read()).isEqualTo(-1);
        }
    }

    @Test
    void keepsTheOrderOfArrival() throws Exception {
        List<String> seen = new ArrayList<>();
        ApiHandlers handlers =
                ApiHandlers.builder()
                        .on(
                                ApiKey.DATABASE_EXISTS,
                                (DatabaseExistsRequest q, RequestContext x, Reply reply) -> {
                                    seen.add(q.getDatabaseName());
                                    reply.success(
                                            DatabaseExistsResponse.newBuilder()
                                                    .setExists(true)
                                                    .build());
                                })
                        .build();
        RpcConnection c = connect(server(handlers));
        List<String> sent = new ArrayList<>();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            sent.add("db" + i);
            answers.add(
                    c.send(
                            ApiKey.DATABASE_EXISTS,
                            DatabaseExistsRequest.newBuilder().setDatabaseName("db" + i).build(),
                            TIMEOUT));
        }
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get();
        assertThat(seen).isEqualTo(sent);
    }

    private static ApiHandlers listing(ApiHandler<ListDatabasesRequest> handler) {
        return ApiHandlers.builder().on(ApiKey.LIST_DATABASES, handler).build();
    }

    private static ListDatabasesResponse databases(String... names) {
        return ListDatabasesResponse.newBuilder().addAllDatabaseName(List.of(names)).build();
    }

    private RpcServer server(ApiHandlers handlers) {
        return add(
                RpcServer.start(
                        "CLIENT",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ServerType.TABLET_SERVER,
                        handlers,
                        SETTINGS));
    }

    private RpcClient client() {
        return add(new RpcClient(CLIENT_SETTINGS, "test", "1"));
    }

    private RpcConnection connect(RpcServer server) throws Exception {
        return connect(server, Optional.of(ServerType.TABLET_SERVER));
    }

    private RpcConnection connect(RpcServer server, Optional<ServerType> type) {
        try {
            return client().connect("localhost", server.port(), type).get();
        } catch (ExecutionException | InterruptedException e) {
            throw FlussException.from(e);
        }
    }

    private <T extends AutoCloseable> T add(T resource) {
        open.add(resource);
        return resource;
    }

    private static <R extends com.google.protobuf.MessageLite> R ask(
            RpcConnection c, ApiKey api, com.google.protobuf.MessageLite request) throws Exception {
        return c.<R>send(api, request, TIMEOUT).get();
    }

    private static FlussException failure(CompletableFuture<?> future) throws Exception {
        try {
            future.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return FlussException.from(e);
        }
        throw new AssertionError("did not fail");
    }

    /** A peer that speaks bytes. */
    private static final class RawConnection implements AutoCloseable {
        final Socket socket;
        final DataOutputStream out;
        final DataInputStream in;

        RawConnection(RpcServer server) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
            socket.setTcpNoDelay(true);
            out = new DataOutputStream(socket.getOutputStream());
            in = new DataInputStream(socket.getInputStream());
        }

        void send(short api, short version, int id, byte[] body) throws IOException {
            ByteBuffer b = ByteBuffer.allocate(12 + body.length);
            b.putInt(8 + body.length).putShort(api).putShort(version).putInt(id).put(body);
            out.write(b.array());
        }

        byte[] frame() throws IOException {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            return frame;
        }

        int errorOf(int requestId) throws IOException {
            ByteBuffer frame = ByteBuffer.wrap(frame());
            assertThat(frame.get()).isEqualTo((byte) 1);
            assertThat(frame.getInt()).isEqualTo(requestId);
            return ErrorResponse.parseFrom(frame).getErrorCode();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
