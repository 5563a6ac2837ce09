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

/** Data formats document, section 2.2. */
final class CompactedReader extends SequentialReader implements RowReader {
    CompactedReader(List<FieldShape> fields) {
        super(fields);
    }

    @Override
    public CompactedReader open(ByteBuffer source, int start, int size) {
        begin(source, start, size);
        for (int i = 0; i < fields.length; i++) {
            if (!isNull[i]) {
                field(i);
            }
        }
        checkEnd();
        return this;
    }

    private void field(int i) {
        sizes[i] = 0;
        switch (fields[i].kind()) {
            case BOOL, INT8 -> words[i] = bytes.get(take(1));
            case INT16 -> words[i] = bytes.getShort(take(2));
            case INT32 -> words[i] = varint32();
            case INT64, DECIMAL, INSTANT -> words[i] = varint64();
            case FLOAT -> words[i] = bytes.getInt(take(4));
            case DOUBLE -> words[i] = bytes.getLong(take(8));
            case CHAR, BINARY, BYTES, ARRAY, MAP, ROW -> setSized(i, varint32());
            case BIG_DECIMAL -> {
                setSized(i, varint32());
                CorruptRow.checkDecimal(sizes[i], fields[i]);
            }
            case NANO_INSTANT -> {
                words[i] = varint64();
                sizes[i] = CorruptRow.nanoOfMs(varint32(), fields[i]);
            }
        }
    }

    private int varint32() {
        long value = varint(5);
        if (value >>> 32 != 0) {
            throw CorruptRow.of("a 32-bit varint with more bits");
        }
        return (int) value;
    }

    private long varint64() {
        return varint(10);
    }

    private long varint(int widthMax) {
        long value = 0;
        for (int i = 0; i < widthMax; i++) {
            byte next = bytes.get(take(1));
            value |= (next & 0x7fL) << (7 * i);
            if (next >= 0) {
                if (i == 9 && next > 1) {
                    break;
                }
                return value;
            }
        }
        throw CorruptRow.of("a varint of more than " + widthMax + " bytes or with more bits");
    }
}
