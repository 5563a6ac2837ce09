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
package io.fluss.formats.arrow;

import io.fluss.formats.log.ArrowMessage;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableOptions.ArrowCompression;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Writes one batch: works on whole buffers, never on rows. Uncompressed buffers are copied once,
 * compressed ones go through a scratch buffer of the root's allocator because the codecs work on
 * direct memory.
 */
final class BatchEncoding {
    private final VectorSchemaRoot root;
    private final ByteBuffer changeTypes;
    private final List<ArrowBuf> parts = new ArrayList<>();
    private final long[] nodes;
    private final long[] table;

    /** Empty for a batch of magic 0. */
    private final byte[] statistics;

    private BatchEncoding(VectorSchemaRoot root, byte[] statistics, ByteBuffer changeTypes) {
        this.root = root;
        this.statistics = statistics;
        this.changeTypes = changeTypes;
        List<FieldVector> vectors = new ArrayList<>();
        root.getFieldVectors().forEach(v -> collect(v, vectors));
        this.nodes = new long[2 * vectors.size()];
        for (int i = 0; i < vectors.size(); i++) {
            FieldVector v = vectors.get(i);
            nodes[2 * i] = v.getValueCount();
            nodes[2 * i + 1] = v.getNullCount();
            parts.addAll(v.getFieldBuffers());
        }
        this.table = new long[2 * parts.size()];
    }

    private static void collect(FieldVector vector, List<FieldVector> depthFirst) {
        depthFirst.add(vector);
        vector.getChildrenFromFields().forEach(c -> collect(c, depthFirst));
    }

    static ByteBuffer encode(
            VectorSchemaRoot root,
            byte[] statistics,
            int schemaId,
            long writerId,
            int sequence,
            ArrowCompression compression,
            int zstdLevel) {
        return encode(
                new BatchEncoding(root, statistics, ByteBuffer.allocate(0)),
                schemaId,
                writerId,
                sequence,
                compression,
                zstdLevel);
    }

    /**
     * A changelog batch, or an append-only one.
     *
     * @param changeTypes one code per row; empty for a batch of appends
     */
    static ByteBuffer encode(
            VectorSchemaRoot root,
            ByteBuffer changeTypes,
            int schemaId,
            long writerId,
            int sequence,
            ArrowCompression compression,
            int zstdLevel) {
        return encode(
                new BatchEncoding(root, new byte[0], changeTypes),
                schemaId,
                writerId,
                sequence,
                compression,
                zstdLevel);
    }

    private static ByteBuffer encode(
            BatchEncoding encoding,
            int schemaId,
            long writerId,
            int sequence,
            ArrowCompression compression,
            int zstdLevel) {
        int rows = encoding.root.getRowCount();
        ByteBuffer batch;
        if (rows == 0) {
            batch = allocate(LogBatch.HEADER_SIZE);
        } else if (compression == ArrowCompression.NONE || encoding.parts.isEmpty()) {
            batch = encoding.uncompressed();
        } else {
            batch = encoding.compressed(compression, zstdLevel);
        }
        batch.clear();
        int statisticsSize = encoding.statistics.length;
        if (statisticsSize == 0) {
            boolean isAppendOnly = !encoding.changeTypes.hasRemaining();
            LogBatch.writeHeader(batch, rows, isAppendOnly, schemaId, writerId, sequence);
        } else {
            LogBatch.writeStatisticsHeader(
                    batch, statisticsSize, rows, schemaId, writerId, sequence);
        }
        return batch;
    }

    private ByteBuffer uncompressed() {
        long at = 0;
        for (int i = 0; i < parts.size(); i++) {
            long size = parts.get(i).readableBytes();
            table[2 * i] = at;
            table[2 * i + 1] = size;
            at += ArrowMessage.padded(size);
        }
        ByteBuffer batch = withHead(ArrowCompression.NONE, at);
        int body = batch.position();
        for (int i = 0; i < parts.size(); i++) {
            ArrowBuf part = parts.get(i);
            if (part.readableBytes() > 0) {
                int size = (int) part.readableBytes();
                part.getBytes(part.readerIndex(), batch.slice(body + (int) table[2 * i], size));
            }
        }
        return batch;
    }

    private ByteBuffer compressed(ArrowCompression compression, int zstdLevel) {
        BufferAllocator allocator = root.getVector(0).getAllocator();
        try (BufferCodec codec = BufferCodec.of(compression, zstdLevel)) {
            long room = 0;
            for (ArrowBuf part : parts) {
                int size = Math.toIntExact(part.readableBytes());
                room += ArrowMessage.padded(Long.BYTES + codec.compressedSizeMax(size));
            }
            try (ArrowBuf scratch = allocator.buffer(room)) {
                ByteBuffer out =
                        scratch.nioBuffer(0, Math.toIntExact(room)).order(ByteOrder.LITTLE_ENDIAN);
                int end = 0;
                for (int i = 0; i < parts.size(); i++) {
                    int size = compress(codec, parts.get(i), out, end);
                    table[2 * i] = end;
                    table[2 * i + 1] = size;
                    end += ArrowMessage.padded(size);
                }
                ByteBuffer batch = withHead(compression, end);
                batch.put(batch.position(), out, 0, end);
                return batch;
            }
        }
    }

    /** Length and frame, or -1 and the bytes as they are if that is shorter. */
    private static int compress(BufferCodec codec, ArrowBuf part, ByteBuffer out, int at) {
        int size = (int) part.readableBytes();
        int written = Long.BYTES;
        out.putLong(at, size);
        if (size > 0) {
            ByteBuffer from = part.nioBuffer(part.readerIndex(), size);
            int compressed = codec.compress(from, out, at + Long.BYTES);
            if (compressed > size) {
                out.putLong(at, BatchDecoding.NOT_COMPRESSED);
                out.put(at + Long.BYTES, from, from.position(), size);
                compressed = size;
            }
            written += compressed;
        }
        for (int i = at + written; i < at + ArrowMessage.padded(written); i++) {
            out.put(i, (byte) 0);
        }
        return written;
    }

    /** A batch with its Arrow metadata, positioned at the body. */
    private ByteBuffer withHead(ArrowCompression compression, long bodyLength) {
        ByteBuffer head =
                ArrowMessage.write(root.getRowCount(), nodes, table, compression, bodyLength);
        int headerSize =
                statistics.length == 0 ? LogBatch.HEADER_SIZE : LogBatch.STATISTICS_HEADER_SIZE;
        ByteBuffer batch =
                allocate(
                        Math.toIntExact(
                                (long) headerSize
                                        + statistics.length
                                        + changeTypes.remaining()
                                        + head.remaining()
                                        + bodyLength));
        return batch.position(headerSize).put(statistics).put(changeTypes.duplicate()).put(head);
    }

    private static ByteBuffer allocate(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
