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

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Frame layouts (wire protocol document, section 1.2) and messages in frame memory. All integers
 * are big-endian; the length counts the bytes behind it.
 *
 * <pre>
 * request             length:4 apiKey:2 apiVersion:2 requestId:4 message
 * answer or error     length:4 type:1 requestId:4 message
 * server failure      length:4 type:1 ErrorResponse
 * </pre>
 */
final class Frames {
    static final int LENGTH_SIZE = 4;
    static final int REQUEST_HEADER_SIZE = 8;
    static final int ANSWER_HEADER_SIZE = 5;

    static final byte SUCCESS = 0;
    static final byte ERROR = 1;
    static final byte SERVER_FAILURE = 2;

    private Frames() {}

    static ByteBuf request(
            ByteBufAllocator alloc, short api, short version, int requestId, MessageLite body) {
        int bodySize = body.getSerializedSize();
        ByteBuf frame = alloc.directBuffer(LENGTH_SIZE + REQUEST_HEADER_SIZE + bodySize);
        frame.writeInt(REQUEST_HEADER_SIZE + bodySize);
        frame.writeShort(api).writeShort(version).writeInt(requestId);
        return append(frame, body, bodySize);
    }

    static ByteBuf answer(ByteBufAllocator alloc, byte type, int requestId, MessageLite body) {
        int bodySize = body.getSerializedSize();
        ByteBuf frame = alloc.directBuffer(LENGTH_SIZE + ANSWER_HEADER_SIZE + bodySize);
        frame.writeInt(ANSWER_HEADER_SIZE + bodySize).writeByte(type).writeInt(requestId);
        return append(frame, body, bodySize);
    }

    /** The front of a successful answer whose body of {@code bodySize} bytes follows. */
    static ByteBuffer answerHeader(int requestId, long bodySize) {
        return ByteBuffer.allocate(LENGTH_SIZE + ANSWER_HEADER_SIZE)
                .putInt(Math.toIntExact(ANSWER_HEADER_SIZE + bodySize))
                .put(SUCCESS)
                .putInt(requestId)
                .flip();
    }

    static ByteBuf serverFailure(ByteBufAllocator alloc, MessageLite body) {
        int bodySize = body.getSerializedSize();
        ByteBuf frame = alloc.directBuffer(LENGTH_SIZE + 1 + bodySize);
        frame.writeInt(1 + bodySize).writeByte(SERVER_FAILURE);
        return append(frame, body, bodySize);
    }

    private static ByteBuf append(ByteBuf frame, MessageLite body, int bodySize) {
        int start = frame.writerIndex();
        try {
            body.writeTo(CodedOutputStream.newInstance(frame.nioBuffer(start, bodySize)));
        } catch (IOException e) {
            frame.release();
            throw new UncheckedIOException("a message grew while it was written", e);
        }
        return frame.writerIndex(start + bodySize);
    }

    /** A message with memory of its own. */
    static <M> M parse(Parser<M> parser, ByteBuf body) throws InvalidProtocolBufferException {
        return read(parser, CodedInputStream.newInstance(body.nioBuffer()));
    }

    /**
     * A message whose {@code bytes} and {@code string} fields share the memory of the frame: it
     * must not be touched after the frame is released.
     */
    static <M> M parseShared(Parser<M> parser, ByteBuf body) throws InvalidProtocolBufferException {
        ByteString bytes = UnsafeByteOperations.unsafeWrap(body.nioBuffer());
        CodedInputStream in = bytes.newCodedInput();
        in.enableAliasing(true);
        return read(parser, in);
    }

    private static <M> M read(Parser<M> parser, CodedInputStream in)
            throws InvalidProtocolBufferException {
        M message = parser.parseFrom(in);
        in.checkLastTagWas(0);
        return message;
    }
}
