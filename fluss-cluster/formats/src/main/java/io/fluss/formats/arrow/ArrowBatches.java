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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.statistics.StatisticsColumns;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Encoding and decoding of ARROW log batches (data formats document, sections 4.6 and 6). Pure
 * functions. Golden vectors: {@code log-batches.json}, {@code log-batches-arrow-64.json}.
 */
public final class ArrowBatches {
    private ArrowBatches() {}

    /**
     * A whole append-only log batch of the rows of a root, base offset 0 and no commit time. A root
     * without rows gives an empty batch, which is a header only.
     *
     * @param root columns in the order of the schema; stays the caller's
     * @param zstdLevel 1..22, only looked at for ZSTD
     * @return heap buffer from position 0 to limit
     */
    public static ByteBuffer encode(
            VectorSchemaRoot root,
            int schemaId,
            long writerId,
            int sequence,
            ArrowCompression compression,
            int zstdLevel) {
        return BatchEncoding.encode(
                root, new byte[0], schemaId, writerId, sequence, compression, zstdLevel);
    }

    /**
     * As above, with the statistics of some columns in front of the rows: a batch of magic 1, which
     * readers of the published 0.9 line do not understand. Without rows it is an empty batch of
     * magic 0.
     */
    public static ByteBuffer encode(
            VectorSchemaRoot root,
            StatisticsColumns statistics,
            int schemaId,
            long writerId,
            int sequence,
            ArrowCompression compression,
            int zstdLevel) {
        byte[] encoded =
                root.getRowCount() == 0 ? new byte[0] : VectorBounds.statistics(root, statistics);
        return BatchEncoding.encode(
                root, encoded, schemaId, writerId, sequence, compression, zstdLevel);
    }

    /**
     * The rows of a batch as vectors. The checksum is not looked at.
     *
     * @param type the columns that the batch holds: those of its schema, or the projected ones
     * @return owned by the caller, who closes it
     * @throws io.fluss.errors.FlussException with CORRUPT_RECORD if the bytes are not such a batch
     */
    public static VectorSchemaRoot decode(
            LogBatch batch, DataType.RowType type, BufferAllocator allocator) {
        VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.of(type), allocator);
        boolean filled = false;
        try {
            if (!batch.body().hasRemaining()) {
                if (batch.recordCount() != 0) {
                    throw corrupt(batch, batch.recordCount() + " records, but no body");
                }
                root.setRowCount(0);
            } else {
                BatchDecoding.fill(root, batch, type, allocator);
            }
            filled = true;
            return root;
        } finally {
            if (!filled) {
                root.close();
            }
        }
    }

    /**
     * One code of {@link ChangeType} per record. It shares the memory of a changelog batch; an
     * append-only batch has zeros.
     *
     * @throws io.fluss.errors.FlussException with CORRUPT_RECORD for an unknown code or a body that
     *     is too short
     */
    public static ByteBuffer changeTypes(LogBatch batch) {
        int count = batch.recordCount();
        if (batch.isAppendOnly()) {
            if (count > batch.size() * 8L) {
                throw corrupt(batch, count + " records in " + batch.size() + " bytes");
            }
            return ByteBuffer.allocate(count);
        }
        ByteBuffer body = batch.body();
        if (count > body.remaining()) {
            throw corrupt(batch, count + " change types in " + body.remaining() + " bytes");
        }
        ByteBuffer codes = body.slice(0, count);
        for (int i = 0; i < count; i++) {
            if (!ChangeType.isCode(codes.get(i))) {
                throw corrupt(batch, "change type " + codes.get(i) + " of record " + i);
            }
        }
        return codes;
    }

    static FlussException corrupt(LogBatch batch, String problem) {
        return ErrorReason.CORRUPT_RECORD.exception(
                "log batch with base offset " + batch.baseOffset() + ": " + problem);
    }
}
