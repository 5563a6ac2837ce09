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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A loop on a thread of its own. Thread-safe. Bound: at most {@code queueSizeMax} tasks wait; more
 * are refused. A task that throws goes to the fault handler and the loop goes on.
 */
public final class ThreadLoop implements Loop, AutoCloseable {
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);

    private final ScheduledThreadPoolExecutor executor;
    private final Consumer<Throwable> faultHandler;
    private final int queueSizeMax;
    private volatile Thread thread = Thread.currentThread();

    public ThreadLoop(String name, int queueSizeMax, Consumer<Throwable> faultHandler) {
        this.faultHandler = faultHandler;
        this.queueSizeMax = queueSizeMax;
        this.executor =
                new ScheduledThreadPoolExecutor(
                        1,
                        runnable -> {
                            Thread t = new Thread(runnable, name);
                            t.setDaemon(true);
                            thread = t;
                            return t;
                        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setRemoveOnCancelPolicy(true);
        executor.prestartCoreThread();
    }

    @Override
    public void execute(Runnable task) {
        if (executor.getQueue().size() >= queueSizeMax) {
            throw new RejectedExecutionException(
                    thread.getName() + ": " + queueSizeMax + " tasks are waiting");
        }
        executor.execute(guarded(task));
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        ScheduledFuture<?> f =
                executor.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> f.cancel(false);
    }

    @Override
    public boolean isOwner() {
        return Thread.currentThread() == thread;
    }

    /** Runs what was sent before, drops what is scheduled for later, and ends the thread. */
    @Override
    public void close() {
        executor.shutdown();
        if (isOwner()) {
            return;
        }
        try {
            if (!executor.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable t) {
                faultHandler.accept(t);
            }
        };
    }
}
