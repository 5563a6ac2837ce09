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
package io.fluss.log;

import io.fluss.errors.FlussException;
import io.fluss.formats.log.LogBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Tells a write that a crash has cut off from damage to bytes that were written. Only for bytes
 * above the recovery point: those below it were forced and cannot be torn.
 *
 * <p>A crash leaves a batch that is cut short by the end of the file, or pages of zeros that were
 * never written, whatever comes behind them. A bad batch without such a hole that good batches
 * follow was whole once: its records may have been acknowledged, so that cutting there would lose
 * them. A bad batch at the very end of the log cannot be told from a torn one, and counts as torn.
 */
final class TornTail {
    private static final int PAGE = 4096;
    private static final int HOLE_MIN = 64;

    private TornTail() {}

    /**
     * @param map all of the file
     * @param position of the bad batch
     * @param expectedOffset the base offset that belongs there
     * @param isFollowed whether a segment with batches comes behind this one
     */
    static boolean isTorn(ByteBuffer map, int position, long expectedOffset, boolean isFollowed) {
        ByteBuffer bytes = map.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int next = nextBatch(bytes, position, expectedOffset);
        if (hasHole(bytes, position, next < 0 ? bytes.limit() : next)) {
            return true;
        }
        return next < 0 && (!isFollowed || endsShort(bytes, position));
    }

    /** Position of a good batch behind the bad one, or -1. */
    private static int nextBatch(ByteBuffer bytes, int position, long expectedOffset) {
        for (int at = position + 1; at <= bytes.limit() - LogBatch.HEADER_SIZE; at++) {
            long ahead = bytes.getLong(at) - expectedOffset;
            if (ahead <= 0
                    || ahead > Integer.MAX_VALUE
                    || bytes.get(at + LogBatch.MAGIC_OFFSET) != LogBatch.MAGIC) {
                continue;
            }
            try {
                LogBatch.at(bytes, at).checkCrc();
                return at;
            } catch (FlussException e) {
                // Bytes that looked like a header; the search goes on.
            }
        }
        return -1;
    }

    /** Zeros up to the end of a page or of the range. */
    private static boolean hasHole(ByteBuffer bytes, int from, int to) {
        int zeros = 0;
        for (int at = from; at < to; at++) {
            zeros = bytes.get(at) == 0 ? zeros + 1 : 0;
            boolean pageEnds = (at + 1) % PAGE == 0 || at + 1 == bytes.limit();
            if (zeros >= HOLE_MIN && pageEnds) {
                return true;
            }
        }
        return false;
    }

    /** Whether the batch is longer than the file, and not merely says so. */
    private static boolean endsShort(ByteBuffer bytes, int position) {
        int left = bytes.limit() - position;
        if (left < LogBatch.HEADER_SIZE) {
            return true;
        }
        int length = bytes.getInt(position + LogBatch.LENGTH_OFFSET);
        if (length <= left - LogBatch.LENGTH_OVERHEAD) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(
                bytes.slice(
                        position + LogBatch.SCHEMA_ID_OFFSET, left - LogBatch.SCHEMA_ID_OFFSET));
        return (int) crc.getValue() != bytes.getInt(position + LogBatch.CRC_OFFSET);
    }
}
