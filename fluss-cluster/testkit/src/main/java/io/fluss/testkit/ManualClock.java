package io.fluss.testkit;

import io.fluss.time.Clock;
import java.time.Duration;

/** A clock that stands still until a test turns it. */
public final class ManualClock implements Clock {
    private long nowMs;
    private long nanos;

    public ManualClock(long nowMs) {
        this.nowMs = nowMs;
    }

    @Override
    public long nowMs() {
        return nowMs;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    public void advance(Duration by) {
        nowMs += by.toMillis();
        nanos += by.toNanos();
    }

    /** Sets the wall clock only, as an operator may. */
    public void setNowMs(long ms) {
        nowMs = ms;
    }
}
