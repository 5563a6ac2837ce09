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

import io.fluss.loop.Loop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces the logs of one data directory, on one thread of its own: group commit. A replica asks at
 * most once until it is answered, so that all appends of all buckets that arrive while a round runs
 * share the next one, and what waits is bounded by the number of replicas. Thread-safe.
 */
final class DiskSync {
    private static final Logger LOG = LoggerFactory.getLogger(DiskSync.class);
    private static final Duration RETRY = Duration.ofMillis(10);

    private final Loop thread;
    private final Queue<Replica> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isSent = new AtomicBoolean();

    DiskSync(Loop thread) {
        this.thread = thread;
    }

    /** The replica is told on its loop: {@link Replica#forced} or {@link Replica#forceFailed}. */
    void request(Replica replica) {
        waiting.add(replica);
        if (isSent.compareAndSet(false, true)) {
            thread.execute(this::round);
        }
    }

    private void round() {
        isSent.set(false);
        List<Replica> now = new ArrayList<>();
        for (Replica r = waiting.poll(); r != null; r = waiting.poll()) {
            now.add(r);
        }
        now.forEach(this::force);
    }

    private void force(Replica replica) {
        try {
            long endOffset = replica.forceLog();
            answer(replica, () -> replica.forced(endOffset));
        } catch (IOException e) {
            answer(replica, () -> replica.forceFailed(e));
        }
    }

    private void answer(Replica replica, Runnable task) {
        try {
            replica.loop().execute(task);
        } catch (RejectedExecutionException full) {
            try {
                // The handle is not kept: closing the thread drops the task.
                var unused = thread.schedule(RETRY, () -> answer(replica, task));
            } catch (RejectedExecutionException closing) {
                LOG.debug("bucket {} is closing", replica.bucket(), closing);
            }
        }
    }
}
