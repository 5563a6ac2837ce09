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

import io.fluss.client.append.UpsertWriter;
import io.fluss.errors.ErrorReason;
import io.fluss.spark.connection.Await;
import io.fluss.spark.connection.SharedConnections;
import io.fluss.spark.connection.TaskMemory;
import io.fluss.spark.types.SparkTypes;
import io.fluss.spark.write.AppendTask.Appended;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DeltaWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Upserts and deletes the rows of one task, in their order. {@link #commit} returns when the
 * cluster has acknowledged all of them. A task that is repeated puts the same rows in the same
 * places. Owned by one task thread.
 */
final class UpsertTask implements DeltaWriter<InternalRow> {
    private static final UTF8String INSERT = UTF8String.fromString("insert");
    private static final UTF8String UPDATE_AFTER = UTF8String.fromString("update_after");
    private static final UTF8String UPDATE_BEFORE = UTF8String.fromString("update_before");
    private static final UTF8String DELETE = UTF8String.fromString("delete");

    private final UpsertTarget target;
    private final TableInfo table;
    private final SharedConnections.Lease lease;
    private final BufferAllocator allocator;
    private final InFlight inFlight = new InFlight();
    private final BitSet deletes = new BitSet();
    private @Nullable RowBatch rows;
    private @Nullable RowBatch keys;
    private @Nullable UpsertWriter writer;
    private long rowCount;

    private UpsertTask(
            UpsertTarget target,
            TableInfo table,
            SharedConnections.Lease lease,
            BufferAllocator allocator) {
        this.target = target;
        this.table = table;
        this.lease = lease;
        this.allocator = allocator;
    }

    static UpsertTask open(UpsertTarget target) {
        TableInfo table = target.table().unpack();
        SharedConnections.Lease lease = SharedConnections.lease(target.settings().values());
        return new UpsertTask(
                target, table, lease, TaskMemory.child("upsert into " + table.path()));
    }

    @Override
    public void write(InternalRow row) {
        int at = target.columns().changeType();
        if (at < 0) {
            put(row, false);
            return;
        }
        UTF8String change = row.isNullAt(at) ? null : row.getUTF8String(at);
        if (INSERT.equals(change) || UPDATE_AFTER.equals(change)) {
            put(row, false);
        } else if (DELETE.equals(change)) {
            put(row, true);
        } else if (!UPDATE_BEFORE.equals(change)) {
            throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                    table.path()
                            + ": column '_change_type' is "
                            + (change == null ? "null" : "'" + change + "'")
                            + " (row "
                            + rowCount
                            + " of this task, from 0), but must be insert, update_before,"
                            + " update_after or delete");
        }
    }

    @Override
    public void insert(InternalRow row) {
        put(row, false);
    }

    @Override
    public void update(InternalRow metadata, InternalRow id, InternalRow row) {
        refuseOtherKey(id, row);
        put(row, false);
    }

    @Override
    public void delete(InternalRow metadata, InternalRow id) {
        RowBatch batch = keys;
        if (batch == null) {
            batch = new RowBatch(table.path(), keyColumns(), target.keyOrdinals(), allocator);
            keys = batch;
        }
        batch.add(id, rowCount++);
        if (batch.isFull()) {
            sendKeys();
        }
    }

    /** Rows of different tasks have no order, so a key could go after another row got it. */
    private void refuseOtherKey(InternalRow id, InternalRow row) {
        List<Column> keyColumns = keyColumns();
        for (int i = 0; i < keyColumns.size(); i++) {
            Column c = keyColumns.get(i);
            int position = table.schema().positionOf(c.name()).orElseThrow();
            int ordinal =
                    target.columns().ordinals().get(target.columns().positions().indexOf(position));
            var type = SparkTypes.of(c.type());
            if (!Objects.deepEquals(
                    id.get(target.keyOrdinals().get(i), type), row.get(ordinal, type))) {
                throw ErrorReason.INVALID_TARGET_COLUMN.exception(
                        table.path()
                                + ": column '"
                                + c.name()
                                + "' belongs to the primary key and cannot be changed by an update;"
                                + " delete the row and insert another");
            }
        }
    }

    private List<Column> keyColumns() {
        return table.schema().primaryKey().stream().map(table.schema()::column).toList();
    }

    private void put(InternalRow row, boolean isDelete) {
        RowBatch batch = rows;
        if (batch == null) {
            batch =
                    new RowBatch(
                            table.path(),
                            target.columns().of(table),
                            target.columns().ordinals(),
                            allocator);
            rows = batch;
        }
        deletes.set(batch.rowCount(), isDelete);
        batch.add(row, rowCount++);
        if (batch.isFull()) {
            sendRows();
        }
    }

    private void sendRows() {
        RowBatch batch = rows;
        if (batch != null && !batch.isEmpty()) {
            inFlight.makeRoom();
            inFlight.add(writer().write(batch.rows(), (BitSet) deletes.clone()));
            batch.reset();
            deletes.clear();
        }
    }

    private void sendKeys() {
        RowBatch batch = keys;
        if (batch != null && !batch.isEmpty()) {
            inFlight.makeRoom();
            inFlight.add(writer().delete(batch.rows()));
            batch.reset();
        }
    }

    private UpsertWriter writer() {
        UpsertWriter w = writer;
        if (w == null) {
            w = lease.connection().upsertWriter(table, target.options(table));
            writer = w;
        }
        return w;
    }

    @Override
    public WriterCommitMessage commit() {
        // Of one statement, no key is both deleted and put: the order does not matter.
        sendKeys();
        sendRows();
        UpsertWriter w = writer;
        if (w != null) {
            var flushed = w.flush();
            inFlight.await();
            Await.value(flushed);
        }
        return new Appended(rowCount);
    }

    @Override
    public void abort() {
        // What was acknowledged cannot be taken back; close() releases the rest.
    }

    @Override
    public void close() {
        inFlight.forget();
        RowBatch openRows = rows;
        RowBatch openKeys = keys;
        UpsertWriter openWriter = writer;
        try (lease;
                allocator;
                openRows;
                openKeys;
                openWriter) {
            rows = null;
            keys = null;
            writer = null;
        }
    }
}
