package io.fluss.tiering.spark;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for answers of the cluster; every wait has an end. */
final class Calls {
    private Calls() {}

    /**
     * @param what the subject, for the message
     */
    static <T> T await(CompletableFuture<T> answer, Duration timeout, String what) {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw FlussException.from(e);
        } catch (TimeoutException e) {
            throw ErrorReason.REQUEST_TIME_OUT.exception(
                    what + ": the cluster did not answer within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.REQUEST_TIME_OUT.exception(what + ": interrupted", e);
        }
    }
}
