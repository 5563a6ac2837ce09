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
package io.fluss.loop;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * The owner of a state: tasks run one after the other, in the order they were sent, and see each
 * other's effects. State that a loop owns has no lock. Production runs a loop on a thread, tests
 * turn it by hand.
 */
public interface Loop extends Executor {

    /**
     * Runs the task later on this loop.
     *
     * @throws RejectedExecutionException if the loop is closed or its queue is full
     */
    @Override
    void execute(Runnable task);

    /** Runs the task once after the delay. Closing the loop drops tasks that are not due. */
    Timer schedule(Duration delay, Runnable task);

    /** Whether the caller runs on this loop. */
    boolean isOwner();

    /** Fails if the caller is not on this loop: a method that must run on it begins with this. */
    default void assertOwner() {
        if (!isOwner()) {
            throw new IllegalStateException("called outside its loop by " + Thread.currentThread());
        }
    }

    /**
     * Runs the supplier on this loop and gives its result; failures complete the future
     * exceptionally.
     */
    default <T> CompletableFuture<T> submit(Supplier<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        execute(
                () -> {
                    try {
                        result.complete(task.get());
                    } catch (Throwable t) {
                        // Whoever waits must get an answer, whatever has happened.
                        result.completeExceptionally(t);
                        if (t instanceof Error e) {
                            throw e;
                        }
                    }
                });
        return result;
    }

    /** A task that waits for its time. */
    interface Timer {
        /** Does nothing if the task has already run. */
        void cancel();
    }
}
