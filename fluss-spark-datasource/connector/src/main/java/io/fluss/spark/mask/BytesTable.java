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
package io.fluss.spark.mask;

import io.fluss.formats.fold.KeyNumbers;
import io.fluss.formats.row.RowBytes;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Keys of any columns, as bytes. */
final class BytesTable extends KeyTable {
    private static final int KEY_BYTES = 64;

    private final KeyNumbers keys = new KeyNumbers();
    private long[] numbers = new long[KEY_BYTES];

    @Override
    public long put(KeyColumns columns, SpecializedGetters row, long number) {
        int known = keys.count();
        columns.append(row, keys.appendTo());
        int key = keys.numberOfAppended();
        if (key == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * numbers.length);
        }
        long before = key == known ? NONE : numbers[key];
        numbers[key] = number;
        return before;
    }

    @Override
    public int count() {
        return keys.count();
    }

    @Override
    public long sizeBytes() {
        return keys.sizeBytes() + (long) Long.BYTES * numbers.length;
    }

    @Override
    public Probe probe(KeyColumns columns) {
        return new BytesProbe(keys, columns, new RowBytes(KEY_BYTES));
    }

    private record BytesProbe(KeyNumbers keys, KeyColumns columns, RowBytes key) implements Probe {
        @Override
        public boolean contains(SpecializedGetters row) {
            key.clear();
            columns.append(row, key);
            return keys.number(key.array(), 0, key.size()) >= 0;
        }

        @Override
        public int absent(ColumnarBatch batch, int[] kept) {
            int count = 0;
            for (int i = 0; i < batch.numRows(); i++) {
                kept[count] = i;
                count += contains(batch.getRow(i)) ? 0 : 1;
            }
            return count;
        }
    }
}
