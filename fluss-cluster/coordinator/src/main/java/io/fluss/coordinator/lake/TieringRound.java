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
package io.fluss.coordinator.lake;

import java.util.Optional;

/**
 * A round that is over, as its service told or, if that told nothing, as the schedule saw it.
 * Immutable.
 *
 * @param endedMs when the coordinator heard of it
 * @param hasMore stopped with work left
 * @param error present if the round failed
 * @param restMs how long the service leaves a failed table alone
 * @param service who did it; empty text if it did not tell
 */
public record TieringRound(
        long endedMs,
        long durationMs,
        Sizes sizes,
        boolean hasMore,
        Optional<String> error,
        long restMs,
        String service) {
    private static final int ERROR_LENGTH_MAX = 1_000;
    private static final int SERVICE_LENGTH_MAX = 100;

    /** What was committed, and how many records of the log were left. Negative: not known. */
    public record Sizes(long rows, long files, long bytes, long lagRecords) {
        static final Sizes UNKNOWN = new Sizes(-1, -1, -1, -1);
    }

    public TieringRound {
        error = error.map(e -> cut(e, ERROR_LENGTH_MAX));
        service = cut(service, SERVICE_LENGTH_MAX);
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length) + "...";
    }

    static TieringRound untold(long endedMs, long durationMs, Optional<String> error) {
        return new TieringRound(endedMs, durationMs, Sizes.UNKNOWN, false, error, 0, "");
    }
}
