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

import io.fluss.formats.log.ChangeType;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.row.RowValues;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Builds log batches out of rows with change types, one after the other, in any log format (data
 * formats document, section 4.4). Belongs to one thread, which closes it.
 */
public abstract sealed class ChangelogWriter implements AutoCloseable {
    private ChangelogWriter() {}

    /**
     * A writer for the batches of one table.
     *
     * @param type of the rows: the columns of the latest schema
     * @param compression of ARROW batches
     * @param allocator for ARROW vectors; stays the caller's
     */
    public static ChangelogWriter of(
            DataType.RowType type,
            LogFormat format,
            ArrowCompression compression,
            int zstdLevel,
            BufferAllocator allocator) {
        return format == LogFormat.ARROW
                ? new Arrow(type, compression, zstdLevel, allocator)
                : new Rows(type, format);
    }

    /** Begins a batch of so many records. */
    public abstract void begin(int recordCount);

    /** Adds a record; its values are copied. */
    public abstract void add(ChangeType change, RowValues row);

    /**
     * The batch, with base offset 0 and no commit time; without records only a header, which takes
     * up one offset.
     *
     * @return heap buffer from position 0 to limit
     */
    public abstract ByteBuffer finish(int schemaId, long writerId, int sequence);

    @Override
    public abstract void close();

    private static ByteBuffer empty(int schemaId, long writerId, int sequence) {
        ByteBuffer batch = ByteBuffer.allocate(LogBatch.HEADER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        LogBatch.writeHeader(batch, 0, false, schemaId, writerId, sequence);
        return batch;
    }

    private static final class Arrow extends ChangelogWriter {
        private final ArrowCompression compression;
        private final int zstdLevel;
        private final VectorSchemaRoot root;
        private final VectorFill fill;
        private byte[] changes = new byte[256];
        private int count;

        Arrow(
                DataType.RowType type,
                ArrowCompression compression,
                int zstdLevel,
                BufferAllocator allocator) {
            this.compression = compression;
            this.zstdLevel = zstdLevel;
            this.root = VectorSchemaRoot.create(ArrowSchemas.of(type), allocator);
            this.fill =
                    new VectorFill(root, type, IntStream.range(0, type.fields().size()).toArray());
        }

        @Override
        public void begin(int recordCount) {
            count = 0;
            fill.restart();
            if (recordCount > 0) {
                fill.expect(recordCount);
            }
            if (changes.length < recordCount) {
                changes = new byte[recordCount];
            }
        }

        @Override
        public void add(ChangeType change, RowValues row) {
            changes[count++] = change.code();
            fill.add(row);
        }

        @Override
        public ByteBuffer finish(int schemaId, long writerId, int sequence) {
            if (count == 0) {
                return empty(schemaId, writerId, sequence);
            }
            fill.finish();
            try {
                return BatchEncoding.encode(
                        root,
                        ByteBuffer.wrap(changes, 0, count),
                        schemaId,
                        writerId,
                        sequence,
                        compression,
                        zstdLevel);
            } finally {
                root.clear();
            }
        }

        @Override
        public void close() {
            root.close();
        }
    }

    private static final class Rows extends ChangelogWriter {
        private final RowBatches.Writer writer;
        private int count;

        Rows(DataType.RowType type, LogFormat format) {
            this.writer = new RowBatches.Writer(type, format);
        }

        @Override
        public void begin(int recordCount) {
            count = 0;
            writer.reset(); // of a batch that was begun and refused
        }

        @Override
        public void add(ChangeType change, RowValues row) {
            writer.add(change, row);
            count++;
        }

        @Override
        public ByteBuffer finish(int schemaId, long writerId, int sequence) {
            return count == 0
                    ? empty(schemaId, writerId, sequence)
                    : writer.finish(false, schemaId, writerId, sequence);
        }

        @Override
        public void close() {
            // Heap memory only.
        }
    }
}
