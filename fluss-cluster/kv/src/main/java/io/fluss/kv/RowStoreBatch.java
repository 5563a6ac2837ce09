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

/**
 * Builds a write batch in RocksDB's representation, so that one call hands it over:
 *
 * <pre>
 * sequence i64 = 0 | count i32 | count × ( 1: put  | varint key size | key | varint size | value
 *                                        | 0: delete | varint key size | key )
 * </pre>
 */
final class RowStoreBatch {
    private static final int HEADER_SIZE = 12;
    private static final int DELETE = 0;
    private static final int PUT = 1;

    private final ByteArena bytes;
    private int count;

    RowStoreBatch(int expectedBytes) {
        bytes = new ByteArena(Math.max(1 << 10, expectedBytes));
        bytes.reserve(HEADER_SIZE);
    }

    int sizeBytes() {
        return bytes.size();
    }

    boolean isEmpty() {
        return count == 0;
    }

    void add(RowChanges changes, int entry) {
        byte[] from = changes.array();
        boolean gone = changes.isGone(entry);
        put1(gone ? DELETE : PUT);
        sized(from, changes.keyAt(entry), changes.keySize(entry));
        if (!gone) {
            sized(from, changes.valueAt(entry), changes.valueSize(entry));
        }
        count++;
    }

    /** The batch; what is added next belongs to another one. */
    byte[] take() {
        byte[] all = bytes.array();
        for (int i = 0; i < Integer.BYTES; i++) {
            all[8 + i] = (byte) (count >> (8 * i));
        }
        byte[] batch = Arrays.copyOf(all, bytes.size());
        bytes.clear(1 << 22);
        Arrays.fill(bytes.array(), 0, HEADER_SIZE, (byte) 0);
        bytes.reserve(HEADER_SIZE);
        count = 0;
        return batch;
    }

    private void put1(int value) {
        int at = bytes.reserve(1);
        bytes.array()[at] = (byte) value;
    }

    private void sized(byte[] from, int at, int size) {
        int rest = size;
        for (; rest >= 0x80; rest >>>= 7) {
            put1(rest | 0x80);
        }
        put1(rest);
        bytes.append(from, at, size);
    }
}
