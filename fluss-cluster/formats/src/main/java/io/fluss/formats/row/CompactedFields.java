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

import io.fluss.types.DataType;
import java.util.List;

/**
 * Writes the fields of compacted rows one by one, without null bits (data formats document, section
 * 2.2). Rows and keys are both made of them. Immutable.
 */
public final class CompactedFields {
    private final FieldShape[] fields;
    private final NestedEncoder[] nested;

    CompactedFields(List<FieldShape> fields) {
        this.fields = fields.toArray(FieldShape[]::new);
        this.nested = fields.stream().map(NestedEncoder::of).toArray(NestedEncoder[]::new);
    }

    public static CompactedFields of(DataType.RowType type) {
        return new CompactedFields(FieldShape.ofFields(type, RowFormat.COMPACTED));
    }

    /** Appends a field with the value of a column, which is not null. */
    public void encode(int field, RowValues row, int column, RowBytes out) {
        switch (fields[field].kind()) {
            case BOOL -> out.put1(row.bool(column) ? 1 : 0);
            case INT8 -> out.put1((int) row.integer(column));
            case INT16 -> out.put2((int) row.integer(column));
            case INT32 -> out.putVarint(row.integer(column) & 0xffffffffL);
            case INT64 -> out.putVarint(row.integer(column));
            case FLOAT -> out.put4(Float.floatToRawIntBits(row.floating(column)));
            case DOUBLE -> out.put8(Double.doubleToRawLongBits(row.doubling(column)));
            case CHAR, BINARY, BYTES -> {
                int count = row.byteCount(column);
                out.putVarint(count);
                out.putBytes(row, column, count);
            }
            case DECIMAL -> out.putVarint(row.unscaledLong(column));
            case BIG_DECIMAL -> {
                byte[] unscaled = row.unscaled(column).toByteArray();
                out.putVarint(unscaled.length);
                out.put(unscaled);
            }
            case INSTANT -> out.putVarint(row.timestampMs(column));
            case NANO_INSTANT -> {
                out.putVarint(row.timestampMs(column));
                out.putVarint(row.nanoOfMs(column));
            }
            case ARRAY, MAP, ROW -> {
                int at = out.size();
                nested[field].encode(row, column, out);
                out.insertSize(at);
            }
        }
    }
}
