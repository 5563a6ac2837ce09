package io.fluss.client.cluster;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The border between callers that block and the client, which does not. */
public final class Blocking {
    private Blocking() {}

    /**
     * Waits for a result on the caller's thread; failures are thrown as what they are.
     *
     * @throws FlussException with NETWORK if the thread is interrupted; it stays interrupted
     */
    public static <T> T await(CompletableFuture<T> future, String what) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorReason.NETWORK.exception("interrupted while waiting for " + what, e);
        } catch (ExecutionException e) {
            throw FlussException.from(e);
        }
    }
}
