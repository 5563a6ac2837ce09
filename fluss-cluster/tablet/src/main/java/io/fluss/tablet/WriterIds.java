package io.fluss.tablet;

import java.util.concurrent.CompletableFuture;

/** Where ids of idempotent writers come from: unique in the cluster, never given twice. */
@FunctionalInterface
public interface WriterIds {
    CompletableFuture<Long> next();
}
