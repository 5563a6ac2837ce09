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

import java.nio.ByteBuffer;
import java.util.List;

/** Data formats document, section 2.4. */
final class AlignedReader extends SlotReader implements RowReader {
    private final FieldShape[] fields;
    private final NestedReader[] nested;
    private final int headerSize;

    AlignedReader(List<FieldShape> fields) {
        this.fields = fields.toArray(FieldShape[]::new);
        this.nested = NestedReader.of(this.fields);
        this.headerSize = AlignedEncoder.headerSize(fields.size());
    }

    @Override
    public AlignedReader open(ByteBuffer source, int start, int rowSize) {
        this.bytes = source;
        this.base = start;
        this.size = rowSize;
        long room = (long) rowSize - headerSize - AlignedEncoder.SLOT_SIZE * (long) fields.length;
        if (room < 0) {
            throw CorruptRow.of("%d bytes for %d columns".formatted(rowSize, fields.length));
        }
        for (int i = 0; i < fields.length; i++) {
            if (!isNull(i)) {
                room = checkSlot(i, room);
            }
        }
        return this;
    }

    @Override
    public boolean isNull(int column) {
        int bit = column + AlignedEncoder.KIND_BITS;
        return (bytes.get(base + (bit >> 3)) >> (bit & 7) & 1) != 0;
    }

    @Override
    FieldShape shape(int column) {
        return fields[column];
    }

    @Override
    NestedReader nested(int column) {
        return nested[column];
    }

    @Override
    int slot(int column) {
        return base + headerSize + AlignedEncoder.SLOT_SIZE * column;
    }
}
