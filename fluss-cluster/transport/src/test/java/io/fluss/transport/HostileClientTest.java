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

import io.fluss.bytes.ByteParts;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.ApiVersionsRequest;
import io.fluss.protocol.messages.FetchLogRequest;
import io.fluss.protocol.messages.ListDatabasesRequest;
import io.fluss.protocol.messages.ListDatabasesResponse;
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
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that break the rules, by raw sockets; others are served all the time. */
@Timeout(60)
class HostileClientTest {
    private static final int FRAME_MAX = 4 << 20;
    private static final int FUZZED = 3000;
    private static final long SEED = 20240310;
    private static final TransportSettings SETTINGS =
            new TransportSettings(2, FRAME_MAX, Duration.ofMinutes(10), 4);
    private static final ServerLimits WIDE =
            new ServerLimits(1000, 1000, Duration.ofMinutes(1), Duration.ofMinutes(1), 64L << 20);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final BlockingQueue<Reply> produced = new LinkedBlockingQueue<>();
    private volatile Supplier<ByteParts> fetched = ByteParts::empty;

    @BeforeAll
    static void detectLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @AfterEach
    void closesWithoutLeaks() throws Exception {
        produced.forEach(r -> r.success(ProduceLogResponse.getDefaultInstance()));
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        long active =
                PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                        .mapToLong(arena -> arena.numActiveAllocations())
                        .sum();
        assertThat(active).as("buffers not released").isZero();
    }

    @Test
    void aConnectionAboveTheLimitIsClosedUntilAnotherEnds() throws Exception {
        RpcServer s =
                server(
                        new ServerLimits(
                                2, 2, Duration.ofMinutes(1), Duration.ofMinutes(1), 64L << 20));
        Raw first = raw(s);
        Raw second = raw(s);
        first.greet();
        second.greet();
        assertThat(raw(s).isClosedByPeer()).isTrue();
        assertThat(first.listsDatabases()).isTrue();
        second.close();
        awaitGreeting(s);
    }

    @Test
    void aConnectionThatDiesInsideAnAnswerGivesEverythingBack(@TempDir Path dir) throws Exception {
        Path file = Files.write(dir.resolve("segment"), new byte[1 << 20]);
        int rounds = 10;
        CountDownLatch closed = new CountDownLatch(rounds);
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer map = channel.map(FileChannel.MapMode.READ_ONLY, 0, 1 << 20);
            List<ByteParts.Part> parts = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                parts.add(new ByteParts.Memory(map.slice(i, 1 << 19)));
                parts.add(new ByteParts.FileRange(channel, i, 1 << 19));
            }
            fetched = () -> ByteParts.of(parts, closed::countDown);
            RpcServer s = server(WIDE);
            Random random = new Random(SEED);
            for (int round = 0; round < rounds; round++) {
                Raw r = raw(s);
                r.greet();
                r.send(
                        ApiKey.FETCH_LOG,
                        FetchLogRequest.newBuilder()
                                .setFollowerServerId(-1)
                                .setMaxBytes(1)
                                .build()
                                .toByteArray());
                r.in.readFully(new byte[1 + random.nextInt(8 << 20)]);
                r.socket.setSoLinger(round % 2 == 0, 0);
                r.close();
            }
            assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The server hears of the end of a connection a little later. */
    private void awaitGreeting(RpcServer s) throws IOException {
        for (int i = 0; i < 1000; i++) {
            Raw again = raw(s);
            try {
                again.greet();
                return;
            } catch (IOException e) {
                again.close();
            }
        }
        throw new AssertionError("no connection is accepted again");
    }

    @Test
    void oneAddressHasALimitOfItsOwn() throws Exception {
        RpcServer s =
                server(
                        new ServerLimits(
                                1000, 1, Duration.ofMinutes(1), Duration.ofMinutes(1), 64L << 20));
        raw(s).greet();
        assertThat(raw(s).isClosedByPeer()).isTrue();
    }

    @Test
    void aConnectionThatDoesNotGreetIsClosed() throws Exception {
        RpcServer s =
                server(
                        new ServerLimits(
                                10, 10, Duration.ofMillis(100), Duration.ofMinutes(1), 64L << 20));
        Raw greets = raw(s);
        greets.greet();
        Raw silent = raw(s);
        Raw slow = raw(s);
        slow.out.writeByte(0);
        assertThat(silent.isClosedByPeer()).isTrue();
        assertThat(slow.isClosedByPeer()).isTrue();
        assertThat(greets.listsDatabases()).isTrue();
    }

    @Test
    void beforeGreetingFramesAreSmallAndFew() throws Exception {
        RpcServer s = server(WIDE);
        Raw large = raw(s);
        large.out.writeInt(ServerLimits.GREETING_FRAME_MAX_BYTES);
        assertThat(large.isClosedByPeer()).isTrue();
        Raw many = raw(s);
        for (int i = 0; i <= ServerLimits.GREETING_REQUESTS_MAX; i++) {
            many.send(ApiKey.LIST_DATABASES, new byte[0]);
        }
        assertThat(many.isClosedByPeer()).isTrue();
        Raw polite = raw(s);
        polite.greet();
        polite.send(ApiKey.PRODUCE_LOG, produce(1 << 20));
        produced.take().success(ProduceLogResponse.getDefaultInstance());
        assertThat(polite.frame()).isEqualTo(0);
    }

    @Test
    void aFrameThatDoesNotArriveEndsItsConnection() throws Exception {
        RpcServer s =
                server(
                        new ServerLimits(
                                10, 10, Duration.ofMinutes(1), Duration.ofMillis(100), 64L << 20));
        Raw stalled = raw(s);
        stalled.greet();
        stalled.out.writeInt(1000);
        stalled.out.writeInt(0);
        assertThat(stalled.isClosedByPeer()).isTrue();
    }

    @Test
    void framesAboveTheMemoryWaitAndSmallOnesGoOn() throws Exception {
        RpcServer s =
                server(
                        new ServerLimits(
                                100, 100, Duration.ofMinutes(1), Duration.ofMinutes(1), 4 << 20));
        byte[] megabyte = produce((1 << 20) - 1000);
        List<Raw> writers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Raw w = raw(s);
            w.greet();
            writers.add(w);
            Thread t = new Thread(() -> w.sendQuietly(ApiKey.PRODUCE_LOG, megabyte), "writer");
            t.start();
            open.add(t::join);
        }
        List<Reply> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(produced.take());
        }
        assertThat(produced.poll(300, TimeUnit.MILLISECONDS)).as("there is no memory").isNull();
        Raw reader = raw(s);
        reader.greet();
        assertThat(reader.listsDatabases()).isTrue();
        for (int answered = 0; answered < 8; answered++) {
            Reply next = held.isEmpty() ? produced.take() : held.remove(0);
            next.success(ProduceLogResponse.getDefaultInstance());
        }
        for (Raw w : writers) {
            assertThat(w.frame()).isEqualTo(0);
        }
    }

    @Test
    void aClientThatDeclaresAndStallsDoesNotStopOthers() throws Exception {
        RpcServer s = server(WIDE);
        for (int i = 0; i < 200; i++) {
            Raw staller = raw(s);
            staller.greet();
            staller.out.writeInt(FRAME_MAX - 4);
        }
        Raw reader = raw(s);
        reader.greet();
        assertThat(reader.listsDatabases()).isTrue();
    }

    /** Mutations of valid frames: each connection gets answers or its end, and the server stays. */
    @Test
    void mutatedFramesAreAnsweredOrEndTheConnection() throws Exception {
        RpcServer s = server(WIDE);
        Random random = new Random(SEED);
        RpcConnection witness = witness(s);
        for (int i = 0; i < FUZZED; i++) {
            try (Raw r = raw(s)) {
                if (random.nextBoolean()) {
                    r.greet();
                }
                r.out.write(mutated(random));
                r.socket.shutdownOutput();
                while (!r.isAtEnd()) {
                    // Answers, errors or nothing: but an end.
                }
            } catch (IOException e) {
                // The server has closed while this was writing.
            }
            produced.forEach(p -> p.success(ProduceLogResponse.getDefaultInstance()));
            produced.clear();
            if (i % 500 == 0) {
                witness.send(
                                ApiKey.LIST_DATABASES,
                                ListDatabasesRequest.getDefaultInstance(),
                                Duration.ofSeconds(20))
                        .get();
            }
        }
    }

    private RpcConnection witness(RpcServer s) throws Exception {
        RpcClient client = new RpcClient(SETTINGS, "test", "1");
        open.add(client);
        return client.connect("127.0.0.1", s.port(), Optional.of(ServerType.TABLET_SERVER)).get();
    }

    private static byte[] mutated(Random random) throws IOException {
        byte[] body =
                switch (random.nextInt(4)) {
                    case 0 -> new byte[0];
                    case 1 -> produce(random.nextInt(200));
                    case 2 -> ListDatabasesRequest.newBuilder().build().toByteArray();
                    default -> randomBytes(random, random.nextInt(100));
                };
        ApiKey[] apis = ApiKey.values();
        byte[] frame = frame(apis[random.nextInt(apis.length)].code(), random.nextInt(), body);
        int changes = random.nextInt(4);
        for (int c = 0; c < changes; c++) {
            frame[random.nextInt(frame.length)] = (byte) random.nextInt();
        }
        if (random.nextInt(5) == 0) {
            return java.util.Arrays.copyOf(frame, random.nextInt(frame.length + 1));
        }
        return frame;
    }

    private static byte[] randomBytes(Random random, int size) {
        byte[] out = new byte[size];
        random.nextBytes(out);
        return out;
    }

    private static byte[] produce(int size) {
        return ProduceLogRequest.newBuilder()
                .setAcks(1)
                .setTableId(1)
                .setTimeoutMs(1)
                .addBucketsReq(
                        PbProduceLogReqForBucket.newBuilder()
                                .setBucketId(0)
                                .setRecords(
                                        com.google.protobuf.ByteString.copyFrom(new byte[size])))
                .build()
                .toByteArray();
    }

    private static byte[] frame(short api, int requestId, byte[] body) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(Frames.REQUEST_HEADER_SIZE + body.length);
        out.writeShort(api);
        out.writeShort(0);
        out.writeInt(requestId);
        out.write(body);
        return bytes.toByteArray();
    }

    private RpcServer server(ServerLimits limits) {
        ApiHandlers handlers =
                ApiHandlers.builder()
                        .on(
                                ApiKey.LIST_DATABASES,
                                (ListDatabasesRequest q, RequestContext c, Reply reply) ->
                                        reply.success(ListDatabasesResponse.getDefaultInstance()))
                        .on(
                                ApiKey.FETCH_LOG,
                                (FetchLogRequest q, RequestContext c, Reply reply) ->
                                        reply.success(fetched.get()))
                        .on(
                                ApiKey.PRODUCE_LOG,
                                (ProduceLogRequest q, RequestContext c, Reply reply) ->
                                        produced.add(reply))
                        .build();
        RpcServer s =
                RpcServer.start(
                        "CLIENT",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ServerType.TABLET_SERVER,
                        handlers,
                        SETTINGS,
                        limits);
        open.add(s);
        return s;
    }

    private Raw raw(RpcServer s) throws IOException {
        Raw r = new Raw(s.port());
        open.add(r);
        return r;
    }

    /** A socket. */
    private static final class Raw implements AutoCloseable {
        final Socket socket;
        final DataOutputStream out;
        final DataInputStream in;

        Raw(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
            out = new DataOutputStream(socket.getOutputStream());
            in = new DataInputStream(socket.getInputStream());
        }

        void send(ApiKey api, byte[] body) throws IOException {
            out.write(HostileClientTest.frame(api.code(), 1, body));
            out.flush();
        }

        void sendQuietly(ApiKey api, byte[] body) {
            try {
                send(api, body);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        void greet() throws IOException {
            send(
                    ApiKey.API_VERSIONS,
                    ApiVersionsRequest.newBuilder()
                            .setClientSoftwareName("test")
                            .setClientSoftwareVersion("1")
                            .build()
                            .toByteArray());
            assertThat(frame()).isEqualTo(0);
        }

        boolean listsDatabases() throws IOException {
            send(ApiKey.LIST_DATABASES, new byte[0]);
            return frame() == 0;
        }

        /** The type of the next frame. */
        int frame() throws IOException {
            byte[] all = new byte[in.readInt()];
            in.readFully(all);
            return all[0];
        }

        /** Reads on until the server closes. */
        boolean isClosedByPeer() {
            try {
                while (in.read() >= 0) {
                    // What it says before it closes.
                }
                return true;
            } catch (java.net.SocketTimeoutException e) {
                return false;
            } catch (IOException e) {
                return true;
            }
        }

        boolean isAtEnd() throws IOException {
            return in.read(new byte[4096]) < 0;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
