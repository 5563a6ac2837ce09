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
package io.fluss.spark.paimon;

import java.io.IOException;
import org.apache.paimon.data.InternalRow;
import org.apache.paimon.data.columnar.VectorizedColumnBatch;
import org.apache.paimon.disk.IOManager;
import org.apache.paimon.reader.RecordReader;
import org.apache.paimon.reader.RecordReader.RecordIterator;
import org.apache.paimon.reader.VectorizedRecordIterator;
import org.apache.paimon.types.DataField;
import org.apache.paimon.types.RowType;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a split. What Paimon reads in vectors goes out in these; what it merges or filters row
 * by row is gathered into vectors. A batch is valid until the next one. Not thread-safe.
 */
final class PaimonReader implements PartitionReader<ColumnarBatch> {
    private final RecordReader<InternalRow> reader;
    private final IOManager spill;
    private final RowType columns;
    private final boolean isFlat;
    private @Nullable RecordIterator<InternalRow> current;
    private @Nullable RowBatch rows;
    private @Nullable ColumnarBatch batch;

    PaimonReader(RecordReader<InternalRow> reader, IOManager spill, RowType columns) {
        this.reader = reader;
        this.spill = spill;
        this.columns = columns;
        this.isFlat =
                columns.getFields().stream().map(DataField::type).noneMatch(PaimonTypes::isNested);
    }

    @Override
    public boolean next() throws IOException {
        while (true) {
            RecordIterator<InternalRow> in = current;
            if (in == null) {
                in = reader.readBatch();
                current = in;
                if (in == null) {
                    return false;
                }
                if (isFlat && in instanceof VectorizedRecordIterator vectors) {
                    batch = wrapped(vectors.batch());
                    return true;
                }
            }
            if (isFlat && in instanceof VectorizedRecordIterator) {
                // Handed out the last time.
                release(in);
                continue;
            }
            RowBatch to = rows();
            batch = to.fill(in);
            if (batch.numRows() > 0) {
                return true;
            }
            release(in);
        }
    }

    private void release(RecordIterator<InternalRow> done) {
        done.releaseBatch();
        current = null;
    }

    private RowBatch rows() {
        RowBatch known = rows;
        if (known == null) {
            known = new RowBatch(columns);
            rows = known;
        }
        return known;
    }

    private ColumnarBatch wrapped(VectorizedColumnBatch vectors) {
        ColumnVector[] out = new ColumnVector[columns.getFieldCount()];
        for (int i = 0; i < out.length; i++) {
            out[i] = new PaimonVector(columns.getTypeAt(i), vectors.columns[i]);
        }
        return new ColumnarBatch(out, vectors.getNumRows());
    }

    @Override
    public ColumnarBatch get() {
        ColumnarBatch b = batch;
        if (b == null) {
            throw new IllegalStateException("next() was not called or said false");
        }
        return b;
    }

    @Override
    public void close() throws IOException {
        RowBatch gathered = rows;
        rows = null;
        if (gathered != null) {
            gathered.close();
        }
        try {
            if (current != null) {
                release(current);
            }
        } finally {
            reader.close();
        }
        try {
            spill.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("removing spilled rows of a Paimon reader", e);
        }
    }
}
