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
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.ApiVersionsResponse;
import io.fluss.protocol.messages.PbApiVersion;
import io.fluss.settings.Settings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening socket that answers the protocol: framing, handshake, error frames, limits;
 * dispatches to handlers. Thread-safe. Owns its Netty threads.
 */
public final class RpcServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RpcServer.class);

    private final NettyThreads threads;
    private final ChannelGroup connections;
    private final Channel acceptor;

    private RpcServer(NettyThreads threads, ChannelGroup connections, Channel acceptor) {
        this.threads = threads;
        this.connections = connections;
        this.acceptor = acceptor;
    }

    /**
     * Binds and starts to answer.
     *
     * @param bind port 0 takes a free port
     * @throws io.fluss.errors.FlussException with NETWORK if the address cannot be bound, naming it
     */
    public static RpcServer start(
            String listener,
            InetSocketAddress bind,
            ServerType type,
            ApiHandlers handlers,
            TransportSettings settings) {
        return start(
                listener, bind, type, handlers, settings, ServerLimits.from(Settings.of(Map.of())));
    }

    /** As above, with limits of its own. */
    public static RpcServer start(
            String listener,
            InetSocketAddress bind,
            ServerType type,
            ApiHandlers handlers,
            TransportSettings settings,
            ServerLimits limits) {
        Admission admission = new Admission(limits);
        NettyThreads threads = new NettyThreads("fluss-server-" + listener, settings);
        // Closing: a connection accepted while the server closes is closed by the group, too.
        ChannelGroup connections = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);
        ApiVersionsResponse versions = versions(type, handlers);
        ServerBootstrap bootstrap =
                NettyThreads.options(
                        new ServerBootstrap()
                                .group(threads.group())
                                .channel(NioServerSocketChannel.class)
                                .option(ChannelOption.SO_REUSEADDR, true)
                                .option(ChannelOption.SO_BACKLOG, 1024));
        bootstrap.childHandler(
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (!admission.connect(channel.remoteAddress())) {
                            if (admission.mayLog()) {
                                LOG.warn(
                                        "connection of {} is refused: there are too many",
                                        channel.remoteAddress());
                            }
                            var unused = channel.close();
                            return;
                        }
                        SocketAddress from = channel.remoteAddress();
                        channel.closeFuture().addListener(done -> admission.disconnect(from));
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(
                                        new IdleStateHandler(
                                                0,
                                                0,
                                                settings.connectionIdleMax().toMillis(),
                                                TimeUnit.MILLISECONDS))
                                .addLast(
                                        new ServerConnection(
                                                listener, handlers, versions, settings, admission));
                    }
                });
        ChannelFuture bound = bootstrap.bind(bind).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            threads.close();
            throw ErrorReason.NETWORK.exception(
                    "listener "
                            + listener
                            + " cannot bind "
                            + bind
                            + ": "
                            + bound.cause().getMessage()
                            + "; stop what uses the port or choose another one",
                    bound.cause());
        }
        return new RpcServer(threads, connections, bound.channel());
    }

    private static ApiVersionsResponse versions(ServerType type, ApiHandlers handlers) {
        Set<ApiKey> apis = EnumSet.of(ApiKey.API_VERSIONS, ApiKey.AUTHENTICATE);
        apis.addAll(handlers.apis());
        ApiVersionsResponse.Builder answer =
                ApiVersionsResponse.newBuilder().setServerType(type.code());
        for (ApiKey api : apis) {
            answer.addApiVersions(
                    PbApiVersion.newBuilder()
                            .setApiKey(api.code())
                            .setMinVersion(api.minVersion())
                            .setMaxVersion(api.maxVersion()));
        }
        return answer.build();
    }

    /** The port that is bound. */
    public int port() {
        return ((InetSocketAddress) acceptor.localAddress()).getPort();
    }

    /** Stops taking connections, closes those that are open, and releases the threads. */
    @Override
    public void close() {
        acceptor.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        threads.close();
    }
}
