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

import io.fluss.errors.FlussException;
import io.fluss.formats.log.ArrowMessage;
import io.fluss.formats.log.ColumnShape;
import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;

/**
 * Reads one batch that may be hostile: everything the vectors rely on is checked before they see
 * it. All buffers of a batch are slices of one piece of memory.
 */
final class BatchDecoding {
    /** Stands in front of a buffer that is not compressed although the batch is. */
    static final long NOT_COMPRESSED = -1;

    /** The most a batch may take up in memory; a batch itself is below 2 GiB. */
    static final long DECODED_BYTES_MAX = 1L << 30;

    private final LogBatch batch;
    private final ArrowMessage message;
    private final ByteBuffer body;
    private final List<ColumnShape> columns;

    /** Nodes depth first, and the number of the first buffer of each. */
    private final List<ColumnShape> shapes = new ArrayList<>();

    private final List<Integer> firstBuffers = new ArrayList<>();

    /** Where a buffer lies in the memory, and its size there. */
    private final long[] starts;

    private final long[] sizes;

    private BatchDecoding(LogBatch batch, DataType.RowType type) {
        this.batch = batch;
        ByteBuffer bytes = batch.body();
        int changeTypes = batch.isAppendOnly() ? 0 : ArrowBatches.changeTypes(batch).remaining();
        this.message = ArrowMessage.parse(bytes, changeTypes, bytes.remaining() - changeTypes);
        this.body =
                bytes.slice(changeTypes + message.headSize(), (int) message.bodyLength())
                        .order(ByteOrder.LITTLE_ENDIAN);
        this.columns = ColumnShape.ofColumns(type);
        int buffers = 0;
        for (ColumnShape c : columns) {
            buffers = number(c, buffers);
        }
        if (message.rowCount() != batch.recordCount()) {
            throw corrupt(message.rowCount() + " rows for " + batch.recordCount() + " records");
        }
        if (message.nodeCount() != shapes.size() || message.bufferCount() != buffers) {
            throw corrupt(
                    "%d nodes and %d buffers, but %s has %d and %d"
                            .formatted(
                                    message.nodeCount(),
                                    message.bufferCount(),
                                    type,
                                    shapes.size(),
                                    buffers));
        }
        this.starts = new long[buffers];
        this.sizes = new long[buffers];
    }

    private int number(ColumnShape shape, int firstBuffer) {
        shapes.add(shape);
        firstBuffers.add(firstBuffer);
        int next = firstBuffer + shape.kind().buffers();
        for (ColumnShape child : shape.children()) {
            next = number(child, next);
        }
        return next;
    }

    static void fill(
            VectorSchemaRoot root,
            LogBatch batch,
            DataType.RowType type,
            BufferAllocator allocator) {
        BatchDecoding decoding = new BatchDecoding(batch, type);
        long total = decoding.measure();
        try (ArrowBuf memory = total == 0 ? allocator.getEmpty() : allocator.buffer(total)) {
            decoding.copyBuffers(memory);
            decoding.checkColumns(memory);
            try (ArrowRecordBatch records = decoding.records(memory)) {
                new VectorLoader(root).load(records);
            }
        }
    }

    /** Finds sizes and places; gives the bytes needed. */
    private long measure() {
        long total = 0;
        for (int node = 0; node < shapes.size(); node++) {
            ColumnShape shape = shapes.get(node);
            int first = firstBuffers.get(node);
            for (int i = 0; i < shape.kind().buffers(); i++) {
                int buffer = first + i;
                sizes[buffer] = decodedSize(buffer);
                starts[buffer] = total;
                // An empty child may come without its first offset; vectors want to see it.
                long room =
                        i == 1 && shape.kind().hasOffsets()
                                ? Math.max(Integer.BYTES, sizes[buffer])
                                : sizes[buffer];
                total += ArrowMessage.padded(room);
                checkTotal(total);
            }
            if (sizes[first] == 0) { // the vector will make its own
                checkTotal(total + message.nodeLength(node) / 8);
            }
        }
        return total;
    }

    private void checkTotal(long total) {
        if (total > DECODED_BYTES_MAX) {
            throw corrupt("it decodes to more than " + DECODED_BYTES_MAX + " bytes");
        }
    }

    private boolean isCompressed() {
        return message.codec() != ArrowCompression.NONE;
    }

    private long decodedSize(int buffer) {
        long stored = message.bufferLength(buffer);
        if (!isCompressed() || stored == 0) {
            return stored;
        }
        if (stored < Long.BYTES) {
            throw corrupt("compressed buffer " + buffer + " of " + stored + " bytes");
        }
        long declared = body.getLong((int) message.bufferOffset(buffer));
        if (declared == NOT_COMPRESSED) {
            return stored - Long.BYTES;
        }
        long most = Math.min(DECODED_BYTES_MAX, (stored - Long.BYTES) * ratioMax());
        if (declared < 0 || declared > most) {
            throw corrupt("buffer " + buffer + " of " + declared + " bytes");
        }
        return declared;
    }

    /**
     * What a byte can become at most, so that a small buffer cannot ask for a lot of memory: a ZSTD
     * block of 128 KiB takes at least four bytes, an LZ4 byte stands for at most 255.
     */
    private long ratioMax() {
        return message.codec() == ArrowCompression.LZ4_FRAME ? 255 : 32_768;
    }

    private void copyBuffers(ArrowBuf memory) {
        if (!isCompressed()) {
            for (int i = 0; i < sizes.length; i++) {
                copy(memory, i, 0);
            }
            return;
        }
        try (BufferCodec codec = BufferCodec.of(message.codec(), 1)) {
            for (int i = 0; i < sizes.length; i++) {
                if (sizes[i] == 0) {
                    continue;
                }
                int at = (int) message.bufferOffset(i);
                if (body.getLong(at) == NOT_COMPRESSED) {
                    copy(memory, i, Long.BYTES);
                } else {
                    int stored = (int) message.bufferLength(i);
                    codec.decompress(
                            body.slice(at + Long.BYTES, stored - Long.BYTES),
                            memory.nioBuffer(starts[i], (int) sizes[i]));
                }
            }
        }
    }

    private void copy(ArrowBuf memory, int buffer, int skip) {
        if (sizes[buffer] > 0) {
            memory.setBytes(
                    starts[buffer],
                    body.slice((int) message.bufferOffset(buffer) + skip, (int) sizes[buffer]));
        }
    }

    private void checkColumns(ArrowBuf memory) {
        int node = 0;
        for (ColumnShape c : columns) {
            node = check(c, node, message.rowCount(), memory);
        }
    }

    /** Checks a node and its children; gives the number of the node behind them. */
    private int check(ColumnShape shape, int node, int rows, ArrowBuf memory) {
        int length = message.nodeLength(node);
        int first = firstBuffers.get(node);
        if (length != rows) {
            throw corrupt("node " + node + " has " + length + " values instead of " + rows);
        }
        if (sizes[first] != 0 || message.nullCount(node) != 0) {
            checkSize(first, (length + 7L) / 8);
        }
        int childRows = rows;
        if (shape.kind() == ColumnShape.Kind.FIXED) {
            checkSize(first + 1, bytesOf(length, shape.widthBits()));
        } else if (shape.kind().hasOffsets()) {
            int last = checkOffsets(first + 1, length, memory);
            if (shape.kind() == ColumnShape.Kind.VARIABLE) {
                checkSize(first + 2, last);
            } else {
                childRows = message.nodeLength(node + 1);
                if (childRows < last) {
                    throw corrupt(
                            "node " + node + ": offset " + last + " of " + childRows + " elements");
                }
            }
        }
        int next = node + 1;
        for (ColumnShape child : shape.children()) {
            next = check(child, next, childRows, memory);
        }
        return next;
    }

    private long bytesOf(int length, long widthBits) {
        if (length > DECODED_BYTES_MAX * 8 / widthBits) {
            throw corrupt(length + " values of " + widthBits + " bits");
        }
        return (widthBits * length + 7) / 8;
    }

    private void checkSize(int buffer, long needed) {
        if (sizes[buffer] < needed) {
            throw corrupt(
                    "buffer %d has %d bytes instead of %d"
                            .formatted(buffer, sizes[buffer], needed));
        }
    }

    /** Offsets must not fall and not be negative; gives the last one. */
    private int checkOffsets(int buffer, int length, ArrowBuf memory) {
        if (length == 0 && sizes[buffer] < Integer.BYTES) {
            memory.setInt(starts[buffer], 0);
            sizes[buffer] = Integer.BYTES;
            return 0;
        }
        checkSize(buffer, (length + 1L) * Integer.BYTES);
        IntBuffer offsets =
                memory.nioBuffer(starts[buffer], (length + 1) * Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asIntBuffer();
        int previous = offsets.get(0);
        int falls = previous;
        for (int i = 1; i <= length; i++) {
            int offset = offsets.get(i);
            // Without a branch in the loop: the sign bit stays set once an offset falls.
            falls |= offset | (offset - previous);
            previous = offset;
        }
        if (falls < 0) {
            throw corrupt("offsets in buffer " + buffer + " fall or are negative");
        }
        return previous;
    }

    private ArrowRecordBatch records(ArrowBuf memory) {
        List<ArrowFieldNode> nodes = new ArrayList<>(shapes.size());
        for (int i = 0; i < shapes.size(); i++) {
            nodes.add(new ArrowFieldNode(message.nodeLength(i), message.nullCount(i)));
        }
        List<ArrowBuf> buffers = new ArrayList<>(sizes.length);
        for (int i = 0; i < sizes.length; i++) {
            buffers.add(memory.slice(starts[i], sizes[i]));
        }
        return new ArrowRecordBatch(message.rowCount(), nodes, buffers);
    }

    private FlussException corrupt(String problem) {
        return ArrowBatches.corrupt(batch, problem);
    }
}
