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
package io.fluss.lake.parquet;

import java.util.Arrays;

/** Numbers the distinct integers of a column from 0, by open addressing. */
final class LongDictionary {
    private final int capacity;
    private int[] slots = new int[1024];
    private long[] values = new long[256];
    private int size;

    LongDictionary(int capacity) {
        this.capacity = capacity;
    }

    int size() {
        return size;
    }

    long value(int id) {
        return values[id];
    }

    /** Id of the value, new or old; -1 if it is new and the dictionary is full. */
    int idOf(long value) {
        int mask = slots.length - 1;
        int slot = hash(value) & mask;
        while (slots[slot] != 0) {
            int id = slots[slot] - 1;
            if (values[id] == value) {
                return id;
            }
            slot = (slot + 1) & mask;
        }
        if (size == capacity) {
            return -1;
        }
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
        slots[slot] = size;
        if (size * 2 > slots.length) {
            rehash();
        }
        return size - 1;
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        int mask = slots.length - 1;
        for (int id = 0; id < size; id++) {
            int slot = hash(values[id]) & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = id + 1;
        }
    }

    private static int hash(long value) {
        long h = value * 0x9E3779B97F4A7C15L;
        return (int) (h >>> 32);
    }
}
