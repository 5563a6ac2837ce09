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
package io.fluss.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.fluss.client.Connection;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.ApiVersionsRequest;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random messages of every API, well-formed and broken, against a whole cluster: each is answered
 * or ends its connection, and the cluster goes on. The seed is fixed, the count bounded.
 */
class ServerFuzzIT {
    private static final long SEED = 7;
    private static final int ROUNDS = 40;
    private static final List<String> WORDS =
            List.of(
                    "fluss",
                    "t",
                    "day",
                    "20240310",
                    "",
                    "__x",
                    "a/b",
                    "table.log.ttl",
                    "datalake.format",
                    "{\"version\":1}",
                    "{\"version\":1,\"columns\":[]}",
                    "\u0000");

    @TempDir Path dir;

    @Test
    @Timeout(300)
    void everyRequestHasAnAnswerAndTheClusterGoesOn() throws Exception {
        Random random = new Random(SEED);
        try (LocalCluster cluster =
                LocalCluster.start(
                        dir,
                        freePort(),
                        Map.of("max.bucket.num", "16", "datalake.enabled", "false"))) {
            int port = Integer.parseInt(cluster.bootstrap().split(":")[1]);
            int tabletPort = port + 1;
            for (int round = 0; round < ROUNDS; round++) {
                for (ApiKey api : ApiKey.values()) {
                    byte[] body = body(api, random);
                    ask(round % 2 == 0 ? port : tabletPort, api, body);
                }
            }
            try (Connection c = Connection.open(Map.of("bootstrap.servers", cluster.bootstrap()))) {
                assertThat(c.admin().listDatabases().get(20, TimeUnit.SECONDS)).contains("fluss");
            }
        }
    }

    /** A port that is free and whose next one is free. */
    private static int freePort() throws IOException {
        while (true) {
            try (ServerSocket first = new ServerSocket(0);
                    ServerSocket next = new ServerSocket(first.getLocalPort() + 1)) {
                return next.getLocalPort() - 1;
            } catch (java.net.BindException e) {
                // The next one is taken: another pair.
            }
        }
    }

    private static byte[] body(ApiKey api, Random random) throws IOException {
        Message empty = (Message) api.requestParser().parsePartialFrom(new byte[0]);
        byte[] body = filled(empty, random, 0).toByteArray();
        if (random.nextInt(4) == 0 && body.length > 0) {
            body[random.nextInt(body.length)] = (byte) random.nextInt();
        }
        return body;
    }

    private static Message filled(Message empty, Random random, int depth) {
        Message.Builder out = empty.newBuilderForType();
        for (FieldDescriptor f : empty.getDescriptorForType().getFields()) {
            if (f.isRepeated()) {
                int n = depth > 4 ? 0 : random.nextInt(3);
                for (int i = 0; i < n; i++) {
                    out.addRepeatedField(f, value(out, f, random, depth));
                }
            } else if (f.isRequired() || random.nextBoolean() && depth < 5) {
                out.setField(f, value(out, f, random, depth));
            }
        }
        return out.buildPartial();
    }

    private static Object value(Message.Builder of, FieldDescriptor f, Random random, int depth) {
        return switch (f.getJavaType()) {
            case INT -> number(random);
            case LONG -> (long) number(random);
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextDouble();
            case BOOLEAN -> random.nextBoolean();
            case STRING -> word(random);
            case BYTE_STRING ->
                    random.nextBoolean()
                            ? ByteString.copyFrom(word(random), StandardCharsets.UTF_8)
                            : randomBytes(random);
            case ENUM -> f.getEnumType().getValues().get(0);
            case MESSAGE ->
                    filled(of.newBuilderForField(f).getDefaultInstanceForType(), random, depth + 1);
        };
    }

    private static int number(Random random) {
        int[] some = {0, 1, 2, -1, -2, 7, 1000, Integer.MAX_VALUE, Integer.MIN_VALUE};
        return some[random.nextInt(some.length)];
    }

    private static String word(Random random) {
        return WORDS.get(random.nextInt(WORDS.size()));
    }

    private static ByteString randomBytes(Random random) {
        byte[] out = new byte[random.nextInt(100)];
        random.nextBytes(out);
        return ByteString.copyFrom(out);
    }

    /** Sends one request; fails if neither an answer nor the end of the connection comes. */
    private static void ask(int port, ApiKey api, byte[] body) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            // A fetch may wait as long as it says.
            socket.setSoTimeout(api == ApiKey.FETCH_LOG ? 200 : 20_000);
            socket.setTcpNoDelay(true);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            send(
                    out,
                    ApiKey.API_VERSIONS,
                    ApiVersionsRequest.newBuilder()
                            .setClientSoftwareName("fuzz")
                            .setClientSoftwareVersion("1")
                            .build()
                            .toByteArray());
            in.readNBytes(in.readInt());
            send(out, api, body);
            int length = in.readInt();
            assertThat(in.readNBytes(length)).as("answer to %s", api).hasSize(length);
        } catch (SocketTimeoutException e) {
            if (api == ApiKey.FETCH_LOG) {
                return;
            }
            throw new AssertionError(
                    api + " has no answer; body " + java.util.Arrays.toString(body), e);
        }
    }

    private static void send(DataOutputStream out, ApiKey api, byte[] body) throws IOException {
        byte[] frame = new byte[12 + body.length];
        java.nio.ByteBuffer.wrap(frame)
                .putInt(8 + body.length)
                .putShort(api.code())
                .putShort((short) 0)
                .putInt(1)
                .put(body);
        out.write(frame);
        out.flush();
    }
}
