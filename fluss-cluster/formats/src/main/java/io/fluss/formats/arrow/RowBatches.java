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
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.row.RowBytes;
import io.fluss.formats.row.RowEncoder;
import io.fluss.formats.row.RowFormat;
import io.fluss.formats.row.RowReader;
import io.fluss.formats.row.RowValues;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Encoding and decoding of INDEXED and COMPACTED log batches (data formats document, section 4.5):
 * records back to back, each an i32 size of the rest, an i8 change type and a row. Pure functions;
 * {@link Writer} is the exception. Golden vectors: {@code log-batches.json}.
 */
public final class RowBatches {
    /** Size and change type of a record. */
    private static final int RECORD_OVERHEAD = 5;

    private RowBatches() {}

    /**
     * A whole append-only log batch of the rows of a root, base offset 0 and no commit time. A root
     * without rows gives an empty batch, which is a header only.
     *
     * @param root columns in the order of the type; stays the caller's
     * @return heap buffer from position 0 to limit
     * @throws FlussException with INVALID_TARGET_COLUMN for a value that does not fit its column
     */
    public static ByteBuffer encode(
            VectorSchemaRoot root,
            DataType.RowType type,
            LogFormat format,
            int schemaId,
            long writerId,
            int sequence) {
        Writer writer = new Writer(type, format);
        ArrowRow row = ArrowRow.of(root);
        for (int i = 0; i < root.getRowCount(); i++) {
            writer.add(ChangeType.APPEND, row.at(i));
        }
        return writer.finish(true, schemaId, writerId, sequence);
    }

    /**
     * The rows of a batch as vectors. The checksum is not looked at.
     *
     * @param type the columns of the schema of the batch
     * @return owned by the caller, who closes it
     * @throws FlussException with CORRUPT_RECORD if the bytes are not such a batch
     */
    public static VectorSchemaRoot decode(
            LogBatch batch, DataType.RowType type, LogFormat format, BufferAllocator allocator) {
        return decode(
                batch,
                type,
                format,
                IntStream.range(0, type.fields().size()).boxed().toList(),
                allocator);
    }

    /** Some columns of the rows of a batch, in the given order. */
    public static VectorSchemaRoot decode(
            LogBatch batch,
            DataType.RowType type,
            LogFormat format,
            List<Integer> columns,
            BufferAllocator allocator) {
        DataType.RowType wanted =
                new DataType.RowType(columns.stream().map(type.fields()::get).toList(), false);
        VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.of(wanted), allocator);
        boolean filled = false;
        try {
            int[] sources = columns.stream().mapToInt(Integer::intValue).toArray();
            VectorFill fill = new VectorFill(root, wanted, sources);
            RowReader row = rows(format).reader(type);
            Records records = new Records(batch);
            fill.expect(batch.recordCount());
            while (records.next()) {
                fill.add(row.open(records.body, records.rowStart(), records.rowSize()));
            }
            fill.finish();
            filled = true;
            return root;
        } finally {
            if (!filled) {
                root.close();
            }
        }
    }

    /**
     * One code of {@link ChangeType} per record.
     *
     * @throws FlussException with CORRUPT_RECORD for an unknown code or a damaged record
     */
    public static ByteBuffer changeTypes(LogBatch batch) {
        Records records = new Records(batch);
        ByteBuffer codes = ByteBuffer.allocate(batch.recordCount());
        while (records.next()) {
            codes.put(records.changeType());
        }
        return codes.flip();
    }

    private static RowFormat rows(LogFormat format) {
        return switch (format) {
            case INDEXED -> RowFormat.INDEXED;
            case COMPACTED -> RowFormat.COMPACTED;
            case ARROW -> throw new IllegalArgumentException("ARROW batches hold no rows");
        };
    }

    /** Builds batches record by record; used again after each batch. Belongs to one thread. */
    public static final class Writer {
        private final RowEncoder rows;
        private final RowBytes out = new RowBytes(1024);
        private int recordCount;

        public Writer(DataType.RowType type, LogFormat format) {
            this.rows = rows(format).encoder(type);
            out.skip(LogBatch.HEADER_SIZE);
        }

        /**
         * Adds a record.
         *
         * @throws FlussException with INVALID_TARGET_COLUMN for a value that does not fit its
         *     column; the records so far are then lost
         */
        public void add(ChangeType change, RowValues row) {
            int at = out.size();
            out.put4(0);
            out.put1(change.code());
            boolean complete = false;
            try {
                rows.encode(row, out);
                complete = true;
            } finally {
                if (!complete) {
                    reset();
                }
            }
            out.set4(at, out.size() - at - 4);
            recordCount++;
        }

        /** Size of the batch so far. */
        public int size() {
            return out.size();
        }

        /**
         * The batch; what is added next belongs to another one.
         *
         * @param isAppendOnly whether all records are appends
         * @return heap buffer from position 0 to limit
         */
        public ByteBuffer finish(boolean isAppendOnly, int schemaId, long writerId, int sequence) {
            ByteBuffer batch = ByteBuffer.wrap(out.toArray()).order(out.view().order());
            LogBatch.writeHeader(batch, recordCount, isAppendOnly, schemaId, writerId, sequence);
            reset();
            return batch;
        }

        /** Drops what was added since the last batch. */
        public void reset() {
            out.clear();
            out.skip(LogBatch.HEADER_SIZE);
            recordCount = 0;
        }
    }

    /** Walks over the records of a batch that may be anything. */
    private static final class Records {
        private final LogBatch batch;
        private final int count;
        final ByteBuffer body;
        private int index = -1;
        private int start;
        private int size = -4;

        Records(LogBatch batch) {
            this.batch = batch;
            this.body = batch.body();
            this.count = batch.recordCount();
            if ((long) count * RECORD_OVERHEAD > body.remaining()) {
                throw ArrowBatches.corrupt(
                        batch, count + " records in " + body.remaining() + " bytes");
            }
        }

        boolean next() {
            int at = start + 4 + size;
            int left = body.limit() - at;
            if (++index == count) {
                if (left > 0) {
                    throw ArrowBatches.corrupt(batch, left + " bytes behind the last record");
                }
                return false;
            }
            start = at;
            size = left < RECORD_OVERHEAD ? 0 : body.getInt(at);
            if (size < 1 || size > left - 4) {
                throw ArrowBatches.corrupt(
                        batch,
                        "record %d of size %d with %d bytes left".formatted(index, size, left));
            }
            if (!ChangeType.isCode(changeType())) {
                throw ArrowBatches.corrupt(
                        batch, "change type " + changeType() + " of record " + index);
            }
            return true;
        }

        byte changeType() {
            return body.get(start + 4);
        }

        int rowStart() {
            return start + RECORD_OVERHEAD;
        }

        int rowSize() {
            return size - 1;
        }
    }
}
