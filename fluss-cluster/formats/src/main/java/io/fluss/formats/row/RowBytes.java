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

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing array of bytes, little-endian, to be used again after {@link #clear}. */
public final class RowBytes {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int size;

    public RowBytes(int capacity) {
        this.bytes = new byte[capacity];
    }

    public int size() {
        return size;
    }

    /** Forgets the content, keeps the memory. */
    public void clear() {
        size = 0;
    }

    /** Forgets what was appended behind a place. */
    public void truncate(int newSize) {
        size = newSize;
    }

    private int grow(int count) {
        int at = size;
        int newSize = Math.addExact(size, count);
        if (newSize > bytes.length) {
            bytes =
                    Arrays.copyOf(
                            bytes, (int) Math.max(newSize, Math.min(2L * bytes.length, 1 << 30)));
        }
        size = newSize;
        return at;
    }

    /** Appends zeros and gives the place of the first. */
    public int skip(int count) {
        int at = grow(count);
        Arrays.fill(bytes, at, size, (byte) 0);
        return at;
    }

    public void put1(int value) {
        int at = grow(1); // before the array is looked at: it may be replaced
        bytes[at] = (byte) value;
    }

    void put2(int value) {
        int at = grow(2);
        SHORT.set(bytes, at, (short) value);
    }

    public void put4(int value) {
        int at = grow(4);
        INT.set(bytes, at, value);
    }

    public void put8(long value) {
        int at = grow(8);
        LONG.set(bytes, at, value);
    }

    public void put(byte[] value) {
        put(value, 0, value.length);
    }

    public void put(byte[] value, int start, int count) {
        int at = grow(count);
        System.arraycopy(value, start, bytes, at, count);
    }

    /** Appends bytes of a row without an array in between. */
    void putBytes(RowValues row, int column, int count) {
        int at = grow(count);
        row.copyBytes(column, bytes, at);
    }

    void set1(int at, int value) {
        bytes[at] = (byte) value;
    }

    void set2(int at, int value) {
        SHORT.set(bytes, at, (short) value);
    }

    public void set4(int at, int value) {
        INT.set(bytes, at, value);
    }

    public void set8(int at, long value) {
        LONG.set(bytes, at, value);
    }

    void set(int at, byte[] value) {
        System.arraycopy(value, 0, bytes, at, value.length);
    }

    void setBytes(int at, RowValues row, int column) {
        row.copyBytes(column, bytes, at);
    }

    /** Sets bit number {@code bit} of the bits that start at a byte. */
    void setBit(int at, int bit) {
        bytes[at + (bit >> 3)] |= (byte) (1 << (bit & 7));
    }

    /** Seven bits per byte, no zig-zag; a 32-bit value must come with its upper half cleared. */
    void putVarint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            put1((int) rest | 0x80);
            rest >>>= 7;
        }
        put1((int) rest);
    }

    /** Puts the count of the bytes from a place to the end in front of them. */
    void insertSize(int at) {
        int count = size - at;
        int width = 1;
        for (int rest = count >>> 7; rest != 0; rest >>>= 7) {
            width++;
        }
        grow(width);
        System.arraycopy(bytes, at, bytes, at + width, count);
        int end = size;
        size = at;
        putVarint(count);
        size = end;
    }

    /** The memory now, of which the first {@link #size} bytes count; replaced when it grows. */
    public byte[] array() {
        return bytes;
    }

    public byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** The content, sharing memory until something is appended; little-endian. */
    public ByteBuffer view() {
        return ByteBuffer.wrap(bytes, 0, size).slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
