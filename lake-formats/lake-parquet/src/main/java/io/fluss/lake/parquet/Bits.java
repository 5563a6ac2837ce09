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

/** A growing list of bits, least significant first as Arrow and Parquet have them. */
final class Bits {
    private byte[] bytes = new byte[128];
    private int count;

    int count() {
        return count;
    }

    /** Bytes in use; bits behind the last one are zero. */
    int byteCount() {
        return (count + 7) >>> 3;
    }

    byte[] array() {
        return bytes;
    }

    void clear() {
        Arrays.fill(bytes, 0, byteCount(), (byte) 0);
        count = 0;
    }

    void appendOnes(int n) {
        ensure(n);
        int end = count + n;
        int i = count;
        for (; i < end && (i & 7) != 0; i++) {
            set(i);
        }
        int wholeEnd = end & ~7;
        if (i < wholeEnd) {
            Arrays.fill(bytes, i >>> 3, wholeEnd >>> 3, (byte) 0xff);
            i = wholeEnd;
        }
        for (; i < end; i++) {
            set(i);
        }
        count = end;
    }

    void append(boolean[] values, int n) {
        ensure(n);
        for (int i = 0; i < n; i++) {
            if (values[i]) {
                set(count + i);
            }
        }
        count += n;
    }

    private void set(int i) {
        bytes[i >>> 3] |= (byte) (1 << (i & 7));
    }

    private void ensure(int more) {
        int needed = (count + more + 7) >>> 3;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
        }
    }
}
