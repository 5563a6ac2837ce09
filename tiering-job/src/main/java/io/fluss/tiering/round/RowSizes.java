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
package io.fluss.tiering.round;

import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.util.HashMap;
import java.util.Map;

/**
 * Bytes that a row of a table takes in the lake: as the last rounds had it, before the first one a
 * guess from the column types. Owned by the service loop.
 */
public final class RowSizes {
    private static final int TABLES_MAX = 10_000;
    private static final long TEXT_BYTES = 16;
    private static final long NESTED_BYTES = 64;

    private final Map<Long, Double> seen = new HashMap<>();

    /** Notes a round; the newest counts for half. */
    public void add(long tableId, RoundOutcome outcome) {
        if (outcome.rows() == 0) {
            return;
        }
        double bytes = Math.max(1.0 / 8, (double) outcome.sizeBytes() / outcome.rows());
        if (seen.size() >= TABLES_MAX && !seen.containsKey(tableId)) {
            seen.clear();
        }
        seen.merge(tableId, bytes, (old, now) -> (old + now) / 2);
    }

    /** 0 if nothing is known yet. */
    public double bytesPerRow(long tableId) {
        return seen.getOrDefault(tableId, 0.0);
    }

    /** From the types alone; half for compression. */
    static double guess(TableInfo table) {
        long bytes = 0;
        for (Column c : table.schema().columns()) {
            DataType type = c.type();
            if (type.isNested()) {
                bytes += NESTED_BYTES;
            } else if (type instanceof DataType.StringType
                    || type instanceof DataType.BytesType
                    || type instanceof DataType.DecimalType) {
                bytes += TEXT_BYTES;
            } else {
                bytes += Long.BYTES;
            }
        }
        return bytes / 2.0;
    }
}
