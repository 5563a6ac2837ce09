package io.fluss.client.cluster;

import java.time.Duration;

/** How long to wait before an attempt is repeated: 100 ms, doubling up to 2 s. */
public final class Backoff {
    private static final long FIRST_MS = 100;
    private static final int DOUBLINGS_MAX = 5;
    private static final long MAX_MS = 2_000;

    private Backoff() {}

    /**
     * @param failures number of failed attempts so far, from 1
     */
    public static Duration after(int failures) {
        int doublings = Math.min(DOUBLINGS_MAX, Math.max(0, failures - 1));
        return Duration.ofMillis(Math.min(MAX_MS, FIRST_MS << doublings));
    }
}
