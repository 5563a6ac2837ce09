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
package io.fluss.spark.connection;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waiting for the client from Spark's threads, which are made for blocking. */
public final class Await {
    private Await() {}

    /**
     * The value of a future.
     *
     * @throws FlussException what it failed with; REQUEST_TIME_OUT if the waiting thread was
     *     interrupted, as Spark does when it kills a task
     */
    public static <T> T value(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw FlussException.from(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.REQUEST_TIME_OUT.exception(
                    "interrupted while waiting for the cluster", e);
        }
    }
}
