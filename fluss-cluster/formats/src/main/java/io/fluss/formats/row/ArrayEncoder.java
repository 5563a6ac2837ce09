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

/** Data formats document, section 2.5. */
final class ArrayEncoder {
    private final SlotEncoder elements;
    private final int slotWidth;

    ArrayEncoder(FieldShape element) {
        this.elements = new SlotEncoder(element, true);
        this.slotWidth = element.kind().slotWidth;
    }

    static long headerSize(int count) {
        return 4 + 4 * ((count + 31L) / 32);
    }

    void encode(ListValues list, RowBytes out) {
        int count = list.count();
        int headerSize = Math.toIntExact(headerSize(count));
        long fixedSize = (headerSize + (long) slotWidth * count + 7) & ~7L;
        int base = out.skip(Math.toIntExact(fixedSize));
        out.set4(base, count);
        for (int i = 0; i < count; i++) {
            if (list.isNull(i)) {
                out.setBit(base + 4, i);
            } else {
                elements.encode(list, i, out, base, base + headerSize + slotWidth * i);
            }
        }
    }
}
