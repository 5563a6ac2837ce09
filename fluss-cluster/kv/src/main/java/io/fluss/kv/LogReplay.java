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

import io.fluss.formats.log.LogBatch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Applies log batches to rows that are rebuilt. It collects them in chunks; other threads fold the
 * chunks while the owner reads on and writes earlier ones into the store. Belongs to one thread.
 */
public final class LogReplay implements AutoCloseable {
    /**
     * Chunks that are being folded; one more is being filled. Every bucket that comes back has as
     * many on the heap at a time, hence chunks of a few megabytes.
     */
    private static final int FOLDS_MAX = 2;

    private final KvTable table;
    private final Schemas schemas;
    private final RowsView rows;
    private final BufferAllocator allocator;
    private final Executor folders;
    private final Deque<Folding> folding = new ArrayDeque<>(FOLDS_MAX);
    private final Deque<ReplayChunk> spare = new ArrayDeque<>(FOLDS_MAX);
    private final int chunkRecords;
    private ReplayChunk chunk;

    private record Folding(ReplayChunk chunk, CompletableFuture<ChunkFold> result) {}

    LogReplay(
            KvTable table,
            Schemas schemas,
            RowsView rows,
            BufferAllocator allocator,
            Executor folders,
            int chunkRecords) {
        this.table = table;
        this.schemas = schemas;
        this.rows = rows;
        this.allocator = allocator;
        this.folders = folders;
        this.chunkRecords = chunkRecords;
        this.chunk = new ReplayChunk(chunkRecords);
    }

    /** Takes the next batch, which is copied. The checksum is not looked at. */
    public void add(LogBatch batch) {
        if (!chunk.takes(batch)) {
            fold();
            chunk = spare.isEmpty() ? new ReplayChunk(chunkRecords) : spare.pop();
        }
        chunk.add(batch);
    }

    /** The rows hold all batches that were added when this returns. */
    public void finish() {
        if (chunk.batches() > 0) {
            fold();
            chunk = new ReplayChunk(chunkRecords);
        }
        while (!folding.isEmpty()) {
            store();
        }
    }

    private void fold() {
        if (folding.size() == FOLDS_MAX) {
            store();
        }
        ReplayChunk full = chunk;
        folding.add(
                new Folding(
                        full,
                        CompletableFuture.supplyAsync(
                                () -> new ChunkFold(table, schemas, allocator).fold(full),
                                folders)));
    }

    /** The oldest chunk: the store takes them in the order of the log. */
    private void store() {
        Folding oldest = folding.element();
        ChunkFold folded;
        try {
            folded = oldest.result().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
        folding.remove();
        rows.rebuilt(folded.changes(), folded.order());
        oldest.chunk().clear();
        spare.push(oldest.chunk());
    }

    /** After this no other thread is at work; what was not finished is missing from the rows. */
    @Override
    public void close() {
        folding.forEach(f -> f.result().handle((ok, e) -> null).join());
        folding.clear();
    }
}
