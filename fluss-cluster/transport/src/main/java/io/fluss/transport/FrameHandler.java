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
        if (isReady() && !broken) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        dropAll();
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
        if (in != null) {
            waiting = null;
            in.release();
        }
    }

    /** Returns false if the rest of {@code in} is the start of a length field. */
    private boolean step(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf open = collecting;
        if (open != null) {
            open.writeBytes(
                    in, Math.min(in.readableBytes(), collectingSize - open.readableBytes()));
            if (open.readableBytes() == collectingSize) {
                collecting = null;
                onFrame(ctx, open);
            }
            return true;
        }
        if (in.readableBytes() < Frames.LENGTH_SIZE) {
            return false;
        }
        int length = in.readInt();
        if (length < headerSize || length > frameSizeMaxBytes - Frames.LENGTH_SIZE) {
            broken = true;
            dropAll();
            onBrokenStream(
                    ctx,
                    "frame of "
                            + (length + (long) Frames.LENGTH_SIZE)
                            + " bytes; allowed are "
                            + (headerSize + Frames.LENGTH_SIZE)
                            + " to "
                            + frameSizeMaxBytes);
            return false;
        }
        if (in.readableBytes() >= length) {
            onFrame(ctx, in.readRetainedSlice(length));
        } else {
            collectingSize = length;
            collecting = ctx.alloc().directBuffer(Math.min(length, TRUSTED_SIZE), length);
        }
        return true;
    }

    private void dropAll() {
        if (waiting != null) {
            waiting.release();
            waiting = null;
        }
        if (collecting != null) {
            collecting.release();
            collecting = null;
        }
    }
}
