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
package io.fluss.tiering.round;

import io.fluss.client.lake.TieringRound;
import io.fluss.errors.FlussException;
import java.util.Optional;

/**
 * How a round ended.
 *
 * @param failure present exactly when the round failed
 * @param isCut the round stopped with work left, which is due at once
 * @param lagRecords records in the log but not in the lake, of those that were in the log when the
 *     round was planned
 */
public record RoundOutcome(
        Optional<FlussException> failure,
        boolean isCut,
        long rows,
        long files,
        long sizeBytes,
        long lagRecords) {
    private static final int ERROR_LENGTH_MAX = 1_000;

    public static RoundOutcome failed(FlussException reason, long lagRecords) {
        return new RoundOutcome(Optional.of(reason), false, 0, 0, 0, lagRecords);
    }

    /**
     * As it is reported to the cluster.
     *
     * @param restMs how long the table is left alone if the round failed
     */
    public TieringRound round(long durationMs, long restMs, String service) {
        return new TieringRound(
                0,
                durationMs,
                isFailed()
                        ? Optional.empty()
                        : Optional.of(new TieringRound.Sizes(rows, files, sizeBytes, lagRecords)),
                isCut,
                failure.map(f -> cut(String.valueOf(f.getMessage()))),
                restMs,
                service);
    }

    private static String cut(String text) {
        return text.length() <= ERROR_LENGTH_MAX ? text : text.substring(0, ERROR_LENGTH_MAX);
    }

    public boolean isFailed() {
        return failure.isPresent();
    }
}
