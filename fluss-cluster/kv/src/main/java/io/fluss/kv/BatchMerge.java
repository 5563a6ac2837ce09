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

import io.fluss.errors.ErrorReason;
import io.fluss.formats.arrow.ChangelogWriter;
import io.fluss.formats.kv.KvBatch;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.row.RowBytes;
import io.fluss.formats.row.RowEncoder;
import io.fluss.table.TableOptions.DeleteBehavior;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns batches of upserts and deletes into changed rows and changelog batches. Changes nothing but
 * its own scratch memory, so that a batch that fails half-way leaves no trace. Belongs to the
 * bucket's loop.
 */
final class BatchMerge implements Effect, AutoCloseable {
    private static final int SCRATCH_KEPT_BYTES = 1 << 20;

    /** Kinds of requests to one table; a client that sends more gets its plan made each time. */
    private static final int PLANS_MAX = 64;

    private static final int NO_ROW = -1;

    private final KvTable table;
    private final RowsView rows;
    private final ChangelogWriter changelog;
    private final RowDecoder storedRows;
    private final RowDecoder incomingRows;
    private final RowDecoder loggedRows;
    private final RowEncoder encoder;
    private final RowCheck check;
    private final Optional<IncrementIds> ids;

    /** The incoming row with a number of its own. */
    private final MergedRow numbered;

    private final Map<PlanKey, MergePlan> plans = new HashMap<>();

    /** Rows of before, copied from wherever they were found. */
    private final ByteArena before = new ByteArena(1 << 12);

    private final RowBytes merged = new RowBytes(1 << 10);
    private final ChangelogRows records = new ChangelogRows();
    private final KvRow storedRow = new KvRow();
    private final KvRow incomingRow = new KvRow();
    private final KvRow mergedRow = new KvRow();
    private long[] hashes = new long[64];
    private int[] storedAt = new int[64];
    private int[] storedSize = new int[64];

    // The record that is being merged.
    private KvBatch batch;
    private RowChanges changes = new RowChanges(0, 0);
    private MergePlan plan;
    private long hash;
    private @Nullable KvRow stored;

    private record PlanKey(List<Integer> targetColumns, MergeMode mode) {}

    /**
     * What a batch comes to.
     *
     * @param changelog one log batch, base offset 0
     */
    record Merged(ByteBuffer changelog, RowChanges changes) {}

    BatchMerge(
            KvTable table,
            Schemas schemas,
            RowsView rows,
            ChangelogWriter changelog,
            Optional<IncrementIds> ids) {
        this.table = table;
        this.rows = rows;
        this.changelog = changelog;
        this.storedRows = new RowDecoder(table.rowFormat(), schemas);
        this.incomingRows = new RowDecoder(table.rowFormat(), schemas);
        this.loggedRows = new RowDecoder(table.rowFormat(), schemas);
        this.encoder = table.rowFormat().encoder(table.schema().rowType());
        this.check = new RowCheck(table);
        this.ids = ids;
        this.numbered = new MergedRow(table.schema().columns().size(), storedRows, incomingRows);
        this.batch = KvBatch.of(new KvBatchWriter(encoder).finish(0, -1, -1).array());
        this.plan = new MergePlan(new LastRow(), DeleteBehavior.ALLOW, true, false);
    }

    private MergePlan plan(List<Integer> targetColumns, MergeMode mode) {
        PlanKey key = new PlanKey(targetColumns, mode);
        MergePlan known = plans.get(key);
        if (known != null) {
            return known;
        }
        MergePlan made = MergePlan.of(table, targetColumns, mode, storedRows, incomingRows);
        if (plans.size() < PLANS_MAX) {
            plans.put(key, made);
        }
        return made;
    }

    /**
     * Merges one batch.
     *
     * @param unpublished batches that are in the log but not visible yet, oldest first
     * @throws io.fluss.errors.FlussException if the batch is refused; nothing has changed then
     */
    Merged merge(
            KvBatch newBatch,
            List<Integer> targetColumns,
            MergeMode mode,
            List<RowChanges> unpublished) {
        if (newBatch.schemaId() < 0 || newBatch.schemaId() > table.schemaId()) {
            throw ErrorReason.SCHEMA_NOT_EXIST.exception(
                    table.name()
                            + ": rows of schema "
                            + newBatch.schemaId()
                            + ", the latest that is known here is "
                            + table.schemaId());
        }
        batch = newBatch;
        plan = plan(List.copyOf(targetColumns), mode);
        before.clear(SCRATCH_KEPT_BYTES);
        merged.clear();
        records.clear();
        changes = new RowChanges(batch.array().length, batch.recordCount());
        findStored(unpublished);
        batch.rewind();
        for (int i = 0; batch.next(); i++) {
            hash = hashes[i];
            stored = stored(i);
            one();
        }
        return new Merged(encode(), changes);
    }

    private void one() {
        if (batch.isDelete()) {
            delete();
            return;
        }
        incomingRow.row(
                KvRow.Source.REQUEST,
                batch.array(),
                batch.rowAt(),
                batch.rowSize(),
                batch.schemaId());
        plan.engine().upsert(stored, incomingRow, this);
    }

    private void delete() {
        switch (plan.deletes()) {
            case ALLOW -> {
                if (stored != null) {
                    plan.engine().delete(stored, this);
                }
            }
            case IGNORE -> {}
            case DISABLE ->
                    throw ErrorReason.DELETION_DISABLED.exception(
                            table.name()
                                    + ": deletes are disabled by table.delete.behavior; the batch"
                                    + " was refused");
        }
    }

    // ---- what the engine decides

    @Override
    public void replace(KvRow incoming) {
        if (stored == null && ids.isPresent()) {
            incomingRows.open(incoming);
            for (int i = 0; i < table.schema().columns().size(); i++) {
                numbered.fromIncoming(i);
            }
            write(numbered);
        } else {
            put(incoming);
        }
    }

    private void put(KvRow incoming) {
        log(incoming);
        changes.put(
                hash,
                batch.array(),
                batch.keyAt(),
                batch.keySize(),
                incoming.schemaId,
                incoming.bytes,
                incoming.at,
                incoming.size);
    }

    @Override
    public void write(MergedRow row) {
        if (stored == null && ids.isPresent()) {
            row.computed(ids.get().position()).setInteger(ids.get().next());
        }
        int at = merged.size();
        encoder.encode(row, merged);
        put(
                mergedRow.row(
                        KvRow.Source.MERGED,
                        merged.array(),
                        at,
                        merged.size() - at,
                        table.schemaId()));
    }

    private void log(KvRow row) {
        KvRow old = stored;
        if (old == null) {
            changes.addToRowCount(plan.insertsAreUpdates() ? 0 : 1);
            add(plan.insertsAreUpdates() ? ChangeType.UPDATE_AFTER : ChangeType.INSERT, row);
            return;
        }
        if (table.isFullImage()) {
            add(ChangeType.UPDATE_BEFORE, old);
        }
        add(ChangeType.UPDATE_AFTER, row);
    }

    private void add(ChangeType type, KvRow row) {
        records.add(type, row, batch.keyAt(), batch.keySize());
    }

    @Override
    public void remove() {
        KvRow old = stored;
        if (old != null) {
            add(ChangeType.DELETE, old);
            changes.addToRowCount(-1);
            changes.remove(hash, batch.array(), batch.keyAt(), batch.keySize());
        }
    }

    // ---- rows of before

    /** The row of record i's key before it, which an earlier record may have changed. */
    private @Nullable KvRow stored(int i) {
        int entry = changes.find(hash, batch.array(), batch.keyAt(), batch.keySize());
        if (entry >= 0) {
            return changes.isGone(entry)
                    ? null
                    : storedRow.value(
                            KvRow.Source.CHANGES,
                            changes.array(),
                            changes.valueAt(entry),
                            changes.valueSize(entry));
        }
        return storedSize[i] == NO_ROW
                ? null
                : storedRow.value(KvRow.Source.STORED, before.array(), storedAt[i], storedSize[i]);
    }

    /** Looks for all rows that are needed: in memory first, the rest in one read of the store. */
    private void findStored(List<RowChanges> unpublished) {
        int count = batch.recordCount();
        if (count > hashes.length) {
            hashes = new long[count];
            storedAt = new int[count];
            storedSize = new int[count];
        }
        List<byte[]> cold = new ArrayList<>();
        int[] coldRecords = new int[0];
        byte[] bytes = batch.array();
        for (int i = 0; batch.next(); i++) {
            hashes[i] = KeyHash.of(bytes, batch.keyAt(), batch.keySize());
        }
        if (plan.readsStoredRow() && count > 1) {
            rows.touch(hashes, count);
        }
        batch.rewind();
        for (int i = 0; batch.next(); i++) {
            storedSize[i] = NO_ROW;
            boolean wanted =
                    batch.isDelete()
                            ? plan.deletes() == DeleteBehavior.ALLOW
                            : plan.readsStoredRow();
            if (!wanted) {
                continue;
            }
            storedAt[i] = before.size();
            int size = inMemory(unpublished, hashes[i]);
            if (size >= 0) {
                storedSize[i] = size;
            } else if (size == HotRows.UNKNOWN) {
                if (cold.isEmpty()) {
                    coldRecords = new int[count];
                }
                coldRecords[cold.size()] = i;
                cold.add(Arrays.copyOfRange(bytes, batch.keyAt(), batch.rowAt()));
            }
        }
        if (cold.isEmpty()) {
            return;
        }
        List<byte @Nullable []> values = rows.cold(cold);
        for (int c = 0; c < cold.size(); c++) {
            byte[] value = values.get(c);
            if (value != null) {
                storedAt[coldRecords[c]] = before.append(value, 0, value.length);
                storedSize[coldRecords[c]] = value.length;
            }
        }
    }

    private int inMemory(List<RowChanges> unpublished, long keyHash) {
        byte[] bytes = batch.array();
        for (int b = unpublished.size() - 1; b >= 0; b--) {
            RowChanges u = unpublished.get(b);
            int entry = u.find(keyHash, bytes, batch.keyAt(), batch.keySize());
            if (entry >= 0) {
                return RowsView.copy(u, entry, before);
            }
        }
        return rows.warm(keyHash, bytes, batch.keyAt(), batch.keySize(), before);
    }

    // ---- the changelog

    private ByteBuffer encode() {
        changelog.begin(records.count());
        KvRow row = new KvRow();
        for (int i = 0; i < records.count(); i++) {
            byte[] memory =
                    switch (records.source(i)) {
                        case REQUEST -> batch.array();
                        case STORED -> before.array();
                        case MERGED -> merged.array();
                        case CHANGES -> changes.array();
                    };
            ChangeType type = records.type(i);
            loggedRows.open(records.row(i, memory, row));
            if (type == ChangeType.INSERT || type == ChangeType.UPDATE_AFTER) {
                check.check(loggedRows, batch.array(), records.keyAt(i), records.keySize(i));
            }
            changelog.add(type, loggedRows);
        }
        return changelog.finish(table.schemaId(), batch.writerId(), batch.sequence());
    }

    @Override
    public void close() {
        changelog.close();
    }
}
