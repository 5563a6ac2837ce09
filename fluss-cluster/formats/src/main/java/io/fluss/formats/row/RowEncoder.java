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
package io.fluss.formats.row;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes rows of some columns in one format. Immutable. NOT NULL is not enforced: in partial
 * updates the columns that are not written are null, whatever their type.
 */
public abstract sealed class RowEncoder permits CompactedEncoder, IndexedEncoder, AlignedEncoder {
    final FieldShape[] fields;
    private final int[] identity;

    RowEncoder(List<FieldShape> fields) {
        this.fields = fields.toArray(FieldShape[]::new);
        this.identity = IntStream.range(0, this.fields.length).toArray();
    }

    /**
     * Appends a row whose values stand in the order of the columns.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN for a value that does not fit its column;
     *     the output is then undefined
     */
    public final void encode(RowValues row, RowBytes out) {
        encode(row, identity, out);
    }

    /** Appends a row; the value of column i stands at {@code positions[i]}. */
    public abstract void encode(RowValues row, int[] positions, RowBytes out);

    /** One row in an array of its own. */
    public final byte[] encode(RowValues row) {
        RowBytes out = new RowBytes(16 + 8 * fields.length);
        encode(row, out);
        return out.toArray();
    }

    static FlussException tooLong(int size, FieldShape field) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                "a value of "
                        + size
                        + " bytes does not fit into "
                        + field.type()
                        + ", which holds "
                        + field.length()
                        + " bytes; shorten it or use a type without a length");
    }
}
