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
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Cuts the buffers of chosen columns out of a stored ARROW batch without decoding vectors (data
 * formats document, section 4.8). Made once for a schema and a projection, then used for many
 * batches. Immutable. Golden vectors: {@code projection.json}.
 */
public final class BatchProjection {
    private BatchProjection() {}

    /**
     * @param fields positions of top-level columns, ascending and distinct, not empty
     * @throws io.fluss.errors.FlussException with INVALID_COLUMN_PROJECTION for anything else
     */
    public static BatchProjection of(DataType.RowType schema, List<Integer> fields) {
        throw new UnsupportedOperationException("to be written");
    }

    /**
     * How a projected batch is put together: new bytes in front, then ranges of the stored batch.
     *
     * @param prefix new header (old checksum), change types' place is behind it in {@code ranges}
     * @param ranges pairs (offset from the start of the stored batch, length), in order
     */
    public record Layout(ByteBuffer prefix, long[] ranges) {
        /** Size of the projected batch in bytes. */
        public long size() {
            throw new UnsupportedOperationException("to be written");
        }

        /** The projected batch out of a stored batch in memory. */
        public ByteParts cut(ByteBuffer storedBatch) {
            throw new UnsupportedOperationException("to be written");
        }
    }

    /**
     * Bytes of the stored batch that {@link #layout} needs from its start: header, change types (if
     * any), Arrow message prefix and metadata. {@code header} holds at least the first 48 bytes;
     * the answer may grow when more is known, so call until it fits.
     */
    public static int metadataSize(ByteBuffer header) {
        throw new UnsupportedOperationException("to be written");
    }

    /**
     * The layout of one batch, from its first {@link #metadataSize} bytes. Empty batches come back
     * whole.
     */
    public Layout layout(ByteBuffer batchStart) {
        throw new UnsupportedOperationException("to be written");
    }
}
