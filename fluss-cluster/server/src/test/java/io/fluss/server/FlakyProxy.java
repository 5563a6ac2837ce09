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

import io.fluss.client.ServerNode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between clients and the two ports of a local cluster, and spoils some frames: connections
 * are cut before a request, before an answer or in the middle of one, answers are held back or
 * never sent. The addresses in metadata answers are changed to those of the proxy, so that clients
 * stay on it. Two threads for each connection.
 */
final class FlakyProxy implements AutoCloseable {
    private static final int DELAY_MS_MAX = 50;
    private static final int ANSWER_HEADER = 5;

    private final ServerSocket coordinator;
    private final ServerSocket tabletServer;
    private final int coordinatorTarget;
    private final int tabletServerTarget;
    private final Random random;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger faultCount = new AtomicInteger();
    private volatile double faultRate;

    private FlakyProxy(int coordinatorTarget, int tabletServerTarget, long seed)
            throws IOException {
        this.coordinatorTarget = coordinatorTarget;
        this.tabletServerTarget = tabletServerTarget;
        this.random = new Random(seed);
        this.coordinator = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.tabletServer = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** A proxy without faults at first. */
    static FlakyProxy start(List<ServerNode> nodes, long seed) throws IOException {
        int coordinator = port(nodes, ServerNode.Role.COORDINATOR);
        int tabletServer = port(nodes, ServerNode.Role.TABLET_SERVER);
        FlakyProxy proxy = new FlakyProxy(coordinator, tabletServer, seed);
        proxy.thread(() -> proxy.accept(proxy.coordinator, coordinator));
        proxy.thread(() -> proxy.accept(proxy.tabletServer, tabletServer));
        return proxy;
    }

    private static int port(List<ServerNode> nodes, ServerNode.Role role) {
        return nodes.stream()
                .filter(n -> n.role() == role)
                .mapToInt(ServerNode::port)
                .findFirst()
                .orElseThrow();
    }

    String bootstrap() {
        return "127.0.0.1:" + coordinator.getLocalPort();
    }

    /** Share of the frames that are spoilt from now on. */
    void spoil(double rate) {
        faultRate = rate;
    }

    int faultCount() {
        return faultCount.get();
    }

    private void thread(Runnable work) {
        Thread thread = new Thread(work, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(ServerSocket listener, int target) {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                connect(client, target);
            } catch (IOException e) {
                // Closed, or a client that has gone already.
            }
        }
    }

    private void connect(Socket client, int target) throws IOException {
        sockets.add(client);
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(server);
            thread(() -> pump(client, server, false));
            thread(() -> pump(server, client, true));
        } catch (IOException e) {
            client.close();
        }
    }

    private void pump(Socket from, Socket to, boolean isAnswers) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            while (forward(in, out, isAnswers)) {
                // Frame by frame.
            }
        } catch (IOException e) {
            // The other side of the connection ends, too.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /** Passes one frame on; whether the connection lives on. */
    private boolean forward(DataInputStream in, OutputStream out, boolean isAnswers)
            throws IOException {
        byte[] frame = frame(in);
        if (isAnswers) {
            redirect(frame);
        }
        switch (fault()) {
            case NONE -> out.write(frame);
            case CUT -> {
                return false;
            }
            case CUT_IN_THE_MIDDLE -> {
                out.write(frame, 0, frame.length / 2);
                out.flush();
                return false;
            }
            case LOSE -> {
                // Requests are never lost without the connection: TCP does not do that.
                return isAnswers;
            }
            case DELAY -> {
                CompletableFuture.runAsync(
                                () -> {},
                                CompletableFuture.delayedExecutor(
                                        random.nextInt(DELAY_MS_MAX), TimeUnit.MILLISECONDS))
                        .join();
                out.write(frame);
            }
        }
        out.flush();
        return true;
    }

    private enum Fault {
        NONE,
        CUT,
        CUT_IN_THE_MIDDLE,
        LOSE,
        DELAY
    }

    private Fault fault() {
        if (random.nextDouble() >= faultRate) {
            return Fault.NONE;
        }
        faultCount.incrementAndGet();
        return Fault.values()[1 + random.nextInt(Fault.values().length - 1)];
    }

    private static byte[] frame(DataInputStream in) throws IOException {
        int length = in.readInt();
        byte[] frame = new byte[4 + length];
        frame[0] = (byte) (length >>> 24);
        frame[1] = (byte) (length >>> 16);
        frame[2] = (byte) (length >>> 8);
        frame[3] = (byte) length;
        in.readFully(frame, 4, length);
        return frame;
    }

    /** Ports above 16383 all take three bytes, so that frames keep their size. */
    private void redirect(byte[] frame) {
        Map<Integer, Integer> ports =
                Map.of(
                        coordinatorTarget,
                        coordinator.getLocalPort(),
                        tabletServerTarget,
                        tabletServer.getLocalPort());
        ports.forEach((from, to) -> replace(frame, node(from), node(to)));
    }

    /** Host and port of a server node in a message. */
    private static byte[] node(int port) {
        byte[] host = "127.0.0.1".getBytes(StandardCharsets.UTF_8);
        byte[] node = new byte[2 + host.length + 4];
        node[0] = 0x12;
        node[1] = (byte) host.length;
        System.arraycopy(host, 0, node, 2, host.length);
        int at = 2 + host.length;
        node[at] = 0x18;
        node[at + 1] = (byte) (port & 0x7f | 0x80);
        node[at + 2] = (byte) (port >>> 7 & 0x7f | 0x80);
        node[at + 3] = (byte) (port >>> 14);
        return node;
    }

    private static void replace(byte[] frame, byte[] from, byte[] to) {
        for (int i = 4 + ANSWER_HEADER; i + from.length <= frame.length; i++) {
            if (java.util.Arrays.equals(frame, i, i + from.length, from, 0, from.length)) {
                System.arraycopy(to, 0, frame, i, to.length);
            }
        }
    }

    /** Cuts all connections. */
    void cutAll() throws IOException {
        for (Socket s : sockets) {
            s.close();
        }
    }

    @Override
    public void close() throws IOException {
        coordinator.close();
        tabletServer.close();
        cutAll();
    }
}
