package io.fluss.tablet;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Fetches that wait for one bucket. Thread-safe hand-over: who registers looks at the bucket's
 * snapshot again afterwards, who changes the bucket publishes the snapshot first and wakes then, so
 * that no change is missed. Bound: the host counts the waiting fetches.
 */
final class FetchWaiters {
    private final Set<FetchCall> waiting = ConcurrentHashMap.newKeySet();

    void add(FetchCall call) {
        waiting.add(call);
    }

    void remove(FetchCall call) {
        waiting.remove(call);
    }

    /** There is more to read. */
    void wake() {
        for (FetchCall c : waiting) {
            c.tryFinish();
        }
    }

    /** The bucket is not served here any more: whoever waits is answered. */
    void end() {
        for (FetchCall c : waiting) {
            c.finish();
        }
    }

    int size() {
        return waiting.size();
    }
}
