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

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for tasks that may block: disks, remote storage. */
public final class WorkerThreads {
    private static final long IDLE_SECONDS = 30;

    private WorkerThreads() {}

    /**
     * Daemon threads that come with the first tasks and go when there is nothing to do. Whoever
     * asks for them shuts them down.
     *
     * @param name of each thread
     * @param threads at most, 1 or more
     * @param waitingMax tasks that wait at most; more are refused with {@link
     *     java.util.concurrent.RejectedExecutionException}
     */
    public static ExecutorService of(String name, int threads, int waitingMax) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(waitingMax),
                        task -> {
                            Thread t = new Thread(task, name);
                            t.setDaemon(true);
                            return t;
                        });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
