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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;

/** A growing byte array, little-endian. */
final class ByteSink {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[256];
    private int size;

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    void putByte(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    void putInt(int value) {
        ensure(Integer.BYTES);
        INT.set(bytes, size, value);
        size += Integer.BYTES;
    }

    void putLong(long value) {
        ensure(Long.BYTES);
        LONG.set(bytes, size, value);
        size += Long.BYTES;
    }

    void putInts(long[] values, int count) {
        ensure(Math.multiplyExact(count, Integer.BYTES));
        for (int i = 0; i < count; i++) {
            INT.set(bytes, size + i * Integer.BYTES, (int) values[i]);
        }
        size += count * Integer.BYTES;
    }

    void putLongs(long[] values, int count) {
        ensure(Math.multiplyExact(count, Long.BYTES));
        for (int i = 0; i < count; i++) {
            LONG.set(bytes, size + i * Long.BYTES, values[i]);
        }
        size += count * Long.BYTES;
    }

    void put(byte[] source, int from, int length) {
        ensure(length);
        System.arraycopy(source, from, bytes, size, length);
        size += length;
    }

    void putVarInt(int value) {
        int v = value;
        while ((v & ~0x7f) != 0) {
            putByte((v & 0x7f) | 0x80);
            v >>>= 7;
        }
        putByte(v);
    }

    /** A view; valid until the next change. */
    BytesInput view() {
        return BytesInput.from(ByteBuffer.wrap(bytes, 0, size));
    }

    private void ensure(int more) {
        int needed = Math.addExact(size, more);
        if (needed > bytes.length) {
            int doubled = (int) Math.min(Integer.MAX_VALUE - 8L, bytes.length * 2L);
            bytes = Arrays.copyOf(bytes, Math.max(needed, doubled));
        }
    }
}
