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
package io.fluss.kv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows that one batch leaves behind, by key: a value, or that the key is gone. Filled by the
 * bucket's loop, then published and never changed again; any thread may read it then.
 */
final class RowChanges {
    /** Of {@link #find}: the batch does not touch the key. */
    static final int UNTOUCHED = -1;

    private static final int GONE = -1;

    private final ByteArena arena;
    private long[] hashes;
    private int[] keyAt;
    private int[] keySize;
    private int[] valueAt;
    private int[] valueSize;
    private int[] table;

    /**
     * A bit or more of each key: a reader goes through many batches that do not have its key, and
     * this is small enough to stay in the cache of a core.
     */
    private long[] filter;

    private int count;
    private long rowCountDelta;
    private long endOffset = -1;

    /**
     * @param expectedBytes of keys and values
     * @param expectedKeys how many; both may turn out larger
     */
    RowChanges(int expectedBytes, int expectedKeys) {
        this.arena = new ByteArena(Math.max(64, expectedBytes));
        int capacity = Math.max(8, expectedKeys);
        this.hashes = new long[capacity];
        this.keyAt = new int[capacity];
        this.keySize = new int[capacity];
        this.valueAt = new int[capacity];
        this.valueSize = new int[capacity];
        this.table = new int[tableSize(capacity)];
        this.filter = new long[filterSize(capacity)];
    }

    /** Half full at most. */
    private static int tableSize(int keys) {
        return Integer.highestOneBit(2 * keys - 1) << 1;
    }

    /** 16 to 32 bits a key. */
    private static int filterSize(int keys) {
        return Math.max(1, tableSize(keys) / 8);
    }

    private boolean mayHave(long hash) {
        int bit = (int) (hash >>> 32) & (filter.length * Long.SIZE - 1);
        return (filter[bit >>> 6] & 1L << bit) != 0;
    }

    private void addToFilter(long hash) {
        int bit = (int) (hash >>> 32) & (filter.length * Long.SIZE - 1);
        filter[bit >>> 6] |= 1L << bit;
    }

    /** Number of keys. */
    int count() {
        return count;
    }

    /** How much heap this takes up, about. */
    long sizeBytes() {
        return arena.array().length + 24L * hashes.length + 4L * table.length + 8L * filter.length;
    }

    /** Rows added minus rows removed. */
    long rowCountDelta() {
        return rowCountDelta;
    }

    void addToRowCount(int delta) {
        rowCountDelta += delta;
    }

    /** Log end behind the changelog batch of these changes; -1 before it is appended. */
    long endOffset() {
        return endOffset;
    }

    void appended(long newEndOffset) {
        this.endOffset = newEndOffset;
    }

    /** The entry of a key, or {@link #UNTOUCHED}. */
    int find(long hash, byte[] key, int at, int size) {
        if (!mayHave(hash)) {
            return UNTOUCHED;
        }
        int mask = table.length - 1;
        for (int slot = (int) hash & mask; ; slot = (slot + 1) & mask) {
            int entry = table[slot] - 1;
            if (entry < 0) {
                return UNTOUCHED;
            }
            if (hashes[entry] == hash && isKey(entry, key, at, size)) {
                return entry;
            }
        }
    }

    private boolean isKey(int entry, byte[] key, int at, int size) {
        return keySize[entry] == size
                && Arrays.equals(
                        arena.array(), keyAt[entry], keyAt[entry] + size, key, at, at + size);
    }

    byte[] array() {
        return arena.array();
    }

    /** Loads into caches what is going to be changed for the keys. */
    void touch(HotRows hot) {
        hot.touch(hashes, count);
    }

    long hash(int entry) {
        return hashes[entry];
    }

    int keyAt(int entry) {
        return keyAt[entry];
    }

    int keySize(int entry) {
        return keySize[entry];
    }

    boolean isGone(int entry) {
        return valueSize[entry] == GONE;
    }

    /** Where the value of an entry that is not gone stands. */
    int valueAt(int entry) {
        return valueAt[entry];
    }

    int valueSize(int entry) {
        return valueSize[entry];
    }

    /** A copy of the value, schema id and row; null if the key is gone. */
    byte @Nullable [] value(int entry) {
        return isGone(entry)
                ? null
                : Arrays.copyOfRange(
                        arena.array(), valueAt[entry], valueAt[entry] + valueSize[entry]);
    }

    /** The key has this value now, which is copied. */
    void put(
            long hash,
            byte[] key,
            int keyStart,
            int keyLength,
            int schemaId,
            byte[] row,
            int rowStart,
            int rowLength) {
        set(entry(hash, key, keyStart, keyLength), schemaId, row, rowStart, rowLength);
    }

    /**
     * A key that nothing is known of becomes known as gone.
     *
     * @return its entry, or {@link #UNTOUCHED} if it was known
     */
    int addNew(long hash, byte[] key, int keyStart, int keyLength) {
        if (find(hash, key, keyStart, keyLength) >= 0) {
            return UNTOUCHED;
        }
        int entry = add(hash, key, keyStart, keyLength);
        valueSize[entry] = GONE;
        return entry;
    }

    /** An entry has this value now, which is copied. */
    void set(int entry, int schemaId, byte[] row, int rowStart, int rowLength) {
        int at = arena.reserve(Short.BYTES + rowLength);
        byte[] to = arena.array();
        to[at] = (byte) schemaId;
        to[at + 1] = (byte) (schemaId >> 8);
        System.arraycopy(row, rowStart, to, at + Short.BYTES, rowLength);
        valueAt[entry] = at;
        valueSize[entry] = Short.BYTES + rowLength;
    }

    /** The key is gone now. */
    void remove(long hash, byte[] key, int keyStart, int keyLength) {
        int entry = entry(hash, key, keyStart, keyLength); // before the array is looked at
        valueSize[entry] = GONE;
    }

    private int entry(long hash, byte[] key, int keyStart, int keyLength) {
        int known = find(hash, key, keyStart, keyLength);
        return known >= 0 ? known : add(hash, key, keyStart, keyLength);
    }

    private int add(long hash, byte[] key, int keyStart, int keyLength) {
        if (count == hashes.length) {
            grow();
        }
        int entry = count++;
        hashes[entry] = hash;
        keyAt[entry] = arena.append(key, keyStart, keyLength);
        keySize[entry] = keyLength;
        index(entry);
        return entry;
    }

    private void index(int entry) {
        int mask = table.length - 1;
        int slot = (int) hashes[entry] & mask;
        while (table[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        table[slot] = entry + 1;
        addToFilter(hashes[entry]);
    }

    private void grow() {
        int capacity = 2 * hashes.length;
        hashes = Arrays.copyOf(hashes, capacity);
        keyAt = Arrays.copyOf(keyAt, capacity);
        keySize = Arrays.copyOf(keySize, capacity);
        valueAt = Arrays.copyOf(valueAt, capacity);
        valueSize = Arrays.copyOf(valueSize, capacity);
        table = new int[tableSize(capacity)];
        filter = new long[filterSize(capacity)];
        for (int i = 0; i < count; i++) {
            index(i);
        }
    }
}
