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
package io.fluss.spark.stream;

import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.spark.read.LogRangePartition;
import io.fluss.table.TableInfo;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;

/** How many bytes a record has in memory, by looking at some. */
final class RowSize {
    /** A look takes at most so many records. */
    private static final long RECORDS_MAX = 1_000;

    private RowSize() {}

    /**
     * Bytes a record of the beginning of a range, rounded up.
     *
     * @param range not empty
     */
    static long sample(SharedConnections.Lease lease, TableInfo table, LogRangePartition range) {
        long rows = 0;
        long bytes = 0;
        long end = Math.min(range.to(), range.from() + RECORDS_MAX);
        try (BufferAllocator allocator = TaskMemory.child("sample " + table.path());
                LogRangeReader reader =
                        lease.connection()
                                .logRange(
                                        table,
                                        range.bucket(),
                                        range.from(),
                                        end,
                                        Optional.empty(),
                                        allocator)) {
            Optional<ScanBatch> next = reader.next();
            if (next.isPresent()) {
                try (ScanBatch batch = next.get()) {
                    rows += batch.rows().getRowCount();
                    for (FieldVector v : batch.rows().getFieldVectors()) {
                        bytes += v.getBufferSize();
                    }
                }
            }
        }
        return rows == 0 ? 1 : Math.max(1, (bytes - 1) / rows + 1);
    }
}
