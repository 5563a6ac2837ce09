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

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A 64-bit hash of key bytes, for tables in memory only; never stored. */
final class KeyHash {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long M1 = 0x9E3779B97F4A7C15L;
    private static final long M2 = 0xD6E8FEB86659FD93L;

    private KeyHash() {}

    static long of(byte[] bytes, int at, int size) {
        long h = M1 ^ size;
        int i = 0;
        for (; i + 8 <= size; i += 8) {
            h = mix(h ^ (long) LONG.get(bytes, at + i));
        }
        long tail = 0;
        for (int shift = 0; i < size; i++, shift += 8) {
            tail |= (bytes[at + i] & 0xffL) << shift;
        }
        return mix(mix(h ^ tail));
    }

    private static long mix(long value) {
        long h = value * M2;
        h = (h ^ (h >>> 32)) * M1;
        return h ^ (h >>> 29);
    }
}
