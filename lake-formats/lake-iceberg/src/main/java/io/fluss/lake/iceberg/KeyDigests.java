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
package io.fluss.lake.iceberg;

import io.fluss.formats.row.RowBytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Digests of keys, each with a position, to be sorted and searched. A digest has 16 bytes: of a key
 * of up to 15 bytes these bytes, zeros and its length, so that the digest is the key; of a longer
 * one the first 15 bytes of its SHA-256 and 0xff. Digests are ordered as unsigned bytes. Not
 * thread-safe.
 */
final class KeyDigests {
    static final int BYTES = 16;

    private static final int EXACT_BYTES_MAX = BYTES - 1;
    private static final byte HASHED = (byte) 0xff;
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final MessageDigest hash = sha256();
    private final byte[] hashed = new byte[32];
    private final byte[] digest = new byte[BYTES];
    private long[] high;
    private long[] low;
    private int[] positions;
    private int count;

    KeyDigests(int capacity) {
        int size = Math.max(16, capacity);
        high = new long[size];
        low = new long[size];
        positions = new int[size];
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    int count() {
        return count;
    }

    void clear() {
        count = 0;
    }

    /** Adds the digest of a key. */
    void add(RowBytes key, int position) {
        if (count == positions.length) {
            int size = Math.multiplyExact(2, count);
            high = Arrays.copyOf(high, size);
            low = Arrays.copyOf(low, size);
            positions = Arrays.copyOf(positions, size);
        }
        digest(key);
        high[count] = (long) LONG.get(digest, 0);
        low[count] = (long) LONG.get(digest, Long.BYTES);
        positions[count] = position;
        count++;
    }

    private void digest(RowBytes key) {
        int size = key.size();
        if (size <= EXACT_BYTES_MAX) {
            System.arraycopy(key.array(), 0, digest, 0, size);
            Arrays.fill(digest, size, EXACT_BYTES_MAX, (byte) 0);
            digest[EXACT_BYTES_MAX] = (byte) size;
            return;
        }
        hash.update(key.array(), 0, size);
        try {
            hash.digest(hashed, 0, hashed.length);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 has 32 bytes", e);
        }
        System.arraycopy(hashed, 0, digest, 0, EXACT_BYTES_MAX);
        digest[EXACT_BYTES_MAX] = HASHED;
    }

    long high(int i) {
        return high[i];
    }

    long low(int i) {
        return low[i];
    }

    int position(int i) {
        return positions[i];
    }

    static int compare(long highA, long lowA, long highB, long lowB) {
        int byHigh = Long.compareUnsigned(highA, highB);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(lowA, lowB);
    }

    /** Hands out the positions of all digests here that are among the wanted; both are sorted. */
    void find(KeyDigests wanted, IntConsumer found) {
        int w = 0;
        for (int i = 0; i < count && w < wanted.count; ) {
            int compared = compare(high[i], low[i], wanted.high[w], wanted.low[w]);
            if (compared == 0) {
                found.accept(positions[i]);
            }
            if (compared > 0) {
                w++;
            } else {
                i++;
            }
        }
    }

    /**
     * Those with a position from {@code from} up to below {@code to}, counted from there; in order
     * if these are.
     */
    KeyDigests between(int from, int to) {
        KeyDigests part = new KeyDigests(to - from);
        for (int i = 0; i < count; i++) {
            if (positions[i] >= from && positions[i] < to) {
                part.high[part.count] = high[i];
                part.low[part.count] = low[i];
                part.positions[part.count++] = positions[i] - from;
            }
        }
        return part;
    }

    /** Sorts by digest; equal ones keep their order, so positions rise among them. */
    void sort() {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        order = sorted(order, new int[count]);
        long[] sortedHigh = new long[count];
        long[] sortedLow = new long[count];
        int[] sortedPositions = new int[count];
        for (int i = 0; i < count; i++) {
            sortedHigh[i] = high[order[i]];
            sortedLow[i] = low[order[i]];
            sortedPositions[i] = positions[order[i]];
        }
        high = sortedHigh;
        low = sortedLow;
        positions = sortedPositions;
    }

    /** Merge sort from short runs upward: no worst case, whoever chose the keys. */
    private int[] sorted(int[] from, int[] to) {
        for (int width = 1; width < count; width <<= 1) {
            for (int start = 0; start < count; start += 2 * width) {
                merge(from, to, start, Math.min(start + width, count), width);
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
        return from;
    }

    private void merge(int[] from, int[] to, int start, int middle, int width) {
        int end = (int) Math.min((long) middle + width, count);
        int left = start;
        int right = middle;
        for (int out = start; out < end; out++) {
            boolean takesLeft =
                    right >= end
                            || (left < middle
                                    && compare(
                                                    high[from[left]],
                                                    low[from[left]],
                                                    high[from[right]],
                                                    low[from[right]])
                                            <= 0);
            to[out] = takesLeft ? from[left++] : from[right++];
        }
    }
}
