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
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Views of the nested values of one column, made when first needed and used again. */
final class NestedReader {
    private final FieldShape shape;
    private @Nullable ArrayReader first;
    private @Nullable ArrayReader second;
    private @Nullable RowReader row;

    NestedReader(FieldShape shape) {
        this.shape = shape;
    }

    static NestedReader[] of(FieldShape[] fields) {
        NestedReader[] all = new NestedReader[fields.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = new NestedReader(fields[i]);
        }
        return all;
    }

    /** The elements of an array. */
    ListValues elements(ByteBuffer bytes, int start, int size) {
        return first().open(bytes, start, size);
    }

    ListValues keys(ByteBuffer bytes, int start, int size) {
        return first().open(bytes, start + 4, keysSize(bytes, start, size));
    }

    ListValues values(ByteBuffer bytes, int start, int size) {
        int keysSize = keysSize(bytes, start, size);
        int count = ArrayReader.count(bytes, start + 4, keysSize);
        ArrayReader values = second();
        values.open(bytes, start + 4 + keysSize, size - 4 - keysSize);
        if (values.count() != count) {
            throw CorruptRow.of(
                    "%d keys and %d values in %s".formatted(count, values.count(), shape.type()));
        }
        return values;
    }

    private int keysSize(ByteBuffer bytes, int start, int size) {
        int keysSize = size < 4 ? -1 : bytes.getInt(start);
        if (keysSize < 0 || keysSize > size - 4) {
            throw CorruptRow.of(
                    "no room for the keys in %s of %d bytes".formatted(shape.type(), size));
        }
        return keysSize;
    }

    RowValues row(ByteBuffer bytes, int start, int size) {
        if (row == null) {
            row = shape.rows().reader((DataType.RowType) shape.type());
        }
        return row.open(bytes, start, size);
    }

    private ArrayReader first() {
        if (first == null) {
            first = new ArrayReader(shape.children().get(0));
        }
        return first;
    }

    private ArrayReader second() {
        if (second == null) {
            second = new ArrayReader(shape.children().get(1));
        }
        return second;
    }
}
