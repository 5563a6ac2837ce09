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

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.ApiVersionsRequest;
import io.fluss.protocol.messages.ApiVersionsResponse;
import io.fluss.protocol.messages.ErrorResponse;
import io.fluss.protocol.messages.PbApiVersion;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's end of a connection: numbers requests and finds the request of an answer. Requests
 * in flight and the stream are owned by the channel's event loop; {@link #send} and {@link
 * #sendLeased} encode on the calling thread and hand over.
 */
final class ClientConnection extends FrameHandler implements RpcConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private final Channel channel;
    private final String peer;
    private final int inflightMax;
    private final AtomicInteger nextRequestId = new AtomicInteger();
    private final AtomicInteger inflightCount = new AtomicInteger();
    private final IntObjectHashMap<Pending> inflight = new IntObjectHashMap<>();
    private boolean flushScheduled;
    private @Nullable FlussException end;
    private volatile Map<ApiKey, Short> versions =
            Map.of(ApiKey.API_VERSIONS, ApiKey.API_VERSIONS.maxVersion());

    ClientConnection(Channel channel, String peer, TransportSettings settings) {
        super(settings.requestSizeMaxBytes(), 1);
        this.channel = channel;
        this.peer = peer;
        this.inflightMax = settings.inflightPerConnectionMax();
    }

    /** Learns what the server can do; must be done before anything else is sent. */
    CompletableFuture<Void> handshake(
            String softwareName,
            String softwareVersion,
            Optional<ServerType> expected,
            Duration timeout) {
        ApiVersionsRequest request =
                ApiVersionsRequest.newBuilder()
                        .setClientSoftwareName(softwareName)
                        .setClientSoftwareVersion(softwareVersion)
                        .build();
        return this.<ApiVersionsResponse>send(ApiKey.API_VERSIONS, request, timeout)
                .handle(
                        (answer, failure) -> {
                            if (failure != null) {
                                throw ErrorReason.NETWORK.exception(
                                        "handshake with "
                                                + peer
                                                + " failed: "
                                                + FlussException.from(failure).getMessage(),
                                        failure);
                            }
                            checkType(answer, expected);
                            versions = negotiated(answer);
                            return null;
                        });
    }

    private void checkType(ApiVersionsResponse answer, Optional<ServerType> expected) {
        if (expected.isPresent()
                && answer.hasServerType()
                && answer.getServerType() != expected.get().code()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    peer
                            + " is a server of type "
                            + answer.getServerType()
                            + ", but "
                            + expected.get()
                            + " ("
                            + expected.get().code()
                            + ") was expected");
        }
    }

    /** Source: wire protocol document, section 1.6. */
    private static Map<ApiKey, Short> negotiated(ApiVersionsResponse answer) {
        Map<ApiKey, Short> common = new EnumMap<>(ApiKey.class);
        for (PbApiVersion range : answer.getApiVersionsList()) {
            ApiKey.of((short) range.getApiKey())
                    .ifPresent(
                            api -> {
                                int max = Math.min(api.maxVersion(), range.getMaxVersion());
                                if (max >= Math.max(api.minVersion(), range.getMinVersion())) {
                                    common.put(api, (short) max);
                                }
                            });
        }
        return Map.copyOf(common);
    }

    @Override
    public <R extends MessageLite> CompletableFuture<R> send(
            ApiKey api, MessageLite request, Duration timeout) {
        Owned<R> pending = new Owned<>(api);
        send(pending, request, timeout);
        return pending.result;
    }

    @Override
    public <R extends MessageLite> CompletableFuture<Leased<R>> sendLeased(
            ApiKey api, MessageLite request, Duration timeout) {
        Shared<R> pending = new Shared<>(api);
        send(pending, request, timeout);
        return pending.result;
    }

    private void send(Pending pending, MessageLite request, Duration timeout) {
        Short version = versions.get(pending.api);
        if (version == null) {
            pending.fail(
                    ErrorReason.UNSUPPORTED_VERSION.exception(
                            peer + " does not offer a version of " + pending.api + " known here"));
            return;
        }
        if (inflightCount.incrementAndGet() > inflightMax) {
            inflightCount.decrementAndGet();
            pending.fail(
                    ErrorReason.STORAGE_BACKPRESSURE.exception(
                            inflightMax + " requests to " + peer + " wait for answers already"));
            return;
        }
        int requestId = nextRequestId.getAndIncrement();
        ByteBuf frame =
                Frames.request(channel.alloc(), pending.api.code(), version, requestId, request);
        try {
            if (channel.eventLoop().inEventLoop()) {
                write(requestId, pending, frame, timeout);
            } else {
                channel.eventLoop().execute(() -> write(requestId, pending, frame, timeout));
            }
        } catch (RejectedExecutionException e) {
            frame.release();
            inflightCount.decrementAndGet();
            pending.fail(ErrorReason.NETWORK.exception("connection to " + peer + " is closed"));
        }
    }

    private void write(int requestId, Pending pending, ByteBuf frame, Duration timeout) {
        if (end != null || !channel.isActive()) {
            frame.release();
            inflightCount.decrementAndGet();
            pending.fail(end != null ? end : closed("it is closed"));
            return;
        }
        inflight.put(requestId, pending);
        pending.timer =
                channel.eventLoop()
                        .schedule(
                                () -> timedOut(requestId, timeout),
                                timeout.toNanos(),
                                TimeUnit.NANOSECONDS);
        channel.write(frame)
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                var unused = channel.close();
                            }
                        });
        if (!flushScheduled) {
            flushScheduled = true;
            channel.eventLoop()
                    .execute(
                            () -> {
                                flushScheduled = false;
                                channel.flush();
                            });
        }
    }

    private void timedOut(int requestId, Duration timeout) {
        Pending pending = taken(requestId);
        if (pending != null) {
            pending.fail(
                    ErrorReason.REQUEST_TIME_OUT.exception(
                            peer
                                    + " did not answer "
                                    + pending.api
                                    + " within "
                                    + timeout.toMillis()
                                    + " ms"));
        }
    }

    private @Nullable Pending taken(int requestId) {
        Pending pending = inflight.remove(requestId);
        if (pending != null) {
            inflightCount.decrementAndGet();
            pending.cancelTimer();
        }
        return pending;
    }

    @Override
    boolean isReady() {
        return true;
    }

    @Override
    void onFrame(ChannelHandlerContext ctx, ByteBuf frame) {
        try {
            byte type = frame.readByte();
            switch (type) {
                case Frames.SUCCESS, Frames.ERROR -> answer(type, frame);
                case Frames.SERVER_FAILURE -> {
                    ErrorResponse error = Frames.parse(ErrorResponse.parser(), frame);
                    endWith(ctx, closed("the server gave up: " + error.getErrorMessage()));
                }
                default -> onBrokenStream(ctx, "answer of unknown type " + type);
            }
        } catch (InvalidProtocolBufferException | IndexOutOfBoundsException e) {
            onBrokenStream(ctx, "answer that cannot be read: " + e.getMessage());
        } finally {
            frame.release();
        }
    }

    private void answer(byte type, ByteBuf frame) throws InvalidProtocolBufferException {
        int requestId = frame.readInt();
        Pending pending = taken(requestId);
        if (pending == null) {
            LOG.debug("{} answered request {}, which nobody waits for", peer, requestId);
            return;
        }
        if (type == Frames.SUCCESS) {
            succeed(pending, frame);
            return;
        }
        ErrorResponse error = Frames.parse(ErrorResponse.parser(), frame);
        pending.fail(
                ErrorCodes.toException(
                        error.getErrorCode(),
                        error.getErrorMessage(),
                        pending.api + " at " + peer));
    }

    private void succeed(Pending pending, ByteBuf frame) {
        try {
            pending.succeed(frame);
        } catch (InvalidProtocolBufferException e) {
            pending.fail(
                    ErrorReason.CORRUPT_MESSAGE.exception(
                            "answer of "
                                    + peer
                                    + " to "
                                    + pending.api
                                    + " cannot be read: "
                                    + e.getMessage(),
                            e));
        }
    }

    @Override
    void onBrokenStream(ChannelHandlerContext ctx, String problem) {
        endWith(ctx, closed("it sent an " + problem));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        endWith(ctx, closed("the connection ended"));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            endWith(ctx, closed("nothing was sent or received for the longest idle time"));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        endWith(ctx, closed(String.valueOf(cause.getMessage())));
    }

    private FlussException closed(String why) {
        return ErrorReason.NETWORK.exception("connection to " + peer + " is gone: " + why);
    }

    private void endWith(ChannelHandlerContext ctx, FlussException why) {
        if (end == null) {
            end = why;
        }
        var unused = ctx.close();
        List<Pending> all = new ArrayList<>(inflight.values());
        inflight.clear();
        for (Pending pending : all) {
            inflightCount.decrementAndGet();
            pending.cancelTimer();
            pending.fail(end);
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isActive();
    }

    @Override
    public void close() {
        var unused = channel.close();
    }

    @Override
    public String toString() {
        return peer;
    }

    /** A request in flight. */
    private abstract static class Pending {
        final ApiKey api;
        private @Nullable ScheduledFuture<?> timer;

        Pending(ApiKey api) {
            this.api = api;
        }

        abstract void succeed(ByteBuf frame) throws InvalidProtocolBufferException;

        abstract void fail(FlussException error);

        final void cancelTimer() {
            if (timer != null) {
                timer.cancel(false);
            }
        }

        /** The caller names the answer's class, which is that of the API. */
        @SuppressWarnings("unchecked")
        final <R> Parser<R> parser() {
            return (Parser<R>) api.responseParser();
        }
    }

    private static final class Owned<R extends MessageLite> extends Pending {
        final CompletableFuture<R> result = new CompletableFuture<>();

        Owned(ApiKey api) {
            super(api);
        }

        @Override
        void succeed(ByteBuf frame) throws InvalidProtocolBufferException {
            result.complete(Frames.parse(this.<R>parser(), frame));
        }

        @Override
        void fail(FlussException error) {
            result.completeExceptionally(error);
        }
    }

    private static final class Shared<R extends MessageLite> extends Pending {
        final CompletableFuture<Leased<R>> result = new CompletableFuture<>();

        Shared(ApiKey api) {
            super(api);
        }

        @Override
        void succeed(ByteBuf frame) throws InvalidProtocolBufferException {
            R message = Frames.parseShared(this.<R>parser(), frame);
            Lease<R> lease = new Lease<>(message, frame.retain());
            if (!result.complete(lease)) {
                lease.close();
            }
        }

        @Override
        void fail(FlussException error) {
            result.completeExceptionally(error);
        }
    }

    private static final class Lease<R> implements Leased<R> {
        private final R message;
        private final ByteBuf frame;
        private final AtomicBoolean closed = new AtomicBoolean();

        Lease(R message, ByteBuf frame) {
            this.message = message;
            this.frame = frame;
        }

        @Override
        public R message() {
            return message;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                frame.release();
            }
        }
    }
}
