package io.fluss.tablet;

import java.util.concurrent.atomic.LongAdder;

/** What the data path has done since start. Thread-safe. */
public final class TabletCounters {
    final LongAdder appendedBatches = new LongAdder();
    final LongAdder appendedBytes = new LongAdder();
    final LongAdder duplicateBatches = new LongAdder();
    final LongAdder refusedAppends = new LongAdder();
    final LongAdder fetches = new LongAdder();
    final LongAdder fetchedBytes = new LongAdder();
    final LongAdder delayedFetches = new LongAdder();

    public long appendedBatches() {
        return appendedBatches.sum();
    }

    public long appendedBytes() {
        return appendedBytes.sum();
    }

    public long duplicateBatches() {
        return duplicateBatches.sum();
    }

    public long refusedAppends() {
        return refusedAppends.sum();
    }

    public long fetches() {
        return fetches.sum();
    }

    public long fetchedBytes() {
        return fetchedBytes.sum();
    }

    /** Fetches that found too little and waited. */
    public long delayedFetches() {
        return delayedFetches.sum();
    }
}
