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
