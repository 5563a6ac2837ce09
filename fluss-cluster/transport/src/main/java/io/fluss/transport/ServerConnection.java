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
import io.fluss.bytes.ByteParts;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.ApiVersionsResponse;
import io.fluss.protocol.messages.AuthenticateRequest;
import io.fluss.protocol.messages.AuthenticateResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCounted;
import io.netty.util.concurrent.Future;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted connection: takes requests up in order, lets at most {@code
 * inflightPerConnectionMax} of them be unanswered, and writes answers in whatever order they are
 * given. A request counts as answered once its answer has left, so that a peer which does not read
 * cannot pile up answers here. Owned by the channel's event loop; only {@link Answer} is called
 * from elsewhere.
 */
final class ServerConnection extends FrameHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

    /**
     * Requests with bulk data, whose {@code bytes} fields share the frame. All others get memory of
     * their own: they are small, and may wait long without holding a read buffer.
     */
    private static final Set<ApiKey> SHARED_FRAME =
            EnumSet.of(ApiKey.PRODUCE_LOG, ApiKey.PUT_KV, ApiKey.LOOKUP, ApiKey.PREFIX_LOOKUP);

    private final String listener;
    private final ApiHandlers handlers;
    private final ApiVersionsResponse versions;
    private final int inflightMax;
    private final ConnectionNotes notes = new ConnectionNotes();
    private final Admission admission;
    private final Runnable retry = this::goOnSoon;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Future<?> greetingTimer;
    private @Nullable Future<?> frameTimer;
    private boolean hasGreeted;
    private int ungreetedRequests;
    private int inflight;
    private boolean inReadBurst;
    private boolean flushScheduled;

    ServerConnection(
            String listener,
            ApiHandlers handlers,
            ApiVersionsResponse versions,
            TransportSettings settings,
            Admission admission) {
        super(settings.requestSizeMaxBytes(), Frames.REQUEST_HEADER_SIZE);
        this.listener = listener;
        this.handlers = handlers;
        this.versions = versions;
        this.admission = admission;
        this.inflightMax = settings.inflightPerConnectionMax();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        long greetingMaxMs = admission.limits().greetingMax().toMillis();
        greetingTimer = later(ctx, greetingMaxMs, "it has not asked for the API versions");
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        super.handlerRemoved(ctx);
        greeted();
        admission.memory().forget(retry);
    }

    private void greeted() {
        hasGreeted = true;
        cancel(greetingTimer);
        greetingTimer = null;
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Closes the connection unless the timer is cancelled. */
    private Future<?> later(ChannelHandlerContext ctx, long delayMs, String reason) {
        return ctx.channel()
                .eventLoop()
                .schedule(
                        () -> {
                            if (ctx.channel().isActive()) {
                                giveUp();
                                onBrokenStream(ctx, reason + " within " + delayMs + " ms");
                            }
                        },
                        delayMs,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    int frameSizeMaxBytes() {
        int max = super.frameSizeMaxBytes();
        return hasGreeted ? max : Math.min(max, ServerLimits.GREETING_FRAME_MAX_BYTES);
    }

    @Override
    boolean admit(ChannelHandlerContext ctx, int size) {
        return admission.memory().take(size, retry);
    }

    @Override
    void dismiss(int size) {
        admission.memory().give(size);
    }

    @Override
    void collecting(ChannelHandlerContext ctx, int size) {
        long maxMs = admission.limits().frameMax().toMillis() + size / 1000;
        frameTimer = later(ctx, maxMs, "a frame of " + size + " bytes has not arrived");
    }

    @Override
    void collected() {
        cancel(frameTimer);
        frameTimer = null;
    }

    /** Memory has become free; any thread. */
    private void goOnSoon() {
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            try {
                ctx.channel().eventLoop().execute(() -> goOn(ctx));
            } catch (RejectedExecutionException e) {
                LOG.debug("the server is closing", e);
            }
        }
    }

    @Override
    boolean isReady() {
        return inflight < inflightMax;
    }

    @Override
    void onFrame(ChannelHandlerContext ctx, ByteBuf frame) {
        inReadBurst = true;
        inflight++;
        int size = frame.readableBytes();
        short code = frame.readShort();
        short version = frame.readShort();
        Answer answer = new Answer(ctx.channel(), frame.readInt(), frame, size);
        if (code == ApiKey.API_VERSIONS.code()) {
            greeted();
        } else if (!hasGreeted && ++ungreetedRequests > ServerLimits.GREETING_REQUESTS_MAX) {
            answer.releaseFrame();
            giveUp();
            onBrokenStream(
                    ctx,
                    "more than "
                            + ServerLimits.GREETING_REQUESTS_MAX
                            + " requests before asking for the API versions");
            return;
        }
        Optional<ApiKey> api = ApiKey.of(code);
        if (api.isEmpty()) {
            answer.failure(unsupported("API " + code + " is not known here"));
            return;
        }
        answer.api = api.get();
        try {
            dispatch(api.get(), version, frame, answer);
        } catch (InvalidProtocolBufferException e) {
            answer.failure(
                    ErrorReason.CORRUPT_MESSAGE.exception(
                            "body of " + api.get() + " cannot be read: " + e.getMessage(), e));
        } catch (Throwable t) {
            // Whatever a handler throws, the client must get an answer: it may wait without limit.
            answer.failure(logged(api.get(), t));
        }
    }

    private void dispatch(ApiKey api, short version, ByteBuf frame, Answer answer)
            throws InvalidProtocolBufferException {
        if (version < api.minVersion() || version > api.maxVersion()) {
            answer.failure(
                    unsupported(
                            "version "
                                    + version
                                    + " of "
                                    + api
                                    + " is not supported; supported are "
                                    + api.minVersion()
                                    + " to "
                                    + api.maxVersion()));
            return;
        }
        switch (api) {
            case API_VERSIONS -> {
                Frames.parse(api.requestParser(), frame);
                answer.success(versions);
            }
            case AUTHENTICATE ->
                    authenticate(
                            (AuthenticateRequest) Frames.parse(api.requestParser(), frame), answer);
            default -> handle(api, version, frame, answer);
        }
    }

    private void handle(ApiKey api, short version, ByteBuf frame, Answer answer)
            throws InvalidProtocolBufferException {
        Optional<ApiHandler<? extends MessageLite>> handler = handlers.of(api);
        if (handler.isEmpty()) {
            answer.failure(unsupported(api + " is not answered by this server"));
            return;
        }
        MessageLite request;
        if (SHARED_FRAME.contains(api)) {
            request = Frames.parseShared(api.requestParser(), frame);
        } else {
            request = Frames.parse(api.requestParser(), frame);
            answer.releaseFrame();
        }
        // The builder of the handlers ties each API to its request class.
        @SuppressWarnings("unchecked")
        ApiHandler<MessageLite> typed = (ApiHandler<MessageLite>) handler.get();
        typed.handle(
                request,
                new RequestContext(version, listener, answer.channel.remoteAddress(), notes),
                answer);
    }

    private static void authenticate(AuthenticateRequest request, Answer answer) {
        if (request.getProtocol().equalsIgnoreCase("PLAINTEXT")) {
            answer.success(AuthenticateResponse.getDefaultInstance());
        } else {
            answer.failure(
                    ErrorReason.AUTHENTICATE.exception(
                            "this listener has security protocol PLAINTEXT, not '"
                                    + request.getProtocol()
                                    + "'; connect without authentication"));
        }
    }

    private static FlussException unsupported(String problem) {
        return ErrorReason.UNSUPPORTED_VERSION.exception(problem);
    }

    private FlussException logged(ApiKey api, Throwable failure) {
        FlussException error = FlussException.from(failure);
        if (error.reason() == ErrorReason.UNKNOWN_SERVER_ERROR) {
            LOG.warn("{} on listener {} failed", api, listener, failure);
        }
        return error;
    }

    @Override
    void onBrokenStream(ChannelHandlerContext ctx, String problem) {
        if (admission.mayLog()) {
            LOG.warn("closing connection of {}: {}", ctx.channel().remoteAddress(), problem);
        }
        ctx.channel().config().setAutoRead(false);
        ByteBuf failure =
                Frames.serverFailure(
                        ctx.alloc(),
                        ErrorCodes.toResponse(ErrorReason.UNKNOWN_SERVER_ERROR.exception(problem)));
        ctx.writeAndFlush(failure).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        inReadBurst = false;
        ctx.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            var unused = ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("connection of {} ends", ctx.channel().remoteAddress(), cause);
        var unused = ctx.close();
    }

    /** Writes one answer; on the event loop. */
    private void write(ReferenceCounted message) {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            message.release();
            return;
        }
        // One that fails may leave half a frame behind: nobody can read on.
        ctx.write(message)
                .addListener(ChannelFutureListener.CLOSE_ON_FAILURE)
                .addListener(done -> answered(ctx));
        flushSoon(ctx);
    }

    /** Answers given together leave together. */
    private void flushSoon(ChannelHandlerContext ctx) {
        if (!inReadBurst && !flushScheduled) {
            flushScheduled = true;
            ctx.channel()
                    .eventLoop()
                    .execute(
                            () -> {
                                flushScheduled = false;
                                ctx.flush();
                            });
        }
    }

    private void answered(ChannelHandlerContext ctx) {
        boolean wasFull = !isReady();
        inflight--;
        if (wasFull && ctx.channel().isActive()) {
            // Not from here: this runs inside a flush, and the next request may answer at once.
            ctx.channel().eventLoop().execute(() -> goOn(ctx));
        }
    }

    private void goOn(ChannelHandlerContext ctx) {
        resume(ctx);
        channelReadComplete(ctx);
    }

    /** The answer to one request. Thread-safe. */
    private final class Answer implements Reply {
        private final Channel channel;
        private final int requestId;
        private final AtomicBoolean given = new AtomicBoolean();
        private final int frameSize;
        private @Nullable ByteBuf frame;
        private @Nullable ApiKey api;

        Answer(Channel channel, int requestId, ByteBuf frame, int frameSize) {
            this.channel = channel;
            this.requestId = requestId;
            this.frame = frame;
            this.frameSize = frameSize;
        }

        @Override
        public void success(MessageLite message) {
            if (isFirst()) {
                send(Frames.answer(alloc(), Frames.SUCCESS, requestId, message));
            }
        }

        @Override
        public void success(ByteParts encodedMessage) {
            if (isFirst()) {
                send(
                        new AnswerRegion(
                                Frames.answerHeader(requestId, encodedMessage.size()),
                                encodedMessage));
            } else {
                encodedMessage.close();
            }
        }

        @Override
        public void failure(FlussException error) {
            if (isFirst()) {
                send(Frames.answer(alloc(), Frames.ERROR, requestId, ErrorCodes.toResponse(error)));
            }
        }

        private ByteBufAllocator alloc() {
            return channel.alloc();
        }

        private boolean isFirst() {
            if (given.compareAndSet(false, true)) {
                return true;
            }
            LOG.warn("second answer to request {} ({}) is ignored", requestId, api);
            return false;
        }

        /**
         * The answer has been encoded: whatever it shared with the request has been copied, except
         * pieces, which must not share it.
         */
        private void send(ReferenceCounted message) {
            releaseFrame();
            if (channel.eventLoop().inEventLoop()) {
                write(message);
                return;
            }
            try {
                channel.eventLoop().execute(() -> write(message));
            } catch (RejectedExecutionException e) {
                // The server is closing; nobody waits for this any more.
                message.release();
            }
        }

        private void releaseFrame() {
            ByteBuf held = frame;
            frame = null;
            if (held != null) {
                held.release();
                admission.memory().give(frameSize);
            }
        }
    }
}
