package io.fluss.replication;

/** What a command changes; applied by {@link ReplicaState#apply}. */
public sealed interface ReplicaEvent {

    /** The role, or something in it, is another one. */
    record RoleChanged(Role role) implements ReplicaEvent {}

    /** The log grew. */
    record EndOffsetMoved(long endOffset) implements ReplicaEvent {}

    /** Records below it are committed. */
    record HighWatermarkMoved(long highWatermark) implements ReplicaEvent {}
}
