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

import io.fluss.errors.ErrorReason;
import io.fluss.table.TableOptions.LakeFormatName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Which bucket a bucket key belongs to (data formats document, section 3.3). The lake format of the
 * table decides, so that lake files are bucketed alike. Golden vectors: {@code buckets.json},
 * {@code hashes.json}.
 */
public enum BucketFunction {
    FLUSS {
        @Override
        int hash(byte[] key) {
            return flussMixed(murmur42(checkNotEmpty(key)));
        }

        @Override
        int reduce(int hash, int bucketCount) {
            return hash % bucketCount;
        }
    },
    PAIMON {
        @Override
        int hash(byte[] key) {
            return murmur42(key);
        }

        @Override
        int reduce(int hash, int bucketCount) {
            return Math.abs(hash % bucketCount);
        }
    },
    ICEBERG {
        @Override
        int hash(byte[] key) {
            return murmur3(checkNotEmpty(key));
        }

        @Override
        int reduce(int hash, int bucketCount) {
            return (hash & Integer.MAX_VALUE) % bucketCount;
        }
    },
    HUDI {
        @Override
        int hash(byte[] key) {
            return ByteBuffer.wrap(key).getInt();
        }

        @Override
        int reduce(int hash, int bucketCount) {
            return (hash & Integer.MAX_VALUE) % bucketCount;
        }
    };

    private static final int C1 = 0xcc9e2d51;
    private static final int C2 = 0x1b873593;

    /** The function of a table with this lake format; without one the Fluss function. */
    public static BucketFunction of(Optional<LakeFormatName> lakeFormat) {
        return lakeFormat
                .map(
                        f ->
                                switch (f) {
                                    case PAIMON -> PAIMON;
                                    case ICEBERG -> ICEBERG;
                                    case HUDI -> HUDI;
                                    case LANCE -> FLUSS;
                                })
                .orElse(FLUSS);
    }

    /**
     * The bucket of a key.
     *
     * @param key as {@link KeyEncoder#forBucketKey} makes it
     * @param bucketCount above 0
     * @return 0 to {@code bucketCount} - 1
     * @throws io.fluss.errors.FlussException with INVALID_TABLE for an empty key, which the Fluss
     *     and the Iceberg function do not know
     */
    public int bucket(byte[] key, int bucketCount) {
        return reduce(hash(key), bucketCount);
    }

    abstract int hash(byte[] key);

    abstract int reduce(int hash, int bucketCount);

    private static byte[] checkNotEmpty(byte[] key) {
        if (key.length == 0) {
            throw ErrorReason.INVALID_TABLE.exception(
                    "an empty bucket key has no bucket; give the bucket key column a value");
        }
        return key;
    }

    /** Murmur3 with seed 42, but each byte of the tail takes a full round. */
    static int murmur42(byte[] key) {
        ByteBuffer bytes = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
        int h = 42;
        while (bytes.remaining() >= Integer.BYTES) {
            h = mixHash(h, mixKey(bytes.getInt()));
        }
        while (bytes.hasRemaining()) {
            h = mixHash(h, mixKey(bytes.get()));
        }
        return avalanche(h ^ key.length);
    }

    /** Standard Murmur3 x86 32-bit with seed 0. */
    static int murmur3(byte[] key) {
        ByteBuffer bytes = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
        int h = 0;
        while (bytes.remaining() >= Integer.BYTES) {
            h = mixHash(h, mixKey(bytes.getInt()));
        }
        int tail = 0;
        for (int shift = 0; bytes.hasRemaining(); shift += Byte.SIZE) {
            tail |= (bytes.get() & 0xff) << shift;
        }
        return avalanche(h ^ mixKey(tail) ^ key.length);
    }

    /** A second round over the hash; never negative. */
    static int flussMixed(int hash) {
        int c = mixHash(0, mixKey(hash));
        c = avalanche(c ^ 4);
        return c == Integer.MIN_VALUE ? 0 : Math.abs(c);
    }

    private static int mixKey(int k) {
        return Integer.rotateLeft(k * C1, 15) * C2;
    }

    private static int mixHash(int h, int k) {
        return Integer.rotateLeft(h ^ k, 13) * 5 + 0xe6546b64;
    }

    private static int avalanche(int hash) {
        int h = hash;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return h ^ (h >>> 16);
    }
}
