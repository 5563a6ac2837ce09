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
package io.fluss.client.append;

import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.RowBatches;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.statistics.StatisticsColumns;
import io.fluss.table.TableInfo;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Makes log batches out of vectors, in the log format of a table. Thread-safe. */
interface BatchCodec {
    ByteBuffer encode(VectorSchemaRoot rows);

    /** About the bytes that some rows occupy, as vectors or as a batch, whatever is more. */
    default long sizeOf(VectorSchemaRoot rows) {
        long size = 0;
        for (FieldVector v : rows.getFieldVectors()) {
            size += v.getBufferSize();
        }
        return Math.max(1, size);
    }

    static BatchCodec of(TableInfo table) {
        if (table.options().logFormat() != LogFormat.ARROW) {
            return new Rowwise(table);
        }
        Optional<StatisticsColumns> statistics = StatisticsColumns.of(table.descriptor());
        return statistics.isPresent()
                ? rows -> columnar(table, statistics.get(), rows)
                : rows -> columnar(table, rows);
    }

    private static ByteBuffer columnar(
            TableInfo table, StatisticsColumns statistics, VectorSchemaRoot rows) {
        return ArrowBatches.encode(
                rows,
                statistics,
                table.schemaId(),
                LogBatch.NO_WRITER,
                LogBatch.NO_SEQUENCE,
                table.options().arrowCompression(),
                table.options().zstdLevel());
    }

    private static ByteBuffer columnar(TableInfo table, VectorSchemaRoot rows) {
        return ArrowBatches.encode(
                rows,
                table.schemaId(),
                LogBatch.NO_WRITER,
                LogBatch.NO_SEQUENCE,
                table.options().arrowCompression(),
                table.options().zstdLevel());
    }

    /** INDEXED and COMPACTED. */
    record Rowwise(TableInfo table) implements BatchCodec {
        /** Size and change type of a record. */
        private static final int RECORD_OVERHEAD = 5;

        /** What a value can need more than its vector: a size, or whole bytes for a few bits. */
        private static final int VALUE_OVERHEAD = 6;

        @Override
        public ByteBuffer encode(VectorSchemaRoot rows) {
            DataType.RowType type = table.schema().rowType();
            return RowBatches.encode(
                    rows,
                    type,
                    table.options().logFormat(),
                    table.schemaId(),
                    LogBatch.NO_WRITER,
                    LogBatch.NO_SEQUENCE);
        }

        @Override
        public long sizeOf(VectorSchemaRoot rows) {
            long overhead = RECORD_OVERHEAD + VALUE_OVERHEAD * (long) rows.getFieldVectors().size();
            return BatchCodec.super.sizeOf(rows) + overhead * rows.getRowCount();
        }
    }
}
