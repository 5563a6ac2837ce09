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

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.StampedLock;

/**
 * A bounded table of recently written and read rows in off-heap memory, shared by all buckets of a
 * server, so that most lookups never leave the JVM. It is a cache: what it lacks is in the store
 * behind it. For any thread; readers take no lock unless a writer is at the same stripe.
 *
 * <p>Each stripe is a ring of entries, which overwrites the oldest, with an eight-way index in
 * front. An entry is
 *
 * <pre>store id i64 | key size i32 | value size i32 (-1: the key is gone) | key | value</pre>
 */
final class HotRows implements AutoCloseable {
    /** Of {@link #get}: nothing is known about the key. */
    static final int UNKNOWN = -1;

    /** Of {@link #get}: the key is known to have no row. */
    static final int GONE = -2;

    private static final int STRIPES = 64;
    private static final int WAYS = 8;
    private static final int HEADER_SIZE = 16;
    private static final int CACHE_LINE = 64;

    /** Index slots are made for entries of this size on average. */
    private static final int ENTRY_SIZE_EXPECTED = 96;

    private final Stripe[] stripes = new Stripe[STRIPES];

    /** Of no meaning: without a use, the compiler would leave out what {@link #touch} loads. */
    long touched;

    /**
     * @param sizeBytes off-heap memory of all entries; the index takes about a tenth of it more on
     *     the heap
     */
    HotRows(long sizeBytes) {
        int ring = (int) Math.max(4096, Math.min(1 << 30, sizeBytes / STRIPES)) & -8;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe(ring);
        }
    }

    private Stripe stripe(long hash) {
        return stripes[(int) (hash >>> 58)];
    }

    /**
     * What must be asked before the store is read, for {@link #fill}: a stamp of the stripe of this
     * key, 0 while it is written.
     */
    long stamp(long hash) {
        return stripe(hash).lock.tryOptimisticRead();
    }

    /**
     * Appends the value of a key to the arena.
     *
     * @return its size, {@link #UNKNOWN} or {@link #GONE}
     */
    int get(long storeId, long hash, byte[] key, int at, int size, ByteArena out) {
        Stripe s = stripe(hash);
        int before = out.size();
        long stamp = s.lock.tryOptimisticRead();
        if (stamp != 0) {
            int found = s.read(storeId, hash, key, at, size, out);
            if (s.lock.validate(stamp)) {
                return found;
            }
            out.truncate(before);
        }
        stamp = s.lock.readLock();
        try {
            return s.read(storeId, hash, key, at, size, out);
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    /**
     * Loads what calls for these keys will look at into the caches of this core. Of many keys the
     * waits for memory overlap here; in calls for one after the other they do not.
     *
     * @param count of the hashes, from the first
     */
    void touch(long[] hashes, int count) {
        long seen = 0;
        for (int i = 0; i < count; i++) {
            seen += stripe(hashes[i]).touchIndex(hashes[i]);
        }
        for (int i = 0; i < count; i++) {
            seen += stripe(hashes[i]).touchEntry(hashes[i]);
        }
        touched = seen;
    }

    /** A key has this value now. */
    void put(
            long storeId,
            long hash,
            byte[] key,
            int keyAt,
            int keySize,
            byte[] value,
            int valueAt,
            int valueSize) {
        Stripe s = stripe(hash);
        long stamp = s.lock.writeLock();
        try {
            s.write(storeId, hash, key, keyAt, keySize, value, valueAt, valueSize);
        } finally {
            s.lock.unlockWrite(stamp);
        }
    }

    /** A key has no row any more. */
    void remove(long storeId, long hash, byte[] key, int keyAt, int keySize) {
        Stripe s = stripe(hash);
        long stamp = s.lock.writeLock();
        try {
            s.remove(storeId, hash, key, keyAt, keySize);
        } finally {
            s.lock.unlockWrite(stamp);
        }
    }

    /**
     * Keeps what was read from the store, unless the stripe was written since the stamp was taken:
     * then the value may be old.
     */
    void fill(
            long stamp, long storeId, long hash, byte[] key, int keyAt, int keySize, byte[] value) {
        Stripe s = stripe(hash);
        long write = stamp == 0 ? 0 : s.lock.tryConvertToWriteLock(stamp);
        if (write != 0) {
            try {
                s.write(storeId, hash, key, keyAt, keySize, value, 0, value.length);
            } finally {
                s.lock.unlockWrite(write);
            }
        }
    }

    @Override
    public void close() {
        // Direct memory goes with the buffers; nothing refers to them afterwards.
        java.util.Arrays.fill(stripes, new Stripe(4096));
    }

    private static final class Stripe {
        private final StampedLock lock = new StampedLock();
        private final ByteBuffer ring;
        private final int ringSize;

        /** Upper 16 bits of the hash and the position + 1 in the endless ring; 0 for none. */
        private final long[] index;

        private final int setMask;
        private long head;

        Stripe(int size) {
            this.ringSize = size;
            this.ring = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
            int sets = Integer.highestOneBit(Math.max(1, size / ENTRY_SIZE_EXPECTED / WAYS)) * 2;
            this.index = new long[sets * WAYS];
            this.setMask = sets - 1;
        }

        private static long tag(long hash) {
            return (hash << 16) & 0xffff000000000000L;
        }

        private int set(long hash) {
            return ((int) hash & setMask) * WAYS;
        }

        long touchIndex(long hash) {
            int first = set(hash);
            return index[first] + index[first + WAYS - 1];
        }

        /** The first entry that may be of the hash, if any. */
        int touchEntry(long hash) {
            int first = set(hash);
            long tag = tag(hash);
            for (int slot = first; slot < first + WAYS; slot++) {
                long word = index[slot];
                if (word != 0 && (word & 0xffff000000000000L) == tag) {
                    int entry = (int) (Math.max(0, position(word)) % ringSize);
                    return ring.get(entry) + ring.get(Math.min(entry + CACHE_LINE, ringSize - 1));
                }
            }
            return 0;
        }

        /**
         * The slot of a key, or -1. Reads may be torn; a validated stamp says that they are not.
         */
        private int find(long storeId, long hash, byte[] key, int at, int size) {
            int first = set(hash);
            long tag = tag(hash);
            for (int slot = first; slot < first + WAYS; slot++) {
                long word = index[slot];
                if (word != 0 && (word & 0xffff000000000000L) == tag) {
                    long position = position(word);
                    int entry = (int) (position % ringSize);
                    if (position >= head - ringSize
                            && entry <= ringSize - HEADER_SIZE
                            && isKey(entry, storeId, key, at, size)) {
                        return slot;
                    }
                }
            }
            return -1;
        }

        private static long position(long word) {
            return (word & 0xffffffffffffL) - 1;
        }

        private boolean isKey(int entry, long storeId, byte[] key, int at, int size) {
            if (ring.getLong(entry) != storeId
                    || ring.getInt(entry + 8) != size
                    || size > ringSize - HEADER_SIZE - entry) {
                return false;
            }
            int from = entry + HEADER_SIZE;
            for (int i = 0; i < size; i++) {
                if (ring.get(from + i) != key[at + i]) {
                    return false;
                }
            }
            return true;
        }

        int read(long storeId, long hash, byte[] key, int at, int size, ByteArena out) {
            int slot = find(storeId, hash, key, at, size);
            if (slot < 0) {
                return UNKNOWN;
            }
            int entry = (int) (position(index[slot]) % ringSize);
            int valueSize =
                    entry < 0 || entry > ringSize - HEADER_SIZE ? 0 : ring.getInt(entry + 12);
            if (valueSize < 0) {
                return GONE;
            }
            int from = entry + HEADER_SIZE + size;
            if (from < 0 || valueSize > ringSize - from) {
                return UNKNOWN; // torn; the stamp will say so
            }
            out.append(ring, from, valueSize);
            return valueSize;
        }

        void write(
                long storeId,
                long hash,
                byte[] key,
                int keyAt,
                int keySize,
                byte[] value,
                int valueAt,
                int valueSize) {
            int known = find(storeId, hash, key, keyAt, keySize);
            int size = (HEADER_SIZE + keySize + valueSize + 7) & -8;
            if (size < 0 || size > ringSize / 8) {
                if (known >= 0) {
                    index[known] = 0;
                }
                return;
            }
            if (known >= 0) {
                int entry = (int) (position(index[known]) % ringSize);
                if (ring.getInt(entry + 12) == valueSize) {
                    ring.put(entry + HEADER_SIZE + keySize, value, valueAt, valueSize);
                    return;
                }
            }
            int entry = (int) (head % ringSize);
            if (size > ringSize - entry) {
                head += ringSize - entry;
                entry = 0;
            }
            long position = head;
            head += size;
            ring.putLong(entry, storeId);
            ring.putInt(entry + 8, keySize);
            ring.putInt(entry + 12, valueSize);
            ring.put(entry + HEADER_SIZE, key, keyAt, keySize);
            ring.put(entry + HEADER_SIZE + keySize, value, valueAt, valueSize);
            index[known >= 0 ? known : oldest(set(hash))] = tag(hash) | (position + 1);
        }

        void remove(long storeId, long hash, byte[] key, int keyAt, int keySize) {
            int known = find(storeId, hash, key, keyAt, keySize);
            if (known >= 0) {
                ring.putInt((int) (position(index[known]) % ringSize) + 12, -1);
            }
        }

        private int oldest(int first) {
            int oldest = first;
            long lowest = position(index[first]);
            for (int slot = first + 1; slot < first + WAYS; slot++) {
                long position = position(index[slot]);
                oldest = position < lowest ? slot : oldest;
                lowest = Math.min(position, lowest);
            }
            return oldest;
        }
    }
}
