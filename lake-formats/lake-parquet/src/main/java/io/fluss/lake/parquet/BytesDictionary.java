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

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Numbers the distinct byte strings of a column from 0, by open addressing. */
final class BytesDictionary {
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final int entriesMax;
    private final int bytesMax;
    private int[] slots = new int[1024];
    private int[] hashes = new int[256];
    private int[] ends = new int[256];
    private byte[] content = new byte[4096];
    private int size;

    BytesDictionary(int entriesMax, int bytesMax) {
        this.entriesMax = entriesMax;
        this.bytesMax = bytesMax;
    }

    int size() {
        return size;
    }

    byte[] content() {
        return content;
    }

    int start(int id) {
        return id == 0 ? 0 : ends[id - 1];
    }

    int length(int id) {
        return ends[id] - start(id);
    }

    int contentBytes() {
        return size == 0 ? 0 : ends[size - 1];
    }

    /** Id of the value, new or old; -1 if it is new and the dictionary is full. */
    int idOf(byte[] data, int from, int length) {
        int hash = hash(data, from, length);
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] != 0) {
            int id = slots[slot] - 1;
            if (hashes[id] == hash && isAt(id, data, from, length)) {
                return id;
            }
            slot = (slot + 1) & mask;
        }
        if (size == entriesMax || (long) contentBytes() + length > bytesMax) {
            return -1;
        }
        add(hash, data, from, length);
        slots[slot] = size;
        if (size * 2 > slots.length) {
            rehash();
        }
        return size - 1;
    }

    private boolean isAt(int id, byte[] data, int from, int length) {
        int start = start(id);
        return Arrays.equals(content, start, ends[id], data, from, from + length);
    }

    private void add(int hash, byte[] data, int from, int length) {
        int start = contentBytes();
        if (start + length > content.length) {
            content = Arrays.copyOf(content, Math.max(start + length, content.length * 2));
        }
        System.arraycopy(data, from, content, start, length);
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, size * 2);
            hashes = Arrays.copyOf(hashes, size * 2);
        }
        ends[size] = start + length;
        hashes[size] = hash;
        size++;
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        int mask = slots.length - 1;
        for (int id = 0; id < size; id++) {
            int slot = hashes[id] & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = id + 1;
        }
    }

    private static int hash(byte[] data, int from, int length) {
        long h = length;
        int i = from;
        int end = from + length;
        for (; end - i >= Long.BYTES; i += Long.BYTES) {
            h = mixed(h ^ (long) WORD.get(data, i));
        }
        long rest = 0;
        for (; i < end; i++) {
            rest = rest << Byte.SIZE | (data[i] & 0xff);
        }
        h = mixed(h ^ rest);
        return (int) (h ^ (h >>> 32));
    }

    private static long mixed(long word) {
        long h = word * 0x9E3779B97F4A7C15L;
        return h ^ (h >>> 29);
    }
}
