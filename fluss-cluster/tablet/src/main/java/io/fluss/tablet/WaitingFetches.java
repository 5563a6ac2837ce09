package io.fluss.tablet;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the fetches that wait for data, up to a bound. Thread-safe. */
final class WaitingFetches {
    private final int max;
    private final AtomicInteger count = new AtomicInteger();

    WaitingFetches(int max) {
        this.max = max;
    }

    /** Takes a place; false if all are taken. */
    boolean enter() {
        if (count.incrementAndGet() <= max) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }

    void leave() {
        count.decrementAndGet();
    }

    int size() {
        return count.get();
    }
}
