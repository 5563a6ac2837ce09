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

import io.fluss.bytes.ByteParts;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts the buffers of chosen columns out of a stored ARROW batch without decoding vectors (data
 * formats document, section 4.8). Made once for a schema and a projection, then used for many
 * batches. Immutable. Golden vectors: {@code projection.json}.
 *
 * <p>Columns are only ever added at the end of a table, so a batch of an older schema holds the
 * first columns of this one. Chosen columns that it lacks come out as nulls.
 */
public final class BatchProjection {
    private final List<ColumnShape> columns;
    private final List<Integer> fields;

    private BatchProjection(List<ColumnShape> columns, List<Integer> fields) {
        this.columns = columns;
        this.fields = fields;
    }

    /**
     * A projection of batches of one table.
     *
     * @param schema the latest known one; batches may be of an older or newer schema
     * @param fields positions of top-level columns, ascending and distinct, not empty
     * @throws io.fluss.errors.FlussException with INVALID_COLUMN_PROJECTION for anything else
     */
    public static BatchProjection of(DataType.RowType schema, List<Integer> fields) {
        int columns = schema.fields().size();
        int previous = -1;
        for (int field : fields) {
            if (field <= previous || field >= columns) {
                throw invalid(fields, columns);
            }
            previous = field;
        }
        if (fields.isEmpty()) {
            throw invalid(fields, columns);
        }
        return new BatchProjection(ColumnShape.ofColumns(schema), List.copyOf(fields));
    }

    private static FlussException invalid(List<Integer> fields, int columns) {
        return ErrorReason.INVALID_COLUMN_PROJECTION.exception(
                "projection "
                        + fields
                        + " is not valid: it must name ascending, distinct positions below "
                        + columns);
    }

    /**
     * How a projected batch is put together: new bytes in front, then ranges of the stored batch.
     */
    public static final class Layout {
        private final int storedSize;
        private final ByteBuffer prefix;
        private final long[] ranges;
        private final long size;

        private Layout(int storedSize, ByteBuffer prefix, long[] ranges) {
            this.storedSize = storedSize;
            this.prefix = prefix;
            this.ranges = ranges;
            long sum = prefix.remaining();
            for (int i = 1; i < ranges.length; i += 2) {
                sum += ranges[i];
            }
            this.size = sum;
        }

        /** Size of the stored batch in bytes. */
        public int storedSize() {
            return storedSize;
        }

        /** About the memory that this takes. */
        public int memoryBytes() {
            return 160 + prefix.capacity() + Long.BYTES * ranges.length;
        }

        /** New header (old checksum), change types, new Arrow metadata; a view of its own. */
        public ByteBuffer prefix() {
            return prefix.asReadOnlyBuffer();
        }

        /**
         * Pairs (offset from the start of the stored batch, length), in order; ranges that touch
         * are merged.
         */
        public long[] ranges() {
            return ranges.clone();
        }

        /** Size of the projected batch in bytes. */
        public long size() {
            return size;
        }

        public int rangeCount() {
            return ranges.length / 2;
        }

        /** From the start of the stored batch. */
        public int rangeStart(int range) {
            return (int) ranges[2 * range];
        }

        public int rangeLength(int range) {
            return (int) ranges[2 * range + 1];
        }

        /** The projected batch out of a stored batch in memory, which starts at position 0. */
        public ByteParts cut(ByteBuffer storedBatch) {
            List<ByteParts.Part> parts = new ArrayList<>();
            parts.add(new ByteParts.Memory(prefix()));
            for (int i = 0; i < ranges.length; i += 2) {
                parts.add(
                        new ByteParts.Memory(
                                storedBatch.slice((int) ranges[i], (int) ranges[i + 1])));
            }
            return ByteParts.of(parts, () -> {});
        }
    }

    /**
     * Bytes of the stored batch that {@link #layout} needs from its start: header, statistics and
     * change types (if any), Arrow message prefix and metadata. {@code header} holds at least the
     * first 48 bytes from its position; the answer may grow when more is known, so call until it
     * fits.
     *
     * @throws io.fluss.errors.FlussException with CORRUPT_RECORD if the batch cannot be one
     */
    public static int metadataSize(ByteBuffer header) {
        ByteBuffer bytes = header.slice().order(ByteOrder.LITTLE_ENDIAN);
        int batchSize = batchSize(bytes);
        int headerSize = headerSize(bytes);
        if (bytes.limit() < headerSize) {
            return headerSize;
        }
        int message = messageOffset(bytes, batchSize);
        if (batchSize == message) {
            return batchSize;
        }
        int known = message + ArrowMessage.PREFIX_SIZE;
        return bytes.limit() < known
                ? known
                : message + ArrowMessage.headSize(bytes, message, batchSize - message);
    }

    /** Size of the whole batch as its header says. */
    private static int batchSize(ByteBuffer bytes) {
        if (bytes.limit() < LogBatch.HEADER_SIZE) {
            throw corrupt("only " + bytes.limit() + " bytes of its header");
        }
        int headerSize = headerSize(bytes);
        int length = bytes.getInt(LogBatch.LENGTH_OFFSET);
        if (length < headerSize - LogBatch.LENGTH_OVERHEAD
                || length > Integer.MAX_VALUE - LogBatch.LENGTH_OVERHEAD) {
            throw corrupt("length field " + length);
        }
        return length + LogBatch.LENGTH_OVERHEAD;
    }

    private static int headerSize(ByteBuffer bytes) {
        byte magic = bytes.get(LogBatch.MAGIC_OFFSET);
        if (magic != LogBatch.MAGIC && magic != LogBatch.MAGIC_STATISTICS) {
            throw corrupt("magic " + magic);
        }
        return LogBatch.headerSize(magic);
    }

    /** Where the change types start, or the Arrow message if there are none. */
    private static int bodyOffset(ByteBuffer bytes, int batchSize) {
        int headerSize = headerSize(bytes);
        int statistics =
                headerSize == LogBatch.HEADER_SIZE ? 0 : bytes.getInt(headerSize - Integer.BYTES);
        if (statistics < 0 || statistics > batchSize - headerSize) {
            throw corrupt("statistics of " + statistics + " bytes");
        }
        return headerSize + statistics;
    }

    /** Where the Arrow message starts: behind header, statistics and change types. */
    private static int messageOffset(ByteBuffer bytes, int batchSize) {
        int records = bytes.getInt(LogBatch.RECORD_COUNT_OFFSET);
        boolean appendOnly = (bytes.get(LogBatch.ATTRIBUTES_OFFSET) & LogBatch.APPEND_ONLY) != 0;
        int changeTypes = appendOnly ? 0 : records;
        int body = bodyOffset(bytes, batchSize);
        if (records < 0 || changeTypes > batchSize - body) {
            throw corrupt(records + " records in " + batchSize + " bytes");
        }
        int message = body + changeTypes;
        if (batchSize == body ? records != 0 : batchSize - message < 8) {
            throw corrupt(records + " records, but no Arrow message");
        }
        return message;
    }

    /**
     * The layout of one batch, from its first {@link #metadataSize} bytes. Empty batches come back
     * whole.
     *
     * @throws io.fluss.errors.FlussException with CORRUPT_RECORD if header and metadata do not fit
     *     the schema
     */
    public Layout layout(ByteBuffer batchStart) {
        ByteBuffer stored = batchStart.slice().order(ByteOrder.LITTLE_ENDIAN);
        int size = batchSize(stored);
        if (stored.limit() < metadataSize(stored)) {
            throw corrupt("only " + stored.limit() + " bytes of its metadata are there");
        }
        int messageAt = messageOffset(stored, size);
        if (size == messageAt) {
            return new Layout(size, copyOf(stored, size), new long[0]);
        }
        ArrowMessage message = ArrowMessage.parse(stored, messageAt, size - messageAt);
        if (message.rowCount() != stored.getInt(LogBatch.RECORD_COUNT_OFFSET)) {
            throw corrupt("its Arrow message has " + message.rowCount() + " rows");
        }
        return new Cut(message, messageAt).layout(stored);
    }

    private static ByteBuffer copyOf(ByteBuffer bytes, int size) {
        return ByteBuffer.allocate(size).put(bytes.slice(0, size)).flip();
    }

    private static FlussException corrupt(String problem) {
        return ErrorReason.CORRUPT_RECORD.exception("log batch to project: " + problem);
    }

    /** The work on one batch. */
    private final class Cut {
        /** Ranges closer than this are sent as one: Arrow pads buffers to 8 or to 64 bytes. */
        private static final int GAP_MAX = 64;

        private final ArrowMessage message;
        private final int messageAt;

        private final LongList nodes = new LongList();
        private final LongList buffers = new LongList();
        private final LongList ranges = new LongList();

        /** Bytes of the new body so far, a multiple of 8. */
        private long bodyLength;

        /** End of the last range in the old body; -1 before the first. */
        private long rangeEnd = -1;

        Cut(ArrowMessage message, int messageAt) {
            this.message = message;
            this.messageAt = messageAt;
        }

        Layout layout(ByteBuffer stored) {
            int zeros = zeroBytes();
            bodyLength = zeros;
            int node = 0;
            int buffer = 0;
            int next = 0;
            for (int column = 0; column < columns.size() && next < fields.size(); column++) {
                ColumnShape shape = columns.get(column);
                boolean chosen = fields.get(next) == column;
                boolean stops = node == message.nodeCount();
                if (chosen && stops) {
                    addNulls(shape, message.rowCount());
                } else if (chosen) {
                    copy(shape, node, buffer);
                }
                next += chosen ? 1 : 0;
                node += stops ? 0 : shape.nodeCount();
                buffer += stops ? 0 : shape.bufferCount();
                if (node > message.nodeCount() || buffer > message.bufferCount()) {
                    throw corrupt("its Arrow message ends inside column " + column);
                }
            }
            if (bodyLength - zeros > message.bodyLength()) {
                throw corrupt("buffers of its Arrow message overlap");
            }
            return new Layout(batchSize(stored), prefix(stored, zeros), ranges.toArray());
        }

        private void copy(ColumnShape shape, int firstNode, int firstBuffer) {
            if (firstNode + shape.nodeCount() > message.nodeCount()
                    || firstBuffer + shape.bufferCount() > message.bufferCount()) {
                throw corrupt("its Arrow message ends inside a column");
            }
            for (int i = firstNode; i < firstNode + shape.nodeCount(); i++) {
                nodes.add(message.nodeLength(i));
                nodes.add(message.nullCount(i));
            }
            for (int i = firstBuffer; i < firstBuffer + shape.bufferCount(); i++) {
                copyBuffer(message.bufferOffset(i), message.bufferLength(i));
            }
        }

        /** The body is a multiple of 8, so a buffer with its padding lies inside it. */
        private void copyBuffer(long offset, long length) {
            if (length == 0) {
                buffers.add(bodyLength);
                buffers.add(0);
                return;
            }
            long start = offset & ~7L;
            long end = ArrowMessage.padded(offset + length);
            if (rangeEnd >= 0 && start >= rangeEnd && start - rangeEnd < GAP_MAX) {
                long grown = end - rangeEnd;
                ranges.addToLast(grown);
                bodyLength += grown;
            } else {
                ranges.add(messageAt + message.headSize() + start);
                ranges.add(end - start);
                bodyLength += end - start;
            }
            rangeEnd = end;
            buffers.add(bodyLength - (end - offset));
            buffers.add(length);
        }

        /**
         * Bytes at the start of the new body that stand for the buffers of all missing columns.
         * They share it: zeros are null bits, values and offsets of nulls alike.
         */
        private int zeroBytes() {
            int known = 0;
            int column = 0;
            while (column < columns.size() && known < message.nodeCount()) {
                known += columns.get(column++).nodeCount();
            }
            long most = 0;
            for (int field : fields) {
                if (field >= column) {
                    most = Math.max(most, zeroBytes(columns.get(field), message.rowCount()));
                }
            }
            if (most == 0) {
                return 0;
            }
            long size = ArrowMessage.padded(most + (isCompressed() ? Long.BYTES : 0));
            if (size > Integer.MAX_VALUE / 2) {
                throw corrupt("an added column needs " + size + " bytes of nulls");
            }
            return (int) size;
        }

        private boolean isCompressed() {
            return message.codec() != io.fluss.table.TableOptions.ArrowCompression.NONE;
        }

        private static long zeroBytes(ColumnShape shape, int rows) {
            long most = (rows + 7L) / 8;
            if (shape.kind().hasOffsets()) {
                return Math.max(most, (rows + 1L) * Integer.BYTES);
            }
            most = Math.max(most, bytesOf(shape, rows));
            for (ColumnShape child : shape.children()) {
                most = Math.max(most, zeroBytes(child, rows));
            }
            return most;
        }

        private static long bytesOf(ColumnShape shape, int rows) {
            return (shape.widthBits() + 7) / 8 > Integer.MAX_VALUE / Math.max(1, rows)
                    ? Integer.MAX_VALUE
                    : (shape.widthBits() * rows + 7) / 8;
        }

        private void addNulls(ColumnShape shape, int rows) {
            nodes.add(rows);
            nodes.add(rows);
            addZeros((rows + 7L) / 8);
            int childRows = rows;
            switch (shape.kind()) {
                case FIXED -> addZeros(bytesOf(shape, rows));
                case VARIABLE -> {
                    addZeros(rows == 0 ? 0 : (rows + 1L) * Integer.BYTES);
                    addZeros(0);
                }
                case LIST -> {
                    addZeros(rows == 0 ? 0 : (rows + 1L) * Integer.BYTES);
                    childRows = 0;
                }
                case STRUCT -> {}
            }
            for (ColumnShape child : shape.children()) {
                addNulls(child, childRows);
            }
        }

        private void addZeros(long length) {
            buffers.add(0);
            buffers.add(isCompressed() && length > 0 ? length + Long.BYTES : length);
        }

        private ByteBuffer prefix(ByteBuffer stored, int zeros) {
            ByteBuffer head =
                    ArrowMessage.write(
                            message.rowCount(),
                            nodes.toArray(),
                            buffers.toArray(),
                            message.codec(),
                            bodyLength);
            int headerSize = headerSize(stored);
            int bodyAt = bodyOffset(stored, messageAt);
            int start = headerSize + messageAt - bodyAt;
            long size = start + head.remaining() + bodyLength;
            if (size > Integer.MAX_VALUE) {
                throw corrupt("projected it would take " + size + " bytes");
            }
            ByteBuffer prefix =
                    ByteBuffer.allocate(start + head.remaining() + zeros)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .put(stored.slice(0, headerSize))
                            .put(stored.slice(bodyAt, messageAt - bodyAt))
                            .put(head);
            if (headerSize > LogBatch.HEADER_SIZE) {
                prefix.putInt(headerSize - Integer.BYTES, 0); // its statistics stay behind
            }
            if (zeros > 0 && isCompressed()) {
                prefix.putLong(-1); // the bytes behind it are not compressed
            }
            prefix.putInt(LogBatch.LENGTH_OFFSET, (int) size - LogBatch.LENGTH_OVERHEAD);
            return prefix.clear();
        }
    }

    /** Growing array without boxing. */
    private static final class LongList {
        private long[] values = new long[32];
        private int size;

        void add(long value) {
            if (size == values.length) {
                values = java.util.Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        void addToLast(long value) {
            values[size - 1] += value;
        }

        long[] toArray() {
            return java.util.Arrays.copyOf(values, size);
        }
    }
}
