package io.fluss.tiering.round;

import io.fluss.errors.FlussException;
import java.util.Optional;

/**
 * How a round ended.
 *
 * @param failure present exactly when the round failed
 * @param isCut the round stopped at its time limit with work left
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
    static RoundOutcome failed(FlussException reason, long lagRecords) {
        return new RoundOutcome(Optional.of(reason), false, 0, 0, 0, lagRecords);
    }

    public boolean isFailed() {
        return failure.isPresent();
    }
}
