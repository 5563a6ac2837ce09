package io.fluss.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** Life cycle of event loops, and the options that all sockets share. */
final class NettyThreads {
    static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private static final long STOP_WAIT_MS = 10_000;

    private NettyThreads() {}

    static EventLoopGroup start(String name, TransportSettings settings) {
        return new MultiThreadIoEventLoopGroup(
                settings.networkThreads(),
                new DefaultThreadFactory(name, true),
                NioIoHandler.newFactory());
    }

    /** Bulk transfers grow the read buffer to 1 MiB; idle connections stay small. */
    static AdaptiveRecvByteBufAllocator readBuffers() {
        return new AdaptiveRecvByteBufAllocator(2048, 64 << 10, 1 << 20);
    }

    static ServerBootstrap options(ServerBootstrap bootstrap) {
        return bootstrap
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOCATOR, ALLOCATOR)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, readBuffers());
    }

    /** Ends the threads; waits for them unless called on one of them. */
    static void stop(EventLoopGroup threads) {
        threads.shutdownGracefully(0, STOP_WAIT_MS, TimeUnit.MILLISECONDS);
        for (var executor : threads) {
            if (executor.inEventLoop()) {
                return;
            }
        }
        try {
            threads.awaitTermination(STOP_WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
