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
package io.fluss.formats.keys;

import java.util.Arrays;

/** A growing array of bytes, little-endian. */
final class KeyBytes {
    private byte[] bytes;
    private int size;

    KeyBytes(int capacity) {
        this.bytes = new byte[capacity];
    }

    private int grow(int count) {
        int at = size;
        size = Math.addExact(size, count);
        if (size > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size, 2 * bytes.length));
        }
        return at;
    }

    int size() {
        return size;
    }

    void skip(int count) {
        grow(count);
    }

    void put(long value, int width) {
        set(grow(width), value, width);
    }

    void set(int at, long value, int width) {
        for (int i = 0; i < width; i++) {
            bytes[at + i] = (byte) (value >>> (8 * i));
        }
    }

    void put(byte[] value) {
        int at = grow(value.length); // before the array is looked at: it may be replaced
        set(at, value);
    }

    void set(int at, byte[] value) {
        System.arraycopy(value, 0, bytes, at, value.length);
    }

    void or(int at, int bit) {
        bytes[at] |= (byte) bit;
    }

    /** Seven bits per byte, no zig-zag; a 32-bit value must come with its upper half cleared. */
    void putVarint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            put(rest | 0x80, 1);
            rest >>>= 7;
        }
        put(rest, 1);
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }
}
