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
package io.fluss.tablet;

import io.fluss.errors.ErrorReason;
import io.fluss.formats.log.LogBatch;
import io.fluss.kv.BucketRows;
import io.fluss.kv.KvSettings;
import io.fluss.kv.KvStorage;
import io.fluss.kv.KvTable;
import io.fluss.kv.Schemas;
import io.fluss.log.LogSlice;
import io.fluss.log.LogView;
import io.fluss.table.TableInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens and closes the rows of buckets with a primary key, in a directory beside the log. After an
 * orderly end they go on where they were; after a crash they are rebuilt from the log. Calls for a
 * bucket come from its loop.
 */
final class KeyedBuckets implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyedBuckets.class);
    private static final int READ_BYTES = 4 << 20;

    private final KvSettings settings;
    private @Nullable Shared shared;

    /** What all buckets share; made for the first one, since many servers have none. */
    private record Shared(KvStorage storage, ExecutorService drainers, BufferAllocator allocator) {
        static Shared of(KvSettings settings) {
            ExecutorService drainers =
                    Executors.newFixedThreadPool(
                            settings.drainThreads(),
                            task -> {
                                Thread t = new Thread(task, "kv-flush");
                                t.setDaemon(true);
                                return t;
                            });
            return new Shared(new KvStorage(settings, drainers), drainers, new RootAllocator());
        }
    }

    KeyedBuckets(KvSettings settings) {
        this.settings = settings;
    }

    private synchronized Shared shared() {
        if (shared == null) {
            shared = Shared.of(settings);
        }
        return shared;
    }

    /**
     * The rows of a bucket, which hold its whole log.
     *
     * @param directory of the rows, see {@link #directory}
     * @throws io.fluss.errors.FlussException with KV_STORAGE if they cannot be rebuilt
     */
    BucketRows open(String name, Path directory, TableInfo table, Schemas schemas, LogView log) {
        Optional<BucketRows.RowsAt> kept = takeMark(directory);
        BucketRows.RowsAt start =
                kept.filter(
                                k ->
                                        k.endOffset() >= log.startOffset()
                                                && k.endOffset() <= log.endOffset())
                        .orElse(BucketRows.RowsAt.NOTHING);
        if (start.endOffset() == 0) {
            DirectoryTree.delete(directory);
        }
        if (log.startOffset() > start.endOffset()) {
            throw ErrorReason.KV_STORAGE.exception(
                    name
                            + ": its rows cannot be rebuilt, the log starts at offset "
                            + log.startOffset()
                            + ", but is needed from "
                            + start.endOffset());
        }
        BucketRows rows =
                BucketRows.open(
                        shared().storage(),
                        directory,
                        KvTable.of(table),
                        schemas,
                        start,
                        shared().allocator());
        boolean complete = false;
        try {
            replay(name, rows, start.endOffset(), log);
            complete = true;
            return rows;
        } catch (IOException e) {
            throw ErrorReason.KV_STORAGE.exception(
                    name + ": its rows cannot be rebuilt from the log: " + e, e);
        } finally {
            if (!complete) {
                rows.close();
            }
        }
    }

    private static void replay(String name, BucketRows rows, long from, LogView log)
            throws IOException {
        long at = from;
        while (at < log.endOffset()) {
            try (LogSlice slice = log.read(at, READ_BYTES, true, log.endOffset())) {
                for (LogSlice.Range range : slice.ranges()) {
                    ByteBuffer bytes =
                            ByteBuffer.allocate(range.size()).order(ByteOrder.LITTLE_ENDIAN);
                    range.read(bytes, 0);
                    bytes.flip();
                    for (int p = 0; p < bytes.limit(); ) {
                        LogBatch batch = LogBatch.at(bytes, p);
                        if (batch.baseOffset() >= at) {
                            rows.replay(batch);
                            at = batch.nextOffset();
                        }
                        p += batch.size();
                    }
                }
            }
        }
        if (at > from) {
            LOG.info("{}: rows rebuilt from the log, offsets {} to {}", name, from, at);
        }
    }

    /** Closes rows: removes their files, or leaves them so that {@link #open} goes on there. */
    void close(BucketRows rows, Path directory, boolean deleteData) {
        if (deleteData) {
            rows.close();
            DirectoryTree.delete(directory);
            return;
        }
        try {
            BucketRows.RowsAt at = rows.closeInOrder();
            Files.writeString(
                    mark(directory),
                    at.endOffset() + " " + at.rowCount() + "\n",
                    StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: not closed in order, rows are rebuilt at the next start", directory, e);
            rows.close();
        }
    }

    /** Beside {@code log-0}: {@code kv-0}. */
    static Path directory(Path log) {
        return log.resolveSibling("kv-" + log.getFileName().toString().substring("log-".length()));
    }

    /** Beside the directory, since RocksDB owns what is in it. */
    private static Path mark(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".closed");
    }

    /** Reads the mark and removes it: it is true until something is written. */
    private static Optional<BucketRows.RowsAt> takeMark(Path directory) {
        Path mark = mark(directory);
        try {
            if (!Files.exists(mark)) {
                return Optional.empty();
            }
            List<String> fields =
                    List.of(Files.readString(mark, StandardCharsets.UTF_8).strip().split(" "));
            Files.delete(mark);
            return fields.size() == 2
                    ? Optional.of(
                            new BucketRows.RowsAt(
                                    Long.parseLong(fields.get(0)), Long.parseLong(fields.get(1))))
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            LOG.warn("{} cannot be read, the rows are rebuilt: {}", mark, e.toString());
            return Optional.empty();
        }
    }

    @Override
    public synchronized void close() {
        if (shared != null) {
            shared.drainers().shutdown();
            shared.storage().close();
            shared.allocator().close();
            shared = null;
        }
    }
}
