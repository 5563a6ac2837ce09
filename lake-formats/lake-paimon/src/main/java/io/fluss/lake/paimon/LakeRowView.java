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
package io.fluss.lake.paimon;

import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.row.RowValues;
import io.fluss.lake.LakeRows;
import org.apache.paimon.data.InternalRow;
import org.apache.paimon.data.Timestamp;
import org.apache.paimon.types.RowKind;

/**
 * One row of a batch at a time as a row of the lake table: the batch's columns, nulls for columns
 * that the lake table has more, and the system columns of the legacy layout. Not thread-safe.
 */
final class LakeRowView extends ValuesView implements InternalRow {
    private final LakeRows batch;
    private final ArrowRow row;
    private final int given;
    private final int users;
    private final int fields;
    private final int bucket;
    private int at;
    private RowKind kind = RowKind.INSERT;

    /**
     * @param fields columns of the lake table, with the system columns
     */
    LakeRowView(LakeRows batch, LayoutGeneration generation, int fields, int bucket) {
        this.batch = batch;
        this.row = ArrowRow.of(batch.rows());
        this.given = batch.rows().getFieldVectors().size();
        this.fields = fields;
        this.users = fields - generation.systemColumns(0).size();
        this.bucket = bucket;
    }

    /** This, at another row. */
    LakeRowView at(int newRow) {
        at = newRow;
        row.at(newRow);
        kind = kind(batch.changeType(newRow));
        return this;
    }

    private static RowKind kind(ChangeType type) {
        return switch (type) {
            case APPEND, INSERT -> RowKind.INSERT;
            case UPDATE_BEFORE -> RowKind.UPDATE_BEFORE;
            case UPDATE_AFTER -> RowKind.UPDATE_AFTER;
            case DELETE -> RowKind.DELETE;
        };
    }

    @Override
    RowValues values() {
        return row;
    }

    @Override
    public int getFieldCount() {
        return fields;
    }

    @Override
    public RowKind getRowKind() {
        return kind;
    }

    @Override
    public void setRowKind(RowKind newKind) {
        kind = newKind;
    }

    @Override
    public boolean isNullAt(int pos) {
        return pos < given ? row.isNull(pos) : pos < users;
    }

    /** Besides the user's integers the bucket. */
    @Override
    public int getInt(int pos) {
        return pos < users ? super.getInt(pos) : bucket;
    }

    /** Besides the user's integers the offset. */
    @Override
    public long getLong(int pos) {
        return pos < users ? super.getLong(pos) : batch.offset(at);
    }

    /** Besides the user's timestamps the commit time. */
    @Override
    public Timestamp getTimestamp(int pos, int precision) {
        return pos < users
                ? super.getTimestamp(pos, precision)
                : Timestamp.fromEpochMillis(batch.commitTimestampMs());
    }
}
