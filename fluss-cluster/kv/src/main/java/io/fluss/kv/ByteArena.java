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

import io.fluss.errors.ErrorReason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing array of bytes; places in it stay valid while it grows. Belongs to one thread. */
final class ByteArena {
    private static final int SIZE_MAX = 1 << 30;

    private byte[] bytes;
    private int size;

    ByteArena(int capacity) {
        this.bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    /** The memory now; replaced when the arena grows. */
    byte[] array() {
        return bytes;
    }

    /** Little-endian view of the memory now. */
    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, 0, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Forgets the content; keeps the memory up to a bound. */
    void clear(int keepBytesMax) {
        size = 0;
        if (bytes.length > keepBytesMax) {
            bytes = new byte[keepBytesMax];
        }
    }

    /** Makes room and gives the place of its first byte. */
    int reserve(int count) {
        if (count > SIZE_MAX - size) {
            throw ErrorReason.RECORD_TOO_LARGE.exception(
                    "the rows of one batch take up more than "
                            + SIZE_MAX
                            + " bytes; send smaller batches");
        }
        int at = size;
        size += count;
        if (size > bytes.length) {
            bytes =
                    Arrays.copyOf(
                            bytes, (int) Math.max(size, Math.min(SIZE_MAX, 2L * bytes.length)));
        }
        return at;
    }

    /** Forgets what was appended behind a place. */
    void truncate(int newSize) {
        size = newSize;
    }

    int append(byte[] from, int at, int count) {
        int to = reserve(count);
        System.arraycopy(from, at, bytes, to, count);
        return to;
    }

    int append(ByteBuffer from, int at, int count) {
        int to = reserve(count);
        from.get(at, bytes, to, count);
        return to;
    }
}
