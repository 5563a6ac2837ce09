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
import io.fluss.formats.keys.KeyDecoder;
import io.fluss.formats.kv.KvBatch;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.formats.kv.ValueBatch;
import io.fluss.table.TableOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The key-value view of one bucket on its leader. A write goes in three steps: {@link #prepare}
 * merges a batch and gives its changelog batch, the caller appends that to the log, {@link
 * #appended} or {@link #dropped} tells how that ended; {@link #commit} makes everything below an
 * offset visible. These belong to the bucket's loop. {@link #lookup}, {@link #prefixLookup} and the
 * scans come on any thread and see committed rows only.
 */
public final class BucketRows implements AutoCloseable {
    private static final byte[] NO_PREFIX = {};

    private final KvTable table;
    private final Schemas schemas;
    private final RowsView rows;
    private final BatchMerge merge;
    private final BufferAllocator allocator;
    private final Optional<IncrementIds> ids;
    private final Deque<RowChanges> unpublished = new ArrayDeque<>();
    private @Nullable RowChanges prepared;

    private BucketRows(
            KvTable table,
            Schemas schemas,
            RowsView rows,
            BufferAllocator allocator,
            Optional<IncrementIds> ids) {
        this.table = table;
        this.schemas = schemas;
        this.rows = rows;
        this.allocator = allocator;
        this.ids = ids;
        this.merge = new BatchMerge(table, schemas, rows, changelogWriter(table, allocator), ids);
    }

    /**
     * Opens the rows in a directory, which hold the log below an offset exactly.
     *
     * @param start that offset, and how many rows there are; nothing and an empty directory for a
     *     new bucket
     * @param allocator for changelog vectors; stays the caller's
     */
    public static BucketRows open(
            KvStorage storage,
            Path directory,
            KvTable table,
            Schemas schemas,
            RowsAt start,
            BufferAllocator allocator) {
        RowsView rows =
                new RowsView(
                        table.name(),
                        storage,
                        storage.openStore(table.name(), directory),
                        new RowsView.Position(start.endOffset(), start.rowCount()));
        return new BucketRows(table, schemas, rows, allocator, IncrementIds.of(table));
    }

    /**
     * Rows at one moment.
     *
     * @param endOffset the log below it is in the rows
     * @param rowCount number of rows
     */
    public record RowsAt(long endOffset, long rowCount) {
        public static final RowsAt NOTHING = new RowsAt(0, 0);
    }

    /** These rows under a changed table: other options, or columns added. On the loop. */
    public BucketRows with(KvTable changed) {
        if (changed.equals(table)) {
            return this;
        }
        merge.close();
        BucketRows next = new BucketRows(changed, schemas, rows, allocator, ids);
        next.unpublished.addAll(unpublished);
        return next;
    }

    private static ChangelogWriter changelogWriter(KvTable table, BufferAllocator allocator) {
        TableOptions o = table.options();
        return ChangelogWriter.of(
                table.schema().rowType(),
                o.logFormat(),
                o.arrowCompression(),
                o.zstdLevel(),
                allocator);
    }

    // ---- writing, on the bucket's loop

    /**
     * Merges a batch with the rows of before, committed or not.
     *
     * @param targetColumns positions in the latest schema; empty for whole rows
     * @return one log batch with writer id and sequence of the batch; without records if nothing
     *     changes
     * @throws io.fluss.errors.FlussException if the batch is refused; nothing has changed then
     */
    public ByteBuffer prepare(byte[] batch, List<Integer> targetColumns, MergeMode mode) {
        BatchMerge.Merged merged =
                merge.merge(KvBatch.of(batch), targetColumns, mode, new ArrayList<>(unpublished));
        prepared = merged.changes();
        return merged.changelog();
    }

    /**
     * The numbers for an auto-increment column; a batch must not be prepared before there is one
     * for each of its records.
     */
    public Optional<IncrementIds> ids() {
        return ids;
    }

    /**
     * A batch that inserts rows of keys alone.
     *
     * @param partition name of the partition that these rows are of
     * @throws io.fluss.errors.FlussException with INVALID_TARGET_COLUMN for what is no key
     */
    public byte[] insertion(List<byte[]> encodedKeys, Optional<String> partition) {
        KeyDecoder decoder = KeyDecoder.of(table.name(), table.descriptor(), partition);
        KvBatchWriter out = new KvBatchWriter(table.rowFormat().encoder(table.schema().rowType()));
        for (byte[] key : encodedKeys) {
            out.upsert(key, decoder.decode(key));
        }
        return out.finish(table.schemaId(), -1, -1).array();
    }

    /** Positions of the primary key, partition columns included. */
    public List<Integer> keyColumns() {
        return table.schema().primaryKey().stream()
                .map(k -> table.schema().positionOf(k).orElseThrow())
                .toList();
    }

    /** The values of keys as {@link #lookup}, also what is in the log but not committed yet. */
    public List<byte @Nullable []> latest(List<byte[]> encodedKeys) {
        List<byte @Nullable []> values = rows.lookup(encodedKeys);
        for (RowChanges u : unpublished) {
            for (int i = 0; i < values.size(); i++) {
                byte[] key = encodedKeys.get(i);
                int entry = u.find(KeyHash.of(key, 0, key.length), key, 0, key.length);
                if (entry >= 0) {
                    values.set(i, u.value(entry));
                }
            }
        }
        return values;
    }

    /** The changelog batch of the last {@link #prepare} is in the log, which ends there now. */
    public void appended(long endOffset) {
        RowChanges changes = prepared;
        if (changes == null) {
            throw new IllegalStateException("nothing was prepared");
        }
        prepared = null;
        changes.appended(endOffset);
        unpublished.add(changes);
    }

    /** The changelog batch of the last {@link #prepare} was not appended: nothing changes. */
    public void dropped() {
        prepared = null;
    }

    /** Makes all changes visible whose log batches end at or below an offset. */
    public void commit(long offset) {
        for (RowChanges c = unpublished.peek();
                c != null && c.endOffset() <= offset;
                c = unpublished.peek()) {
            rows.publish(c);
            unpublished.remove();
        }
    }

    /**
     * Applies the log behind {@link #committedOffset} to the rows, when they are rebuilt; before
     * anything else is done with them. On any thread.
     *
     * @param folders decodes and encodes rows beside the thread that replays; must not be that
     *     thread's own pool, for which it waits
     */
    public LogReplay replay(Executor folders) {
        return replay(folders, ReplayChunk.RECORDS_MAX);
    }

    /** With smaller chunks, for tests. */
    LogReplay replay(Executor folders, int chunkRecords) {
        return new LogReplay(table, schemas, rows, allocator, folders, chunkRecords);
    }

    // ---- reading, on any thread

    /** The log below it is visible. */
    public long committedOffset() {
        return rows.committed().endOffset();
    }

    /**
     * How many rows are visible; unknown without before-images, where inserts look like updates.
     */
    public OptionalLong rowCount() {
        return isCounted() ? OptionalLong.of(rows.committed().rowCount()) : OptionalLong.empty();
    }

    /** Whether {@link #rowCount} is known. */
    public boolean isCounted() {
        return table.isFullImage();
    }

    /** The values of keys, schema id and row; null where there is none. */
    public List<byte @Nullable []> lookup(List<byte[]> encodedKeys) {
        return rows.lookup(encodedKeys);
    }

    /**
     * All values whose keys start with a prefix, in key order.
     *
     * @param bytesMax an answer that would be larger is refused
     */
    public List<byte[]> prefixLookup(byte[] prefix, long bytesMax) {
        List<byte[]> values = new ArrayList<>();
        long[] size = {0};
        rows.scan(
                prefix,
                (key, value) -> {
                    size[0] += value.length;
                    if (size[0] > bytesMax) {
                        throw ErrorReason.RECORD_TOO_LARGE.exception(
                                table.name()
                                        + ": the rows of one prefix take up more than "
                                        + bytesMax
                                        + " bytes; scan the table instead");
                    }
                    values.add(value);
                    return true;
                });
        return values;
    }

    /**
     * The first rows in key order.
     *
     * @return a value record batch
     */
    public byte[] limitScan(int limit, int bytesMax) {
        ValueBatch.Writer out = new ValueBatch.Writer();
        if (limit > 0) {
            rows.scan(
                    NO_PREFIX,
                    (key, value) -> {
                        out.add(value);
                        return out.count() < limit && out.size() < bytesMax;
                    });
        }
        return out.finish();
    }

    /** Starts a walk over all rows that are committed now. */
    public RowsScan scan() {
        return rows.openScan();
    }

    /**
     * Puts RocksDB files with the rows at one offset into a directory that does not exist yet.
     * Takes a while; writers and readers go on meanwhile.
     */
    public RowsAt checkpoint(Path into) {
        // Most of it goes to files before writers can be held up by the rest.
        rows.flushStore();
        RowsAt[] at = new RowsAt[1];
        rows.atRest(
                (store, position) -> {
                    store.checkpoint(into);
                    at[0] = new RowsAt(position.endOffset(), position.rowCount());
                });
        return at[0];
    }

    /**
     * Closes in order, so that {@link #open} can go on with the files.
     *
     * @return what the files hold
     */
    public RowsAt closeInOrder() {
        RowsAt[] at = new RowsAt[1];
        rows.atRest(
                (store, position) -> {
                    store.flush();
                    at[0] = new RowsAt(position.endOffset(), position.rowCount());
                });
        close();
        return at[0];
    }

    /** Everything committed is in RocksDB when this returns. */
    public void flush() {
        rows.drain();
    }

    /** Waits for lookups that run; later ones get NOT_LEADER_OR_FOLLOWER. */
    @Override
    public void close() {
        rows.close();
        merge.close();
    }
}
