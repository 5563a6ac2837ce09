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

import io.fluss.formats.log.LogBatch;
import io.fluss.table.TableOptions.ArrowCompression;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Encoding and decoding of ARROW log batches (data formats document, sections 4.6 and 6). Pure
 * functions.
 */
public final class ArrowBatches {
    private ArrowBatches() {}

    /**
     * A whole append-only log batch of the rows of a root, base offset 0 and no commit time.
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
        throw new UnsupportedOperationException("to be written");
    }

    /**
     * The rows of a batch as vectors.
     *
     * @param type the columns that the batch holds: those of its schema, or the projected ones
     * @return owned by the caller, who closes it
     * @throws io.fluss.errors.FlussException with CORRUPT_RECORD if the bytes are not such a batch
     */
    public static VectorSchemaRoot decode(
            LogBatch batch, DataType.RowType type, BufferAllocator allocator) {
        throw new UnsupportedOperationException("to be written");
    }
}
