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
package io.fluss.formats.fold;

import io.fluss.formats.row.RowBytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers distinct keys 0, 1, 2… in the order in which they come. All keys lie in one array; there
 * are no objects per key. Not thread-safe while keys are added; readers may then share it.
 */
public final class KeyNumbers {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MIX = 0x9e3779b97f4a7c15L;
    private static final int INITIAL_SLOTS = 1 << 10;
    private static final int NONE = -1;

    private final RowBytes keys = new RowBytes(1 << 14);

    /** Number + 1 of the key in a slot; a power of two of slots, at most half of them taken. */
    private int[] slots = new int[INITIAL_SLOTS];

    private int[] hashes = new int[INITIAL_SLOTS / 2];

    /** Where a key ends in the array; it begins where the one before ends. */
    private int[] ends = new int[INITIAL_SLOTS / 2];

    private int count;

    public int count() {
        return count;
    }

    public long sizeBytes() {
        return keys.array().length + 4L * (slots.length + hashes.length + ends.length);
    }

    void clear() {
        keys.clear();
        count = 0;
        Arrays.fill(slots, 0);
    }

    /**
     * Where the next key is to be appended, to be taken in by {@link #numberOfAppended}. What was
     * appended and not taken in is forgotten.
     */
    public RowBytes appendTo() {
        keys.truncate(end(count - 1));
        return keys;
    }

    /** Number of the key just appended; the new {@link #count} - 1 if it was not there yet. */
    public int numberOfAppended() {
        int start = end(count - 1);
        int length = keys.size() - start;
        int hash = hash(keys.array(), start, length);
        int slot = slot(keys.array(), start, length, hash);
        if (slots[slot] != 0) {
            keys.truncate(start);
            return slots[slot] - 1;
        }
        slots[slot] = count + 1;
        hashes[count] = hash;
        ends[count] = keys.size();
        count++;
        if (2 * count == slots.length) {
            grow();
        }
        return count - 1;
    }

    /** Number of a key, negative if it is not there. */
    public int number(byte[] bytes, int start, int length) {
        int slot = slot(bytes, start, length, hash(bytes, start, length));
        return slots[slot] == 0 ? NONE : slots[slot] - 1;
    }

    private int slot(byte[] bytes, int start, int length, int hash) {
        int mask = slots.length - 1;
        int slot = hash & mask;
        for (; slots[slot] != 0; slot = (slot + 1) & mask) {
            int number = slots[slot] - 1;
            if (hashes[number] == hash && isKey(number, bytes, start, length)) {
                return slot;
            }
        }
        return slot;
    }

    private boolean isKey(int number, byte[] bytes, int start, int length) {
        return Arrays.equals(
                keys.array(), end(number - 1), ends[number], bytes, start, start + length);
    }

    private int end(int number) {
        return number < 0 ? 0 : ends[number];
    }

    private void grow() {
        slots = new int[2 * slots.length];
        hashes = Arrays.copyOf(hashes, slots.length / 2);
        ends = Arrays.copyOf(ends, slots.length / 2);
        int mask = slots.length - 1;
        for (int i = 0; i < count; i++) {
            int slot = hashes[i] & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = i + 1;
        }
    }

    private static int hash(byte[] bytes, int start, int length) {
        long h = length * MIX;
        int at = start;
        int end = start + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            h = mixed(h ^ (long) LONG.get(bytes, at));
        }
        long rest = 0;
        for (; at < end; at++) {
            rest = rest << Byte.SIZE | (bytes[at] & 0xff);
        }
        h = mixed(h ^ rest);
        return (int) (h >>> Integer.SIZE);
    }

    private static long mixed(long value) {
        long product = value * MIX;
        return product ^ (product >>> Integer.SIZE);
    }
}
