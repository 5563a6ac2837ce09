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

/**
 * Data formats document, section 2.5. The slots of null elements are not looked at: writers leave
 * old bytes there.
 */
final class ArrayReader extends SlotReader implements ListValues {
    private final FieldShape element;
    private final NestedReader nested;
    private int count;
    private int slots;

    ArrayReader(FieldShape element) {
        this.element = element;
        this.nested = new NestedReader(element);
    }

    /** The number of elements of an array that may be anything. */
    static int count(ByteBuffer source, int start, int size) {
        int count = size < 4 ? -1 : source.getInt(start);
        if (count < 0) {
            throw CorruptRow.of("no array in " + size + " bytes");
        }
        return count;
    }

    ArrayReader open(ByteBuffer source, int start, int arraySize) {
        int elements = count(source, start, arraySize);
        long headerSize = ArrayEncoder.headerSize(elements);
        long room = arraySize - headerSize - (long) element.kind().slotWidth * elements;
        if (room < 0) {
            throw CorruptRow.of(
                    "%d elements of %s in %d bytes".formatted(elements, element.type(), arraySize));
        }
        this.bytes = source;
        this.base = start;
        this.size = arraySize;
        this.count = elements;
        this.slots = start + (int) headerSize;
        if (element.kind().isOutside()) {
            for (int i = 0; i < elements; i++) {
                if (!isNull(i)) {
                    room = checkSlot(i, room);
                }
            }
        }
        return this;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public boolean isNull(int column) {
        return (bytes.get(base + 4 + (column >> 3)) >> (column & 7) & 1) != 0;
    }

    @Override
    FieldShape shape(int column) {
        return element;
    }

    @Override
    NestedReader nested(int column) {
        return nested;
    }

    @Override
    int slot(int column) {
        return slots + element.kind().slotWidth * column;
    }
}
