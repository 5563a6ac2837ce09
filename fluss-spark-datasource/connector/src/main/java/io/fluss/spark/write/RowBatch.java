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
import io.fluss.table.TablePath;
import io.fluss.types.DataType;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Rows on their way into one Arrow batch, whose memory is used again for the next. Owned by one
 * task thread.
 */
public final class RowBatch implements AutoCloseable {
    /** Rows after which a batch is handed on: enough for columns to pay, small in memory. */
    static final int ROWS_MAX = 8192;

    /** How often, in rows, the size in bytes is looked at. */
    private static final int SIZE_CHECK_MASK = 63;

    private static final long BYTES_MAX = 4L << 20;

    /** A column that is not written stays null: vectors are zeroed when reset. */
    private static final ColumnWriter NOTHING = (source, ordinal, index) -> {};

    private final TablePath table;
    private final int[] ordinals;
    private final VectorSchemaRoot root;
    private final ColumnWriter[] writers;
    private int rowCount;

    /** Batches of whole rows. */
    RowBatch(TableInfo table, InputColumns input, BufferAllocator allocator) {
        this(table.path(), table.schema().columns(), input.ordinals(), allocator);
    }

    /**
     * Batches of some columns.
     *
     * @param ordinals where the columns are in the rows; -1 for one that stays null
     */
    public RowBatch(
            TablePath table,
            List<Column> columns,
            List<Integer> ordinals,
            BufferAllocator allocator) {
        this.table = table;
        this.ordinals = ordinals.stream().mapToInt(Integer::intValue).toArray();
        this.root = VectorSchemaRoot.create(ArrowSchemas.of(rowType(columns)), allocator);
        this.writers = new ColumnWriter[columns.size()];
        try {
            for (int i = 0; i < writers.length; i++) {
                Column c = columns.get(i);
                FieldVector v = root.getVector(i);
                v.allocateNew();
                writers[i] =
                        this.ordinals[i] < 0 ? NOTHING : ColumnWriters.of(c.type(), v, c.name());
            }
        } catch (RuntimeException e) {
            // Out of memory, for example; nobody else could give back what is allocated.
            root.close();
            throw e;
        }
    }

    /**
     * Adds a row.
     *
     * @param rowNumber of the row in the task, for errors
     */
    public void add(InternalRow row, long rowNumber) {
        try {
            for (int i = 0; i < writers.length; i++) {
                writers[i].write(row, ordinals[i], rowCount);
            }
        } catch (RefusedValue e) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    table
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

    private static DataType.RowType rowType(List<Column> columns) {
        return new DataType.RowType(
                columns.stream()
                        .map(c -> new DataType.Field(c.name(), c.type(), c.comment(), c.id()))
                        .toList(),
                false);
    }

    int rowCount() {
        return rowCount;
    }

    boolean isEmpty() {
        return rowCount == 0;
    }

    /** The rows; valid until {@link #reset}, and until the batch is closed. */
    public VectorSchemaRoot rows() {
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
