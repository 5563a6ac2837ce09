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

import io.fluss.client.current.BucketRows;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.errors.ErrorReason;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a bucket of a table with a primary key: as they are now, or as they were at an
 * offset of the changelog. For the latter it reads the rows of now and takes back what the
 * changelog says has happened since; so a task that is repeated reads the same rows. Owned by one
 * task thread.
 */
final class BucketRowsReader implements PartitionReader<ColumnarBatch> {
    private final LogSource source;
    private final TableInfo table;
    private final TableBucket bucket;
    private final OptionalLong at;
    private final SharedConnections.Lease lease;
    private final BufferAllocator allocator;
    private final RowColumns columns;
    private final Deque<VectorSchemaRoot> ready = new ArrayDeque<>();
    private final Undo undo;
    private @Nullable BucketRows rows;
    private @Nullable VectorSchemaRoot current;
    private long rowsLeft;
    private boolean isUndoing;

    private BucketRowsReader(LogSource source, TableBucket bucket, OptionalLong at) {
        this.source = source;
        this.bucket = bucket;
        this.at = at;
        this.table = source.table().unpack();
        this.columns = RowColumns.of(source, table);
        this.undo = new Undo(table, source.columns());
        this.rowsLeft = source.rowsMax();
        this.lease = SharedConnections.lease(source.settings().values());
        this.allocator = TaskMemory.child("read rows of " + table.path());
    }

    /** The rows of now. */
    static BucketRowsReader open(LogSource source, BucketRowsPartition partition) {
        return new BucketRowsReader(source, partition.bucket(), OptionalLong.empty());
    }

    /**
     * The rows at an offset.
     *
     * @param source with all columns
     */
    static BucketRowsReader open(LogSource source, RowsAtPartition partition) {
        return new BucketRowsReader(
                source, partition.bucket(), OptionalLong.of(partition.offset()));
    }

    @Override
    public boolean next() {
        release();
        if (rowsLeft <= 0) {
            return false;
        }
        BucketRows reader = reader();
        while (ready.isEmpty()) {
            Optional<VectorSchemaRoot> more = reader.next();
            if (more.isEmpty()) {
                ready.addAll(undo.takeRows());
                break;
            }
            take(more.get());
        }
        VectorSchemaRoot root = ready.poll();
        if (root == null) {
            return false;
        }
        current = root;
        rowsLeft -= root.getRowCount();
        return true;
    }

    private void take(VectorSchemaRoot root) {
        if (!isUndoing) {
            ready.add(root);
            return;
        }
        try (root) {
            ready.addAll(undo.unchanged(root));
        }
    }

    private BucketRows reader() {
        BucketRows reader = rows;
        if (reader == null) {
            reader =
                    lease.connection()
                            .currentRows(table, bucket, Optional.of(source.columns()), allocator);
            rows = reader;
            if (at.isPresent()) {
                takeBack(at.getAsLong(), reader.logOffset());
            }
        }
        return reader;
    }

    private void takeBack(long wanted, long found) {
        if (found < wanted) {
            throw ErrorReason.LOG_OFFSET_OUT_OF_RANGE.exception(
                    table.path()
                            + ": the rows of bucket "
                            + bucket
                            + " are those at offset "
                            + found
                            + ", but those at "
                            + wanted
                            + " are wanted: the bucket has lost records");
        }
        if (found > wanted) {
            isUndoing = true;
            try (LogRangeReader changes =
                    lease.connection()
                            .logRange(
                                    table,
                                    bucket,
                                    wanted,
                                    found,
                                    Optional.of(source.columns()),
                                    allocator)) {
                undo.read(changes);
            }
        }
    }

    @Override
    public ColumnarBatch get() {
        VectorSchemaRoot root = current;
        if (root == null) {
            throw new IllegalStateException("get() without a successful next()");
        }
        return columns.of(root, OptionalInt.of(bucket.bucket()));
    }

    @Override
    public void close() {
        BucketRows reader = rows;
        try (lease;
                allocator;
                undo;
                reader) {
            rows = null;
            release();
            ready.forEach(VectorSchemaRoot::close);
            ready.clear();
        }
    }

    private void release() {
        VectorSchemaRoot root = current;
        if (root != null) {
            current = null;
            root.close();
        }
    }
}
