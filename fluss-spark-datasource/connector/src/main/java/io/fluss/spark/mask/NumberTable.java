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

import java.util.Arrays;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Keys of one integer column: open addressing without objects. */
final class NumberTable extends KeyTable {
    private static final long MIX = 0x9e3779b97f4a7c15L;
    private static final int INITIAL_SLOTS = 1 << 10;

    /** A power of two of slots, at most half of them taken; which are taken tells the number. */
    private long[] keys = new long[INITIAL_SLOTS];

    private long[] numbers = empty(INITIAL_SLOTS);
    private int count;

    private static long[] empty(int slots) {
        long[] numbers = new long[slots];
        Arrays.fill(numbers, NONE);
        return numbers;
    }

    @Override
    public long put(KeyColumns columns, SpecializedGetters row, long number) {
        return put(columns.number(row), number);
    }

    private long put(long key, long number) {
        int slot = slot(key);
        long before = numbers[slot];
        keys[slot] = key;
        numbers[slot] = number;
        if (before == NONE) {
            count++;
            if (2 * count > keys.length) {
                grow();
            }
        }
        return before;
    }

    private int slot(long key) {
        int mask = keys.length - 1;
        long product = key * MIX;
        int slot = (int) (product >>> Integer.SIZE) & mask;
        while (numbers[slot] != NONE && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldNumbers = numbers;
        keys = new long[Math.multiplyExact(2, oldKeys.length)];
        numbers = empty(keys.length);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldNumbers[i] != NONE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                numbers[slot] = oldNumbers[i];
            }
        }
    }

    private boolean contains(long key) {
        return numbers[slot(key)] != NONE;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long sizeBytes() {
        return 2L * Long.BYTES * keys.length;
    }

    @Override
    public Probe probe(KeyColumns columns) {
        return new NumberProbe(columns);
    }

    private final class NumberProbe implements Probe {
        private final KeyColumns columns;
        private long[] wanted = new long[0];

        NumberProbe(KeyColumns columns) {
            this.columns = columns;
        }

        @Override
        public boolean contains(SpecializedGetters row) {
            return NumberTable.this.contains(columns.number(row));
        }

        @Override
        public int absent(ColumnarBatch batch, int[] kept) {
            int rows = batch.numRows();
            if (wanted.length < rows) {
                wanted = new long[rows];
            }
            columns.numbers(batch.column(columns.ordinals().get(0)), rows, wanted);
            int absent = 0;
            for (int i = 0; i < rows; i++) {
                kept[absent] = i;
                absent += NumberTable.this.contains(wanted[i]) ? 0 : 1;
            }
            return absent;
        }
    }
}
