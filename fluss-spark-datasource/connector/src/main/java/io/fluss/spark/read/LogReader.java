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
package io.fluss.spark.read;

import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.spark.pruning.ServerFilter;
import io.fluss.spark.vector.LogVectors;
import io.fluss.table.TableInfo;
import io.fluss.types.DataType;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log range, a batch at a time. A batch is valid until the next one is asked for. Owned by
 * one task thread.
 */
final class LogReader implements PartitionReader<ColumnarBatch> {
    private final SharedConnections.Lease lease;
    private final BufferAllocator allocator;
    private final LogRangeReader range;
    private final List<DataType> types;
    private final LogSource source;
    private long rowsLeft;
    private @Nullable ScanBatch current;

    private LogReader(
            SharedConnections.Lease lease,
            BufferAllocator allocator,
            LogRangeReader range,
            List<DataType> types,
            LogSource source) {
        this.lease = lease;
        this.allocator = allocator;
        this.range = range;
        this.types = types;
        this.source = source;
        this.rowsLeft = source.rowsMax();
    }

    static LogReader open(LogSource source, LogRangePartition partition) {
        TableInfo table = source.table().unpack();
        SharedConnections.Lease lease = SharedConnections.lease(source.settings().values());
        BufferAllocator allocator = TaskMemory.child("read " + table.path());
        try {
            LogRangeReader range =
                    lease.connection()
                            .logRange(
                                    table,
                                    partition.bucket(),
                                    partition.from(),
                                    partition.to(),
                                    Optional.of(source.columns()),
                                    ServerFilter.of(table.schema(), source.filters()),
                                    allocator);
            List<DataType> types =
                    source.columns().stream()
                            .map(i -> table.schema().columns().get(i).type())
                            .toList();
            return new LogReader(lease, allocator, range, types, source);
        } catch (RuntimeException e) {
            allocator.close();
            lease.close();
            throw e;
        }
    }

    @Override
    public boolean next() {
        release();
        if (rowsLeft <= 0) {
            return false;
        }
        Optional<ScanBatch> next = range.next();
        current = next.orElse(null);
        next.ifPresent(b -> rowsLeft -= b.rows().getRowCount());
        return next.isPresent();
    }

    @Override
    public ColumnarBatch get() {
        ScanBatch batch = current;
        if (batch == null) {
            throw new IllegalStateException("get() without a successful next()");
        }
        ColumnarBatch columns = LogVectors.batch(batch.rows(), types, source.columnCount());
        return source.metadata().isEmpty() ? columns : withMetadata(columns, batch);
    }

    private ColumnarBatch withMetadata(ColumnarBatch columns, ScanBatch batch) {
        int count = columns.numCols();
        ColumnVector[] all = new ColumnVector[count + source.metadata().size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i < count ? columns.column(i) : source.metadata().get(i - count).of(batch);
        }
        return new ColumnarBatch(all, columns.numRows());
    }

    @Override
    public void close() {
        try (lease;
                allocator;
                range) {
            release();
        }
    }

    private void release() {
        ScanBatch batch = current;
        if (batch != null) {
            current = null;
            batch.close();
        }
    }
}
