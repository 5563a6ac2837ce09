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
package io.fluss.kv;

import io.fluss.formats.row.RowValues;
import io.fluss.types.DataType;
import org.jspecify.annotations.Nullable;

/** The row with the larger version wins, of equal ones the newer; null is the smallest. */
final class VersionedRow implements MergeEngine {
    private final RowDecoder storedRows;
    private final RowDecoder incomingRows;
    private final int column;
    private final boolean isTimestamp;

    VersionedRow(RowDecoder storedRows, RowDecoder incomingRows, int column, DataType type) {
        this.storedRows = storedRows;
        this.incomingRows = incomingRows;
        this.column = column;
        this.isTimestamp =
                type instanceof DataType.TimestampType || type instanceof DataType.TimestampLtzType;
    }

    @Override
    public void upsert(@Nullable KvRow stored, KvRow incoming, Effect effect) {
        if (stored == null || isAtLeast(incomingRows.open(incoming), storedRows.open(stored))) {
            effect.replace(incoming);
        }
    }

    private boolean isAtLeast(RowValues a, RowValues b) {
        if (b.isNull(column)) {
            return true;
        }
        if (a.isNull(column)) {
            return false;
        }
        if (!isTimestamp) {
            return a.integer(column) >= b.integer(column);
        }
        int byMs = Long.compare(a.timestampMs(column), b.timestampMs(column));
        return byMs != 0 ? byMs > 0 : a.nanoOfMs(column) >= b.nanoOfMs(column);
    }
}
