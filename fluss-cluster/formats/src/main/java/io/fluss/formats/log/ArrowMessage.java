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
package io.fluss.formats.log;

import com.google.flatbuffers.FlatBufferBuilder;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.table.TableOptions.ArrowCompression;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.BodyCompressionMethod;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * The metadata of one encapsulated Arrow record batch message: rows, nodes, the buffer table and
 * the codec. Immutable; nothing of the body is looked at.
 *
 * <pre>
 * ff ff ff ff | metadata length i32, padding included | flatbuffer Message | padding | body
 * </pre>
 */
public final class ArrowMessage {
    /** Bytes in front of the flatbuffer. */
    public static final int PREFIX_SIZE = 8;

    private static final int CONTINUATION = 0xffffffff;
    private static final int STRUCT_SIZE = 16;

    private final int headSize;
    private final int rowCount;
    private final ArrowCompression codec;
    private final long bodyLength;
    private final long[] nodes;
    private final long[] buffers;

    private ArrowMessage(int headSize, RecordBatch batch, long bodyLength) {
        this.headSize = headSize;
        this.bodyLength = bodyLength;
        this.rowCount = checkedInt(batch.length(), "row count");
        this.codec = codec(batch.compression());
        this.nodes = new long[2 * checkedCount(batch.nodesLength(), "nodes")];
        FieldNode node = new FieldNode();
        for (int i = 0; i < nodes.length; i += 2) {
            batch.nodes(node, i / 2);
            nodes[i] = checkedInt(node.length(), "node length");
            nodes[i + 1] = node.nullCount();
            if (nodes[i + 1] < 0 || nodes[i + 1] > nodes[i]) {
                throw corrupt("node " + i / 2 + ": " + nodes[i + 1] + " nulls in " + nodes[i]);
            }
        }
        this.buffers = new long[2 * checkedCount(batch.buffersLength(), "buffers")];
        Buffer buffer = new Buffer();
        for (int i = 0; i < buffers.length; i += 2) {
            batch.buffers(buffer, i / 2);
            buffers[i] = buffer.offset();
            buffers[i + 1] = buffer.length();
            if (buffers[i] < 0 || buffers[i + 1] < 0 || buffers[i] > bodyLength - buffers[i + 1]) {
                throw corrupt(
                        "buffer %d at %d with %d bytes is not inside the body of %d bytes"
                                .formatted(i / 2, buffers[i], buffers[i + 1], bodyLength));
            }
        }
    }

    /**
     * Size of prefix and metadata of the message at a position, from its first {@link #PREFIX_SIZE}
     * bytes.
     *
     * @param sizeMax the most that can be there
     * @throws FlussException with CORRUPT_RECORD if it is not a message or larger
     */
    public static int headSize(ByteBuffer bytes, int position, int sizeMax) {
        ByteBuffer le = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (sizeMax < PREFIX_SIZE || le.getInt(position) != CONTINUATION) {
            throw corrupt("no Arrow message at byte " + position);
        }
        int metadataSize = le.getInt(position + 4);
        if (metadataSize < 8 || metadataSize > sizeMax - PREFIX_SIZE) {
            throw corrupt("metadata length " + metadataSize + " at byte " + position);
        }
        return PREFIX_SIZE + metadataSize;
    }

    /**
     * Reads the message at a position.
     *
     * @param sizeMax bytes from the position that the message with its body may take; only those of
     *     the metadata need to be in the buffer
     * @throws FlussException with CORRUPT_RECORD for anything but one whole record batch
     */
    public static ArrowMessage parse(ByteBuffer bytes, int position, int sizeMax) {
        int headSize = headSize(bytes, position, sizeMax);
        try {
            Message message =
                    Message.getRootAsMessage(
                            bytes.slice(position + PREFIX_SIZE, headSize - PREFIX_SIZE)
                                    .order(ByteOrder.LITTLE_ENDIAN));
            long bodyLength = message.bodyLength();
            if (bodyLength < 0 || bodyLength > sizeMax - headSize || bodyLength % 8 != 0) {
                throw corrupt(
                        "body length %d, but %d bytes are there"
                                .formatted(bodyLength, sizeMax - headSize));
            }
            if (message.headerType() != MessageHeader.RecordBatch
                    || !(message.header(new RecordBatch()) instanceof RecordBatch batch)) {
                throw corrupt("Arrow message of type " + message.headerType());
            }
            return new ArrowMessage(headSize, batch, bodyLength);
        } catch (IndexOutOfBoundsException e) {
            // Offsets of a flatbuffer are followed as they are; wrong ones end up outside.
            throw ErrorReason.CORRUPT_RECORD.exception(
                    "Arrow metadata points outside of itself", e);
        }
    }

    /**
     * Prefix and metadata of a message; the body follows.
     *
     * @param nodes pairs of length and null count
     * @param buffers pairs of offset from the start of the body and length without padding
     */
    public static ByteBuffer write(
            int rowCount, long[] nodes, long[] buffers, ArrowCompression codec, long bodyLength) {
        FlatBufferBuilder b = new FlatBufferBuilder(192 + 8 * (nodes.length + buffers.length));
        RecordBatch.startNodesVector(b, nodes.length / 2);
        for (int i = nodes.length - 2; i >= 0; i -= 2) {
            FieldNode.createFieldNode(b, nodes[i], nodes[i + 1]);
        }
        int nodesAt = b.endVector();
        RecordBatch.startBuffersVector(b, buffers.length / 2);
        for (int i = buffers.length - 2; i >= 0; i -= 2) {
            Buffer.createBuffer(b, buffers[i], buffers[i + 1]);
        }
        int buffersAt = b.endVector();
        int compressionAt =
                codec == ArrowCompression.NONE
                        ? 0
                        : BodyCompression.createBodyCompression(
                                b,
                                codec == ArrowCompression.ZSTD
                                        ? CompressionType.ZSTD
                                        : CompressionType.LZ4_FRAME,
                                BodyCompressionMethod.BUFFER);
        RecordBatch.startRecordBatch(b);
        RecordBatch.addLength(b, rowCount);
        RecordBatch.addNodes(b, nodesAt);
        RecordBatch.addBuffers(b, buffersAt);
        if (compressionAt != 0) {
            RecordBatch.addCompression(b, compressionAt);
        }
        int batchAt = RecordBatch.endRecordBatch(b);
        Message.startMessage(b);
        Message.addHeader(b, batchAt);
        Message.addHeaderType(b, MessageHeader.RecordBatch);
        Message.addVersion(b, MetadataVersion.V5);
        Message.addBodyLength(b, bodyLength);
        Message.finishMessageBuffer(b, Message.endMessage(b));
        ByteBuffer metadata = b.dataBuffer();
        int padded = padded(metadata.remaining());
        ByteBuffer head = ByteBuffer.allocate(PREFIX_SIZE + padded).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(CONTINUATION).putInt(padded).put(metadata);
        return head.position(head.limit()).flip();
    }

    /** Rounded up to a multiple of 8. */
    public static int padded(int size) {
        return Math.addExact(size, 7) & ~7;
    }

    /** Rounded up to a multiple of 8. */
    public static long padded(long size) {
        return (size + 7) & ~7L;
    }

    /** Bytes of prefix and metadata; the body starts behind them. */
    public int headSize() {
        return headSize;
    }

    public int rowCount() {
        return rowCount;
    }

    public ArrowCompression codec() {
        return codec;
    }

    /** Bytes of the body, a multiple of 8. */
    public long bodyLength() {
        return bodyLength;
    }

    public int nodeCount() {
        return nodes.length / 2;
    }

    public int nodeLength(int node) {
        return (int) nodes[2 * node];
    }

    /** Not negative and at most the length. */
    public int nullCount(int node) {
        return (int) nodes[2 * node + 1];
    }

    public int bufferCount() {
        return buffers.length / 2;
    }

    /** From the start of the body; the buffer lies inside the body. */
    public long bufferOffset(int buffer) {
        return buffers[2 * buffer];
    }

    /** Without padding. */
    public long bufferLength(int buffer) {
        return buffers[2 * buffer + 1];
    }

    private static ArrowCompression codec(
            @org.jspecify.annotations.Nullable BodyCompression compression) {
        if (compression == null) {
            return ArrowCompression.NONE;
        }
        if (compression.method() != BodyCompressionMethod.BUFFER) {
            throw corrupt("compression method " + compression.method());
        }
        return switch (compression.codec()) {
            case CompressionType.LZ4_FRAME -> ArrowCompression.LZ4_FRAME;
            case CompressionType.ZSTD -> ArrowCompression.ZSTD;
            default -> throw corrupt("compression codec " + compression.codec());
        };
    }

    /** A table cannot have more entries than fit in the metadata that holds it. */
    private int checkedCount(int count, String what) {
        if (count < 0 || count > headSize / STRUCT_SIZE) {
            throw corrupt(count + " " + what + " in metadata of " + headSize + " bytes");
        }
        return count;
    }

    private static int checkedInt(long value, String what) {
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw corrupt(what + " " + value);
        }
        return (int) value;
    }

    private static FlussException corrupt(String problem) {
        return ErrorReason.CORRUPT_RECORD.exception("Arrow record batch: " + problem);
    }
}
