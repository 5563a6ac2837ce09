package io.fluss.server;

import io.fluss.metastore.Counters;
import io.fluss.metastore.Counters.Counter;
import io.fluss.tablet.WriterIds;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Writer ids, taken from the metadata store in blocks; a block that was not used up is lost at a
 * restart. Thread-safe.
 */
final class WriterIdBlocks implements WriterIds {
    private static final int BLOCK = 1000;

    private final Counters counters;
    private final Executor io;
    // Guarded by this: next <= end, and ids [next, end) belong to this process.
    private long next;
    private long end;

    WriterIdBlocks(Counters counters, Executor io) {
        this.counters = counters;
        this.io = io;
    }

    @Override
    public CompletableFuture<Long> next() {
        return CompletableFuture.supplyAsync(this::take, io);
    }

    private synchronized long take() {
        if (next == end) {
            next = counters.take(Counter.WRITER_ID, BLOCK);
            end = next + BLOCK;
        }
        return next++;
    }
}
