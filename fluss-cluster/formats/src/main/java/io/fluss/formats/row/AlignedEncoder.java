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

/** Data formats document, section 2.4; the kind of the row is always 0. */
final class AlignedEncoder extends RowEncoder {
    /** Bits in front of the null bits, taken by the kind of the row. */
    static final int KIND_BITS = 8;

    static final int SLOT_SIZE = 8;

    private final SlotEncoder[] slots;

    AlignedEncoder(List<FieldShape> fields) {
        super(fields);
        this.slots =
                fields.stream().map(f -> new SlotEncoder(f, false)).toArray(SlotEncoder[]::new);
    }

    static int headerSize(int fieldCount) {
        return 8 * ((fieldCount + KIND_BITS + 63) / 64);
    }

    @Override
    public void encode(RowValues row, int[] positions, RowBytes out) {
        int headerSize = headerSize(slots.length);
        int base = out.skip(headerSize + SLOT_SIZE * slots.length);
        for (int i = 0; i < slots.length; i++) {
            if (row.isNull(positions[i])) {
                out.setBit(base, i + KIND_BITS);
            } else {
                slots[i].encode(row, positions[i], out, base, base + headerSize + SLOT_SIZE * i);
            }
        }
    }
}
