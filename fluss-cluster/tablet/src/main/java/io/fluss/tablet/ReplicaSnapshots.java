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

import io.fluss.errors.FlussException;
import io.fluss.loop.Loop;
import io.fluss.remote.snapshot.BucketSnapshots;
import io.fluss.remote.snapshot.Rows;
import io.fluss.remote.snapshot.Snapshots;
import io.fluss.table.TableBucket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When snapshots of a led bucket are made: first at a moment within the interval that is the
 * bucket's own, then at each interval, never two at a time. Owned by the bucket's loop, except
 * {@link #end}; the work itself runs on the executor of the snapshots.
 */
final class ReplicaSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaSnapshots.class);

    private final Snapshots shared;
    private final BucketSnapshots snapshots;
    private final Loop loop;
    private final Supplier<Rows> rows;
    private final Path scratch;
    private CompletableFuture<Void> work = CompletableFuture.completedFuture(null);
    private Loop.@Nullable Timer timer;

    /**
     * Does nothing before {@link #start}.
     *
     * @param rows what the next snapshot is made of; called on the loop
     * @param scratch a directory beside the rows
     */
    ReplicaSnapshots(
            Snapshots shared,
            BucketSnapshots snapshots,
            Loop loop,
            Supplier<Rows> rows,
            Path scratch) {
        this.shared = shared;
        this.snapshots = snapshots;
        this.loop = loop;
        this.rows = rows;
        this.scratch = scratch;
    }

    /** What is known about the snapshots. */
    BucketSnapshots known() {
        return snapshots;
    }

    void start(TableBucket bucket) {
        loop.assertOwner();
        Duration interval = shared.settings().interval();
        if (shared.settings().isOn()) {
            // Buckets that were opened together shall not all be copied together.
            double part = Integer.toUnsignedLong(bucket.hashCode() * 0x9E3779B9) / 0x1p32;
            long firstMs = 1 + (long) (interval.toMillis() * part);
            timer = loop.schedule(Duration.ofMillis(firstMs), this::next);
        }
    }

    private void next() {
        if (snapshots.isEnded()) {
            return;
        }
        Rows now = rows.get();
        CompletableFuture<Void> done = new CompletableFuture<>();
        work = done;
        try {
            shared.executor().execute(() -> attempt(now, done));
        } catch (RejectedExecutionException e) {
            done.complete(null);
            LOG.warn("{}: no snapshot is made: too much to do", snapshots);
            later();
        }
    }

    private void attempt(Rows now, CompletableFuture<Void> done) {
        try {
            var unused = snapshots.run(now, scratch);
        } catch (RuntimeException e) {
            report(FlussException.from(e));
        } finally {
            try {
                loop.execute(this::later);
            } catch (RejectedExecutionException e) {
                LOG.debug("{}: the server closes", snapshots, e);
            }
            done.complete(null);
        }
    }

    private void report(FlussException e) {
        if (snapshots.isEnded()) {
            LOG.info("{}: a snapshot was given up: {}", snapshots, e.getMessage());
        } else {
            LOG.warn("{}: a snapshot failed, it is tried again", snapshots, e);
        }
    }

    private void later() {
        if (!snapshots.isEnded()) {
            timer = loop.schedule(shared.settings().interval(), this::next);
        }
    }

    /** Lets a running snapshot stop at its next step; for any thread. */
    void end() {
        snapshots.end();
    }

    /** No more snapshots; completes when none is being made. */
    CompletableFuture<Void> stop() {
        loop.assertOwner();
        snapshots.end();
        if (timer != null) {
            timer.cancel();
        }
        return work;
    }
}
