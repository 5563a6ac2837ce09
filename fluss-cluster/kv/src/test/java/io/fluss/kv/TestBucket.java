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

import io.fluss.formats.arrow.ArrowBatches;
import io.fluss.formats.arrow.ArrowRow;
import io.fluss.formats.arrow.RowBatches;
import io.fluss.formats.keys.KeyEncoder;
import io.fluss.formats.log.ChangeType;
import io.fluss.formats.log.LogBatch;
import io.fluss.formats.row.RowValues;
import io.fluss.table.TableDescriptor;
import io.fluss.table.TableOptions.LogFormat;
import io.fluss.types.DataType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A bucket with a log in memory, for tests; a restart keeps the log only. */
final class TestBucket implements AutoCloseable {
    /** So that few records already make several chunks. */
    private static final int REPLAY_CHUNK_RECORDS = 64;

    final KvTable table;
    final KeyEncoder keys;
    private final Path directory;
    private final ExecutorService drainers = Executors.newFixedThreadPool(2);
    private final KvStorage storage;
    private final BufferAllocator allocator = new RootAllocator();
    final List<ByteBuffer> log = new ArrayList<>();
    long endOffset;
    BucketRows rows;
    private int restarts;

    TestBucket(TableDescriptor descriptor, Path directory, KvSettings settings) {
        this.table = new KvTable("db.t", 1, descriptor);
        this.keys = KeyEncoder.forPrimaryKey(descriptor);
        this.directory = directory;
        this.storage = new KvStorage(settings, drainers);
        this.rows = open(directory.resolve("0"), BucketRows.RowsAt.NOTHING);
    }

    private BucketRows open(Path at, BucketRows.RowsAt start) {
        return BucketRows.open(
                storage, at, table, id -> table.descriptor().schema(), start, allocator);
    }

    /** Prepares, appends, and leaves it to the caller to commit. */
    void write(ByteBuffer batch, List<Integer> targets, MergeMode mode) {
        append(rows.prepare(batch.array(), targets, mode));
        rows.appended(endOffset);
    }

    private void append(ByteBuffer changelog) {
        LogBatch batch = LogBatch.at(changelog, 0);
        batch.checkCrc();
        ByteBuffer prefix = batch.stampedPrefix(endOffset, 1);
        changelog.put(0, prefix, 0, prefix.remaining());
        log.add(changelog);
        endOffset = LogBatch.at(changelog, 0).nextOffset();
    }

    void restartFromLog() {
        rows.close();
        rows = open(directory.resolve(Integer.toString(++restarts)), BucketRows.RowsAt.NOTHING);
        replayFrom(0);
    }

    void restartFromCheckpoint() {
        Path into = directory.resolve(Integer.toString(++restarts));
        BucketRows.RowsAt at = rows.checkpoint(into);
        rows.close();
        rows = open(into, at);
        replayFrom(at.endOffset());
    }

    private void replayFrom(long offset) {
        try (LogReplay replay = rows.replay(drainers, REPLAY_CHUNK_RECORDS)) {
            for (ByteBuffer b : log) {
                LogBatch batch = LogBatch.at(b, 0);
                if (batch.baseOffset() >= offset) {
                    replay.add(batch);
                }
            }
            replay.finish();
        }
    }

    /** All records of the log in the form of {@link ModelTable#logged}. */
    List<String> changelog() {
        List<String> all = new ArrayList<>();
        DataType.RowType type = table.descriptor().schema().rowType();
        LogFormat format = table.descriptor().options().logFormat();
        for (ByteBuffer b : log) {
            LogBatch batch = LogBatch.at(b, 0);
            if (batch.recordCount() == 0) {
                continue;
            }
            ByteBuffer types =
                    format == LogFormat.ARROW
                            ? ArrowBatches.changeTypes(batch)
                            : RowBatches.changeTypes(batch);
            try (VectorSchemaRoot root =
                    format == LogFormat.ARROW
                            ? ArrowBatches.decode(batch, type, allocator)
                            : RowBatches.decode(batch, type, format, allocator)) {
                ArrowRow row = ArrowRow.of(root);
                for (int i = 0; i < root.getRowCount(); i++) {
                    all.add(
                            ModelTable.logged(
                                    ChangeType.of(types.get(i)).shortName(),
                                    values(row.at(i), type)));
                }
            }
        }
        return all;
    }

    List<Object> lookup(byte[] key) {
        byte[] value = rows.lookup(List.of(key)).get(0);
        return value == null ? null : decode(value);
    }

    List<Object> decode(byte[] value) {
        RowDecoder decoder = new RowDecoder(table.rowFormat(), id -> table.descriptor().schema());
        return values(
                decoder.open(new KvRow().value(KvRow.Source.STORED, value, 0, value.length)),
                table.descriptor().schema().rowType());
    }

    static List<Object> values(RowValues row, DataType.RowType type) {
        Object[] values = new Object[type.fields().size()];
        for (int i = 0; i < values.length; i++) {
            if (!row.isNull(i)) {
                values[i] =
                        type.fields().get(i).type() instanceof DataType.StringType
                                ? new String(row.bytes(i), StandardCharsets.UTF_8)
                                : (Object) row.integer(i);
            }
        }
        return Arrays.asList(values);
    }

    @Override
    public void close() {
        rows.close();
        storage.close();
        drainers.shutdownNow();
        allocator.close();
    }
}
