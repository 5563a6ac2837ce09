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

import java.util.List;

/**
 * Data formats document, section 2.3. The list of sizes has room for each column that needs one,
 * but is filled from the front, by the columns that are not null.
 */
final class IndexedEncoder extends RowEncoder {
    private final NestedEncoder[] nested;
    private final int listedCount;

    IndexedEncoder(List<FieldShape> fields) {
        super(fields);
        this.nested = fields.stream().map(NestedEncoder::of).toArray(NestedEncoder[]::new);
        this.listedCount = (int) fields.stream().filter(f -> f.kind().isListed()).count();
    }

    @Override
    public void encode(RowValues row, int[] positions, RowBytes out) {
        int nulls = out.skip((fields.length + 7) / 8);
        int sizes = out.skip(4 * listedCount);
        for (int i = 0; i < fields.length; i++) {
            if (row.isNull(positions[i])) {
                out.setBit(nulls, i);
                continue;
            }
            int at = out.size();
            field(i, row, positions[i], out);
            if (fields[i].kind().isListed()) {
                out.set4(sizes, out.size() - at);
                sizes += 4;
            }
        }
    }

    private void field(int field, RowValues row, int column, RowBytes out) {
        switch (fields[field].kind()) {
            case BOOL -> out.put1(row.bool(column) ? 1 : 0);
            case INT8 -> out.put1((int) row.integer(column));
            case INT16 -> out.put2((int) row.integer(column));
            case INT32 -> out.put4((int) row.integer(column));
            case INT64 -> out.put8(row.integer(column));
            case FLOAT -> out.put4(Float.floatToRawIntBits(row.floating(column)));
            case DOUBLE -> out.put8(Double.doubleToRawLongBits(row.doubling(column)));
            case CHAR, BINARY -> padded(fields[field], row, column, out);
            case BYTES -> out.putBytes(row, column, row.byteCount(column));
            case DECIMAL -> out.put8(row.unscaledLong(column));
            case BIG_DECIMAL -> out.put(row.unscaled(column).toByteArray());
            case INSTANT -> out.put8(row.timestampMs(column));
            case NANO_INSTANT -> {
                out.put8(row.timestampMs(column));
                out.put4(row.nanoOfMs(column));
            }
            case ARRAY, MAP, ROW -> nested[field].encode(row, column, out);
        }
    }

    private static void padded(FieldShape field, RowValues row, int column, RowBytes out) {
        int count = row.byteCount(column);
        if (count > field.length()) {
            throw tooLong(count, field);
        }
        out.putBytes(row, column, count);
        out.skip(field.length() - count);
    }
}
