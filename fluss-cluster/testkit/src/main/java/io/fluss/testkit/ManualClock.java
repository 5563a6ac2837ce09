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
