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

import io.fluss.spark.connection.Await;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/**
 * Batches of a task that are not acknowledged yet. Bounded: more make the task wait. Owned by one
 * task thread.
 */
final class InFlight {
    private static final int BATCHES_MAX = 64;

    private final Deque<CompletableFuture<?>> batches = new ArrayDeque<>();

    /** Waits until there is room for a batch; throws what became of earlier ones. */
    void makeRoom() {
        while (!batches.isEmpty() && (batches.size() >= BATCHES_MAX || batches.peek().isDone())) {
            Await.value(batches.remove());
        }
    }

    void add(CompletableFuture<?> batch) {
        batches.add(batch);
    }

    /** Waits for all. */
    void await() {
        while (!batches.isEmpty()) {
            Await.value(batches.remove());
        }
    }

    void forget() {
        batches.clear();
    }
}
