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
package io.fluss.remote;

import io.fluss.errors.ErrorReason;

/** Counts the steps that change something, and ends one of them by a crash or an error. */
public final class Steps {
    private int left = Integer.MAX_VALUE;
    private Ending ending = Ending.CRASH_BEFORE;
    private boolean isTaken;

    /** How a step ends. */
    public enum Ending {
        CRASH_BEFORE,
        CRASH_AFTER,
        ERROR_BEFORE,
        ERROR_AFTER
    }

    /** The process ends here. */
    public static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    public void endAt(int step, Ending how) {
        left = step;
        ending = how;
        isTaken = false;
    }

    public void never() {
        left = Integer.MAX_VALUE;
    }

    /** Whether the step that was to end came. */
    public boolean isTaken() {
        return isTaken;
    }

    public void step(Runnable change) {
        boolean isLast = left-- == 0;
        isTaken |= isLast;
        if (isLast && ending == Ending.CRASH_BEFORE) {
            throw new Crash();
        }
        if (isLast && ending == Ending.ERROR_BEFORE) {
            throw ErrorReason.STORAGE.exception("refused");
        }
        change.run();
        if (isLast && ending == Ending.CRASH_AFTER) {
            throw new Crash();
        }
        if (isLast && ending == Ending.ERROR_AFTER) {
            throw ErrorReason.STORAGE.exception("no answer");
        }
    }
}
