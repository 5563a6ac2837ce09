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

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A batch with the system columns of the legacy layout behind its own. The user's columns stay the
 * caller's; {@link #close} releases the added ones.
 */
final class SystemColumns implements AutoCloseable {
    private static final long MICROS_PER_MS = 1_000;

    private final IntVector buckets;
    private final BigIntVector offsets;
    private final TimeStampMicroTZVector timestamps;
    private final VectorSchemaRoot rows;

    SystemColumns(VectorSchemaRoot batch, int bucket, long baseOffset, long commitTimestampMs) {
        this(batch, bucket, row -> baseOffset + row, commitTimestampMs);
    }

    /**
     * @param offsets by number of the row
     */
    SystemColumns(
            VectorSchemaRoot batch, int bucket, IntToLongFunction offsets, long commitTimestampMs) {
        BufferAllocator allocator = batch.getVector(0).getAllocator();
        buckets = new IntVector(LayoutGeneration.BUCKET, allocator);
        this.offsets = new BigIntVector(LayoutGeneration.OFFSET, allocator);
        timestamps = new TimeStampMicroTZVector(LayoutGeneration.TIMESTAMP, allocator, "UTC");
        int count = batch.getRowCount();
        try {
            buckets.allocateNew(count);
            this.offsets.allocateNew(count);
            timestamps.allocateNew(count);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        for (int i = 0; i < count; i++) {
            buckets.set(i, bucket);
            this.offsets.set(i, offsets.applyAsLong(i));
            timestamps.set(i, commitTimestampMs * MICROS_PER_MS);
        }
        List<FieldVector> all = new ArrayList<>(batch.getFieldVectors());
        for (FieldVector v : List.of(buckets, this.offsets, timestamps)) {
            v.setValueCount(count);
            all.add(v);
        }
        rows = new VectorSchemaRoot(all);
        rows.setRowCount(count);
    }

    VectorSchemaRoot rows() {
        return rows;
    }

    @Override
    public void close() {
        buckets.close();
        offsets.close();
        timestamps.close();
    }
}
