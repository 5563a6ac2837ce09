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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.row.RowBytes;
import io.fluss.formats.row.RowValues;
import io.fluss.table.Column;
import io.fluss.table.TableSchema;
import io.fluss.types.DataType;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Checks what is about to become the row of a key: it has that key, so that the rows can be rebuilt
 * from the log, and values where the table wants them. Belongs to the bucket's loop.
 */
final class RowCheck {
    private final String table;
    private final TableSchema schema;
    private final KeyEncoder keys;

    /** Columns that are NOT NULL and not seen in the key. */
    private final int[] required;

    /** Columns of times finer than a millisecond, and how far from 1970 the log can hold them. */
    private final int[] times;

    private final long[] timesMsMax;
    private final RowBytes key = new RowBytes(64);

    RowCheck(KvTable table) {
        this.table = table.name();
        this.schema = table.schema();
        this.keys = table.keyEncoder();
        this.required =
                IntStream.range(0, schema.columns().size())
                        .filter(i -> isRequired(schema.columns().get(i)))
                        .toArray();
        long[] msMax = schema.columns().stream().mapToLong(c -> timeMsMax(c.type())).toArray();
        this.times = IntStream.range(0, msMax.length).filter(i -> msMax[i] > 0).toArray();
        this.timesMsMax = Arrays.stream(times).mapToLong(i -> msMax[i]).toArray();
    }

    /** The log counts from 1970 in the unit of the column, in 64 bits; 0 for other columns. */
    private static long timeMsMax(DataType type) {
        int precision = 0;
        if (type instanceof DataType.TimestampType t) {
            precision = t.precision();
        } else if (type instanceof DataType.TimestampLtzType t) {
            precision = t.precision();
        }
        return precision <= 3 ? 0 : Long.MAX_VALUE / (precision <= 6 ? 1_000 : 1_000_000) - 1;
    }

    private boolean isRequired(Column c) {
        return !c.type().isNullable() && !keys.columns().contains(c.name());
    }

    /**
     * Checks a row of the latest schema.
     *
     * @throws FlussException with INVALID_TARGET_COLUMN
     */
    void check(RowValues row, byte[] batch, int keyAt, int keySize) {
        key.clear();
        try {
            keys.encode(row, key);
        } catch (FlussException e) {
            throw refused(String.valueOf(e.getMessage()));
        }
        if (!Arrays.equals(key.array(), 0, key.size(), batch, keyAt, keyAt + keySize)) {
            throw refused(
                    "a record's key is not that of the columns " + keys.columns() + " of its row");
        }
        for (int i : required) {
            if (row.isNull(i)) {
                throw refused(
                        "column '"
                                + schema.columns().get(i).name()
                                + "' is NOT NULL, but a row has null there");
            }
        }
        for (int t = 0; t < times.length; t++) {
            int i = times[t];
            if (!row.isNull(i)
                    && (row.timestampMs(i) > timesMsMax[t]
                            || row.timestampMs(i) < -timesMsMax[t])) {
                throw refused(
                        "column '"
                                + schema.columns().get(i).name()
                                + "' of type "
                                + schema.columns().get(i).type()
                                + " cannot hold a time "
                                + row.timestampMs(i)
                                + " ms from 1970");
            }
        }
    }

    private FlussException refused(String problem) {
        return ErrorReason.INVALID_TARGET_COLUMN.exception(
                table + ": " + problem + "; the batch was refused");
    }
}
