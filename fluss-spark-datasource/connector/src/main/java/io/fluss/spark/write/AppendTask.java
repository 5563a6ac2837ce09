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
package io.fluss.spark.write;

import io.fluss.client.append.AppendWriter;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.table.TableInfo;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * Appends the rows of one task. {@link #commit} returns when the cluster has acknowledged all of
 * them; rows are visible from their acknowledgement on, so a failed and repeated task leaves rows
 * twice. Owned by one task thread.
 */
final class AppendTask implements DataWriter<InternalRow> {
    private final SharedConnections.Lease lease;
    private final BufferAllocator allocator;
    private final AppendWriter writer;
    private final RowBatch batch;
    private final InFlight inFlight = new InFlight();
    private long rowCount;

    private AppendTask(
            SharedConnections.Lease lease,
            BufferAllocator allocator,
            AppendWriter writer,
            RowBatch batch) {
        this.lease = lease;
        this.allocator = allocator;
        this.writer = writer;
        this.batch = batch;
    }

    static AppendTask open(AppendTarget target) {
        TableInfo table = target.table().unpack();
        SharedConnections.Lease lease = SharedConnections.lease(target.settings().values());
        BufferAllocator allocator = TaskMemory.child("append " + table.path());
        RowBatch batch;
        try {
            batch = new RowBatch(table, target.columns(), allocator);
        } catch (RuntimeException e) {
            try (lease;
                    allocator) {
                throw e;
            }
        }
        try {
            return new AppendTask(lease, allocator, lease.connection().appendWriter(table), batch);
        } catch (RuntimeException e) {
            try (lease;
                    allocator;
                    batch) {
                throw e;
            }
        }
    }

    @Override
    public void write(InternalRow row) {
        batch.add(row, rowCount);
        rowCount++;
        if (batch.isFull()) {
            send();
        }
    }

    @Override
    public WriterCommitMessage commit() {
        send();
        CompletableFuture<Void> flushed = writer.flush();
        inFlight.await();
        Await.value(flushed);
        return new Appended(rowCount);
    }

    @Override
    public void abort() {
        // What was acknowledged cannot be taken back; close() releases the rest.
    }

    @Override
    public void close() {
        try (lease;
                allocator;
                batch;
                writer) {
            inFlight.forget();
        }
    }

    private void send() {
        if (batch.isEmpty()) {
            return;
        }
        inFlight.makeRoom();
        inFlight.add(writer.append(batch.rows()));
        batch.reset();
    }

    /** How many rows a task has appended. */
    record Appended(long rows) implements WriterCommitMessage {
        private static final long serialVersionUID = 1L;
    }
}
