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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Opens connections to servers; owns their Netty threads. Thread-safe. */
public final class RpcClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

    private final TransportSettings settings;
    private final String softwareName;
    private final String softwareVersion;
    private final NettyThreads threads;
    private final ChannelGroup connections =
            new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);

    public RpcClient(TransportSettings settings, String softwareName, String softwareVersion) {
        this.settings = settings;
        this.softwareName = softwareName;
        this.softwareVersion = softwareVersion;
        this.threads = new NettyThreads("fluss-client", settings);
    }

    /**
     * Connects and does the handshake, each within 30 s. Fails with NETWORK naming host and port.
     *
     * @param expected refuses a server of another type, if the server tells its type
     */
    public CompletableFuture<RpcConnection> connect(
            String host, int port, Optional<ServerType> expected) {
        return connect(host, port, expected, CONNECT_TIMEOUT);
    }

    /**
     * Connects and does the handshake. Fails with NETWORK naming host and port, and with
     * INVALID_CONFIG if the server is of another type.
     *
     * @param expected refuses a server of another type, if the server tells its type
     * @param timeout for the connection, and again for the handshake
     */
    public CompletableFuture<RpcConnection> connect(
            String host, int port, Optional<ServerType> expected, Duration timeout) {
        CompletableFuture<RpcConnection> result = new CompletableFuture<>();
        String peer = host + ":" + port;
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(threads.group())
                        .channel(NioSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .option(ChannelOption.ALLOCATOR, NettyThreads.ALLOCATOR)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, NettyThreads.readBuffers())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis(timeout))
                        .handler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        initialize(channel, peer);
                                    }
                                });
        try {
            ChannelFuture connected = bootstrap.connect(host, port);
            connected.addListener(
                    done -> {
                        if (!done.isSuccess()) {
                            result.completeExceptionally(unreachable(peer, done.cause()));
                            return;
                        }
                        handshake(connected.channel(), expected, timeout, result);
                    });
        } catch (RejectedExecutionException | IllegalStateException e) {
            result.completeExceptionally(unreachable(peer, e));
        }
        return result;
    }

    private static int millis(Duration timeout) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, timeout.toMillis()));
    }

    private void initialize(Channel channel, String peer) {
        connections.add(channel);
        channel.pipeline()
                .addLast(
                        new IdleStateHandler(
                                0,
                                0,
                                settings.connectionIdleMax().toMillis(),
                                TimeUnit.MILLISECONDS))
                .addLast(new ClientConnection(channel, peer, settings));
    }

    private void handshake(
            Channel channel,
            Optional<ServerType> expected,
            Duration timeout,
            CompletableFuture<RpcConnection> result) {
        ClientConnection connection = channel.pipeline().get(ClientConnection.class);
        if (connection == null) {
            result.completeExceptionally(
                    ErrorReason.NETWORK.exception(
                            "connection to " + channel.remoteAddress() + " ended at once"));
            return;
        }
        var unused =
                connection
                        .handshake(softwareName, softwareVersion, expected, timeout)
                        .whenComplete(
                                (ready, failure) -> {
                                    if (failure != null) {
                                        var unusedFuture = channel.close();
                                        result.completeExceptionally(FlussException.from(failure));
                                    } else if (!result.complete(connection)) {
                                        var unusedFuture = channel.close();
                                    }
                                });
    }

    private static FlussException unreachable(String peer, Throwable cause) {
        return ErrorReason.NETWORK.exception(
                "cannot connect to " + peer + ": " + cause.getMessage(), cause);
    }

    /** Closes all connections; requests in flight fail. */
    @Override
    public void close() {
        var unused = connections.close();
        threads.close();
    }
}
