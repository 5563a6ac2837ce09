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

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Event loops and their threads, and the options that all sockets share. */
final class NettyThreads implements AutoCloseable {
    static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private static final long STOP_WAIT_MS = 10_000;

    private final EventLoopGroup group;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    NettyThreads(String name, TransportSettings settings) {
        DefaultThreadFactory remembering =
                new DefaultThreadFactory(name, true) {
                    @Override
                    protected Thread newThread(Runnable task, String threadName) {
                        Thread t = super.newThread(task, threadName);
                        threads.add(t);
                        return t;
                    }
                };
        group =
                new MultiThreadIoEventLoopGroup(
                        settings.networkThreads(), remembering, NioIoHandler.newFactory());
    }

    EventLoopGroup group() {
        return group;
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

    /** Ends the threads; waits until they are gone unless called on one of them. */
    @Override
    public void close() {
        var unused = group.shutdownGracefully(0, STOP_WAIT_MS, TimeUnit.MILLISECONDS);
        if (threads.contains(Thread.currentThread())) {
            return;
        }
        try {
            for (Thread t : threads) {
                t.join(STOP_WAIT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
