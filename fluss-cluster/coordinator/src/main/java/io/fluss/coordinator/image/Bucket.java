package io.fluss.coordinator.image;

import io.fluss.metastore.BucketState;
import java.util.OptionalInt;

/**
 * A bucket as readers see it.
 *
 * @param isServing whether the elected leader has said that it serves
 */
public record Bucket(BucketState state, boolean isServing) {

    /** The leader to name to clients: only one that serves. */
    public OptionalInt servingLeader() {
        return isServing ? state.leader() : OptionalInt.empty();
    }
}
