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
import io.fluss.spark.mask.SelectedVector;
import io.fluss.table.TableInfo;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a range of a bucket's changelog leaves. The range is read twice: the keys tell
 * which changes are the last ones, then these are handed out. So memory holds keys and a bit per
 * change, but no rows. Owned by one task thread.
 */
final class TailReader implements PartitionReader<ColumnarBatch> {
    private final Tails tails;
    private final LogRangePartition range;
    private final TableInfo table;
    private final LogSource source;
    private final RowColumns columns;
    private final SharedConnections.Lease lease;
    private final BufferAllocator allocator;
    private long rowsLeft;
    private @Nullable BitSet live;
    private @Nullable LogRangeReader log;
    private @Nullable ScanBatch current;
    private int[] rows = new int[0];
    private int count;

    private TailReader(LogSource source, Tails tails, LogRangePartition range) {
        this.source = source;
        this.tails = tails;
        this.range = range;
        this.table = source.table().unpack();
        this.columns = RowColumns.of(source, table);
        this.rowsLeft = source.rowsMax();
        this.lease = SharedConnections.lease(source.settings().values());
        this.allocator = TaskMemory.child("read the end of " + table.path());
    }

    static TailReader open(LogSource source, Tails tails, LogRangePartition range) {
        return new TailReader(source, tails, range);
    }

    @Override
    public boolean next() {
        release();
        BitSet l = live;
        if (l == null) {
            l = tails.live(range);
            live = l;
        }
        if (l.isEmpty()) {
            return false;
        }
        while (rowsLeft > 0) {
            ScanBatch batch = log().next().orElse(null);
            if (batch == null) {
                return false;
            }
            current = batch;
            select(batch, l);
            if (count > 0) {
                rowsLeft -= count;
                return true;
            }
            release();
        }
        return false;
    }

    private LogRangeReader log() {
        LogRangeReader reader = log;
        if (reader == null) {
            reader =
                    lease.connection()
                            .logRange(
                                    table,
                                    range.bucket(),
                                    range.from(),
                                    range.to(),
                                    Optional.of(source.columns()),
                                    allocator);
            log = reader;
        }
        return reader;
    }

    private void select(ScanBatch batch, BitSet l) {
        int all = batch.rows().getRowCount();
        if (rows.length < all) {
            rows = new int[all];
        }
        int first = Math.toIntExact(batch.baseOffset() - range.from());
        count = 0;
        for (int i = 0; i < all; i++) {
            rows[count] = i;
            count += l.get(first + i) ? 1 : 0;
        }
    }

    @Override
    public ColumnarBatch get() {
        ScanBatch batch = current;
        if (batch == null) {
            throw new IllegalStateException("get() without a successful next()");
        }
        ColumnarBatch all = columns.of(batch.rows(), OptionalInt.of(range.bucket().bucket()));
        return SelectedVector.of(all, rows, count, all.numCols());
    }

    @Override
    public void close() {
        LogRangeReader reader = log;
        try (lease;
                allocator;
                reader) {
            log = null;
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
