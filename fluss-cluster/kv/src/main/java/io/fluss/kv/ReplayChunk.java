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

import io.fluss.formats.log.LogBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Log batches that are applied to rows together, up to a bound. Belongs to one thread at a time.
 */
final class ReplayChunk {
    static final int RECORDS_MAX = 1 << 17;
    private static final int BYTES_MAX = 8 << 20;

    private final int recordsMax;
    private ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private int[] starts = new int[64];
    private int batches;
    private int records;

    /**
     * @param recordsMax which it holds, if there is more than one batch
     */
    ReplayChunk(int recordsMax) {
        this.recordsMax = recordsMax;
    }

    /** Whether it has room for a batch; an empty chunk takes a batch of any size. */
    boolean takes(LogBatch batch) {
        return batches == 0
                || (records <= recordsMax - batch.recordCount()
                        && bytes.position() <= BYTES_MAX - batch.size());
    }

    /** Copies a batch. */
    void add(LogBatch batch) {
        if (bytes.remaining() < batch.size()) {
            int size =
                    Math.max(
                            bytes.position() + batch.size(),
                            Math.min(2 * bytes.capacity(), BYTES_MAX));
            bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(bytes.flip());
        }
        if (batches == starts.length) {
            starts = Arrays.copyOf(starts, 2 * batches);
        }
        starts[batches++] = bytes.position();
        bytes.put(batch.bytes());
        records += batch.recordCount();
    }

    int batches() {
        return batches;
    }

    int records() {
        return records;
    }

    int sizeBytes() {
        return bytes.position();
    }

    /** The batch with a number from 0, in the order they were added. */
    LogBatch batch(int number) {
        return LogBatch.at(bytes, starts[number]);
    }

    void clear() {
        bytes.clear();
        batches = 0;
        records = 0;
    }
}
