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
package io.fluss.spark.write;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.arrow.ArrowSchemas;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Rows on their way into one Arrow batch, whose memory is used again for the next. Owned by one
 * task thread.
 */
final class RowBatch implements AutoCloseable {
    /** Rows after which a batch is handed on: enough for columns to pay, small in memory. */
    static final int ROWS_MAX = 8192;

    /** How often, in rows, the size in bytes is looked at. */
    private static final int SIZE_CHECK_MASK = 63;

    private static final long BYTES_MAX = 4L << 20;

    /** A column that is not written stays null: vectors are zeroed when reset. */
    private static final ColumnWriter NOTHING = (source, ordinal, index) -> {};

    private final TableInfo table;
    private final int[] ordinals;
    private final VectorSchemaRoot root;
    private final ColumnWriter[] writers;
    private int rowCount;

    RowBatch(TableInfo table, InputColumns input, BufferAllocator allocator) {
        this.table = table;
        this.ordinals = input.ordinals().stream().mapToInt(Integer::intValue).toArray();
        this.root = VectorSchemaRoot.create(ArrowSchemas.of(table.schema().rowType()), allocator);
        List<Column> columns = table.schema().columns();
        this.writers = new ColumnWriter[columns.size()];
        try {
            for (int i = 0; i < writers.length; i++) {
                Column c = columns.get(i);
                FieldVector v = root.getVector(i);
                v.allocateNew();
                writers[i] = ordinals[i] < 0 ? NOTHING : ColumnWriters.of(c.type(), v, c.name());
            }
        } catch (RuntimeException e) {
            // Out of memory, for example; nobody else could give back what is allocated.
            root.close();
            throw e;
        }
    }

    /**
     * @param rowNumber of the row in the task, for errors
     */
    void add(InternalRow row, long rowNumber) {
        try {
            for (int i = 0; i < writers.length; i++) {
                writers[i].write(row, ordinals[i], rowCount);
            }
        } catch (RefusedValue e) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    table.path()
                            + ": column '"
                            + e.place()
                            + "' "
                            + e.getMessage()
                            + " (row "
                            + rowNumber
                            + " of this task, from 0)",
                    e);
        }
        rowCount++;
    }

    boolean isFull() {
        return rowCount >= ROWS_MAX
                || ((rowCount & SIZE_CHECK_MASK) == 0 && bytesSoFar() >= BYTES_MAX);
    }

    boolean isEmpty() {
        return rowCount == 0;
    }

    /** The rows; valid until {@link #reset}. */
    VectorSchemaRoot rows() {
        root.setRowCount(rowCount);
        return root;
    }

    void reset() {
        for (FieldVector v : root.getFieldVectors()) {
            v.reset();
        }
        rowCount = 0;
    }

    private long bytesSoFar() {
        long bytes = 0;
        for (FieldVector v : root.getFieldVectors()) {
            bytes += v.getBufferSizeFor(rowCount);
        }
        return bytes;
    }

    @Override
    public void close() {
        root.close();
    }
}
