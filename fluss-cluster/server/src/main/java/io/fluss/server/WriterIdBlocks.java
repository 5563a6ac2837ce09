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
