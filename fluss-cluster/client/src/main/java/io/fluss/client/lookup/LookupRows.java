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
package io.fluss.client.lookup;

import io.fluss.client.row.Row;
import io.fluss.client.row.ValueRows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * What was found for many keys: the rows one after the other, and for each the position of its key.
 * Keys without row have none. Decoded when asked, on the asking thread. Immutable, nothing to
 * close.
 */
public final class LookupRows {
    private final ValueRows decoding;
    private final List<ByteBuffer> values;
    private final int[] keys;

    private LookupRows(ValueRows decoding, List<ByteBuffer> values, int[] keys) {
        this.decoding = decoding;
        this.values = values;
        this.keys = keys;
    }

    /** From the values by key. */
    static LookupRows of(ValueRows decoding, List<List<ByteBuffer>> byKey) {
        List<ByteBuffer> values = new ArrayList<>();
        int[] keys = new int[byKey.stream().mapToInt(List::size).sum()];
        for (int key = 0; key < byKey.size(); key++) {
            for (ByteBuffer value : byKey.get(key)) {
                keys[values.size()] = key;
                values.add(value);
            }
        }
        return new LookupRows(decoding, values, keys);
    }

    public int rowCount() {
        return keys.length;
    }

    /** Position of the key that a row was found for; never less than that of the row before. */
    public int keyOf(int row) {
        return keys[row];
    }

    /** For each row the position of the key that it was found for, ascending. */
    public int[] keys() {
        return Arrays.copyOf(keys, keys.length);
    }

    /** The rows as Java values. */
    public List<Row> rows() {
        return decoding.rows(values);
    }

    /** The rows as vectors, which the caller closes. */
    public VectorSchemaRoot vectors(BufferAllocator allocator) {
        return decoding.vectors(values, allocator);
    }
}
