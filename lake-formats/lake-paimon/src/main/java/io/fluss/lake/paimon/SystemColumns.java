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
package io.fluss.lake.paimon;

import io.fluss.lake.LakeRows;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampMilliTZVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A batch with the system columns of the legacy layout behind its own. The user's columns stay the
 * caller's; {@link #close} releases the added ones.
 */
final class SystemColumns implements AutoCloseable {
    private final IntVector buckets;
    private final BigIntVector offsets;
    private final TimeStampMilliTZVector timestamps;
    private final VectorSchemaRoot rows;

    SystemColumns(LakeRows batch, int bucket) {
        BufferAllocator allocator = batch.rows().getVector(0).getAllocator();
        buckets = new IntVector(LayoutGeneration.BUCKET, allocator);
        offsets = new BigIntVector(LayoutGeneration.OFFSET, allocator);
        timestamps = new TimeStampMilliTZVector(LayoutGeneration.TIMESTAMP, allocator, "UTC");
        int count = batch.count();
        try {
            buckets.allocateNew(count);
            offsets.allocateNew(count);
            timestamps.allocateNew(count);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        for (int i = 0; i < count; i++) {
            buckets.set(i, bucket);
            offsets.set(i, batch.offset(i));
            timestamps.set(i, batch.commitTimestampMs());
        }
        List<FieldVector> all = new ArrayList<>(batch.rows().getFieldVectors());
        for (FieldVector v : List.of(buckets, offsets, timestamps)) {
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
