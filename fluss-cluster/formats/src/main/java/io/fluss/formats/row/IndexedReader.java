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

/**
 * Data formats document, section 2.3. CHAR comes back without the zeros behind it, BINARY with all
 * its bytes: zeros may be its value.
 */
final class IndexedReader extends SequentialReader implements RowReader {
    private final int listedCount;

    /** Place of the next size in the list. */
    private int list;

    IndexedReader(List<FieldShape> fields) {
        super(fields);
        this.listedCount = (int) fields.stream().filter(f -> f.kind().isListed()).count();
    }

    @Override
    public IndexedReader open(ByteBuffer source, int start, int size) {
        begin(source, start, size);
        list = take(4 * listedCount);
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
            case INT32, FLOAT -> words[i] = bytes.getInt(take(4));
            case INT64, DOUBLE, DECIMAL, INSTANT -> words[i] = bytes.getLong(take(8));
            case CHAR -> {
                setSized(i, fields[i].length());
                sizes[i] = withoutZeros((int) words[i], sizes[i]);
            }
            case BINARY -> setSized(i, fields[i].length());
            case BYTES, ARRAY, MAP, ROW -> setSized(i, nextListed());
            case BIG_DECIMAL -> {
                setSized(i, nextListed());
                CorruptRow.checkDecimal(sizes[i], fields[i]);
            }
            case NANO_INSTANT -> {
                words[i] = bytes.getLong(take(8));
                sizes[i] = CorruptRow.nanoOfMs(bytes.getInt(take(4)), fields[i]);
            }
        }
    }

    /** There is a size for each column, so the list cannot run out. */
    private int nextListed() {
        int size = bytes.getInt(list);
        list += 4;
        return size;
    }

    private int withoutZeros(int start, int size) {
        int rest = size;
        while (rest > 0 && bytes.get(start + rest - 1) == 0) {
            rest--;
        }
        return rest;
    }
}
