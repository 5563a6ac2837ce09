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
package io.fluss.lake;

import io.fluss.formats.log.ChangeType;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Rows of one bucket on their way into the lake, in the order of the log. The vectors stay the
 * caller's.
 *
 * @param rows all columns of the table in order
 * @param changeTypes a code of {@link ChangeType} for each row, from the buffer's position on;
 *     empty if all rows are appended (log tables)
 * @param baseOffset offset of the first row, the others follow without gaps; {@link #NO_OFFSET} for
 *     rows of a snapshot, which have none
 * @param commitTimestampMs of all rows
 */
public record LakeRows(
        VectorSchemaRoot rows,
        Optional<ByteBuffer> changeTypes,
        long baseOffset,
        long commitTimestampMs) {
    /** What the offset column holds for rows of a snapshot. */
    public static final long NO_OFFSET = -1;

    /** Rows of a log table. */
    public static LakeRows appended(
            VectorSchemaRoot rows, long baseOffset, long commitTimestampMs) {
        return new LakeRows(rows, Optional.empty(), baseOffset, commitTimestampMs);
    }

    /** Rows of a table with a primary key as of a snapshot of the bucket: all are inserted. */
    public static LakeRows snapshot(VectorSchemaRoot rows, long timestampMs) {
        ByteBuffer inserts = ByteBuffer.allocate(rows.getRowCount());
        while (inserts.hasRemaining()) {
            inserts.put(ChangeType.INSERT.code());
        }
        return new LakeRows(rows, Optional.of(inserts.flip()), NO_OFFSET, timestampMs);
    }

    public int count() {
        return rows.getRowCount();
    }

    public ChangeType changeType(int row) {
        return changeTypes
                .map(types -> ChangeType.of(types.get(types.position() + row)))
                .orElse(ChangeType.APPEND);
    }

    /** Offset of a row, or {@link #NO_OFFSET}. */
    public long offset(int row) {
        return baseOffset == NO_OFFSET ? NO_OFFSET : baseOffset + row;
    }
}
