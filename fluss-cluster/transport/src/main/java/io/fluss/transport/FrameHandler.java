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

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the byte stream of a channel into frames. Owned by the channel's event loop.
 *
 * <p>A frame that lies in one read buffer is a slice of it; any other is collected in a buffer of
 * its own, so each byte is copied at most once. While the subclass is not {@linkplain #isReady
 * ready}, frames already read wait here and reading from the socket stops: at most one read buffer
 * waits.
 */
abstract class FrameHandler extends ChannelInboundHandlerAdapter {
    /** Memory taken on the word of a length field, before the bytes have arrived. */
    private static final int TRUSTED_SIZE = 16 << 20;

    private final int frameSizeMaxBytes;
    private final int headerSize;
    private @Nullable ByteBuf waiting;
    private @Nullable ByteBuf collecting;
    private int collectingSize;
    private boolean broken;

    /** Length of a frame that waits for memory; -1: none. */
    private int refusedSize = -1;

    /**
     * @param frameSizeMaxBytes largest frame, length field included
     * @param headerSize smallest value of the length field
     */
    FrameHandler(int frameSizeMaxBytes, int headerSize) {
        this.frameSizeMaxBytes = frameSizeMaxBytes;
        this.headerSize = headerSize;
    }

    /** Takes a frame without its length field, and owns it from now on. */
    abstract void onFrame(ChannelHandlerContext ctx, ByteBuf frame);

    /** The stream makes no sense from here on; nothing more is read from it. */
    abstract void onBrokenStream(ChannelHandlerContext ctx, String problem);

    abstract boolean isReady();

    /** Largest frame now, length field included. */
    int frameSizeMaxBytes() {
        return frameSizeMaxBytes;
    }

    /**
     * Asks for the memory of a frame. After a refusal reading stops; {@link #resume} asks again.
     */
    boolean admit(ChannelHandlerContext ctx, int size) {
        return true;
    }

    /** A frame that was admitted will not come to {@link #onFrame}. */
    void dismiss(int size) {}

    /** The bytes of a frame have begun to arrive, and do not lie in one read buffer. */
    void collecting(ChannelHandlerContext ctx, int size) {}

    /** The frame is complete, or given up. */
    void collected() {}

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (broken) {
            bytes.release();
            return;
        }
        waiting = waiting == null ? bytes : joined(ctx, waiting, bytes);
        cut(ctx);
    }

    /** Goes on with what waits, and reads from the socket again; called once ready again. */
    final void resume(ChannelHandlerContext ctx) {
        cut(ctx);
        if (refusedSize >= 0 && waiting == null && isReady() && !broken) {
            collectRefused(ctx);
        }
        if (isReady() && !broken && refusedSize < 0) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        // Whoever resumes later must not begin a frame here.
        giveUp();
    }

    private static ByteBuf joined(ChannelHandlerContext ctx, ByteBuf first, ByteBuf second) {
        ByteBuf both = ctx.alloc().directBuffer(first.readableBytes() + second.readableBytes());
        both.writeBytes(first).writeBytes(second);
        first.release();
        second.release();
        return both;
    }

    private void cut(ChannelHandlerContext ctx) {
        ByteBuf in = waiting;
        while (in != null && in.isReadable() && !broken) {
            if (!isReady()) {
                ctx.channel().config().setAutoRead(false);
                return;
            }
            if (!step(ctx, in)) {
                return;
            }
        }
        // Unless the frame handler has given up, and dropped it.
        if (in != null && waiting != null) {
            waiting = null;
            in.release();
        }
    }

    /** A frame of which only the length has arrived, and for which there was no memory. */
    private void collectRefused(ChannelHandlerContext ctx) {
        int length = refusedSize;
        if (admit(ctx, length)) {
            refusedSize = -1;
            collect(ctx, length);
        }
    }

    private void collect(ChannelHandlerContext ctx, int length) {
        collectingSize = length;
        collecting = ctx.alloc().directBuffer(Math.min(length, TRUSTED_SIZE), length);
        collecting(ctx, length);
    }

    /** Returns false if the rest of {@code in} is the start of a length field, or must wait. */
    private boolean step(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf open = collecting;
        if (open != null) {
            open.writeBytes(
                    in, Math.min(in.readableBytes(), collectingSize - open.readableBytes()));
            if (open.readableBytes() == collectingSize) {
                collecting = null;
                collected();
                onFrame(ctx, open);
            }
            return true;
        }
        if (refusedSize < 0 && in.readableBytes() < Frames.LENGTH_SIZE) {
            return false;
        }
        int length = refusedSize < 0 ? in.readInt() : refusedSize;
        if (length < headerSize || length > frameSizeMaxBytes() - Frames.LENGTH_SIZE) {
            broken = true;
            dropAll();
            onBrokenStream(
                    ctx,
                    "frame of "
                            + (length + (long) Frames.LENGTH_SIZE)
                            + " bytes; allowed are "
                            + (headerSize + Frames.LENGTH_SIZE)
                            + " to "
                            + frameSizeMaxBytes());
            return false;
        }
        if (!admit(ctx, length)) {
            refusedSize = length;
            ctx.channel().config().setAutoRead(false);
            return false;
        }
        refusedSize = -1;
        if (in.readableBytes() >= length) {
            onFrame(ctx, in.readRetainedSlice(length));
        } else {
            collect(ctx, length);
        }
        return true;
    }

    /** Nothing more is read. */
    final void giveUp() {
        broken = true;
        dropAll();
    }

    private void dropAll() {
        if (waiting != null) {
            waiting.release();
            waiting = null;
        }
        if (collecting != null) {
            collecting.release();
            collecting = null;
            collected();
            dismiss(collectingSize);
        }
    }
}
