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
package io.fluss.log;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which runs of batches of a segment were not yet read since the process started. A run is what
 * lies between two entries of the offset index; run {@code i} ends at entry {@code i}. Bytes that
 * this process has appended or scanned need no check. Thread-safe; a run may be checked twice.
 */
final class UncheckedRuns {
    static final UncheckedRuns NONE = new UncheckedRuns(0);

    private final int count;
    private final AtomicLongArray checked;
    private final AtomicBoolean isReported = new AtomicBoolean();

    /**
     * @param count the runs below it are not checked yet
     */
    UncheckedRuns(int count) {
        this.count = count;
        this.checked = new AtomicLongArray((count + 63) / 64);
    }

    boolean isChecked(int run) {
        return run >= count || (checked.get(run / 64) & 1L << run % 64) != 0;
    }

    /** True once: the first reader that finds damage reports it, those who try again do not. */
    boolean isFirstReport() {
        return isReported.compareAndSet(false, true);
    }

    void checked(int run) {
        if (run < count) {
            checked.accumulateAndGet(run / 64, 1L << run % 64, (a, b) -> a | b);
        }
    }
}
