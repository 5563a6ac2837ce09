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

import io.fluss.client.lookup.LookupOptions;
import io.fluss.client.lookup.LookupRows;
import io.fluss.client.lookup.Lookuper;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.spark.write.RowBatch;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/** Looks up the keys of a task at once: one batch of the rows that are there. */
final class LookupReader implements PartitionReader<ColumnarBatch> {
    private final SharedConnections.Lease lease;
    private final BufferAllocator allocator;
    private final LogSource source;
    private final TableInfo table;
    private final LookupPartition partition;
    private boolean isRead;
    private @Nullable VectorSchemaRoot rows;

    private LookupReader(LogSource source, LookupPartition partition) {
        this.source = source;
        this.partition = partition;
        this.table = source.table().unpack();
        this.lease = SharedConnections.lease(source.settings().values());
        this.allocator = TaskMemory.child("look up " + table.path());
    }

    static LookupReader open(LogSource source, LookupPartition partition) {
        return new LookupReader(source, partition);
    }

    @Override
    public boolean next() {
        release();
        if (isRead) {
            return false;
        }
        isRead = true;
        LookupRows found = lookUp();
        if (found.rowCount() == 0) {
            return false;
        }
        rows = found.vectors(allocator);
        return true;
    }

    private LookupRows lookUp() {
        List<Column> keys =
                table.schema().primaryKey().stream().map(table.schema()::column).toList();
        List<String> wanted =
                source.columns().stream().map(table.schema().columnNames()::get).toList();
        List<Integer> ordinals = IntStream.range(0, keys.size()).boxed().toList();
        try (Lookuper lookuper =
                        lease.connection()
                                .lookuper(table, new LookupOptions(Optional.of(wanted), false));
                RowBatch batch = new RowBatch(table.path(), keys, ordinals, allocator)) {
            for (int i = 0; i < partition.keys().size(); i++) {
                batch.add(partition.keys().get(i), i);
            }
            return Await.value(lookuper.lookup(batch.rows()));
        }
    }

    @Override
    public ColumnarBatch get() {
        VectorSchemaRoot found = rows;
        if (found == null) {
            throw new IllegalStateException("get() without a successful next()");
        }
        return RowColumns.of(source, table).of(found, OptionalInt.empty());
    }

    @Override
    public void close() {
        try (lease;
                allocator) {
            release();
        }
    }

    private void release() {
        VectorSchemaRoot found = rows;
        if (found != null) {
            rows = null;
            found.close();
        }
    }
}
