package io.fluss.replication;

import java.util.List;

/** What can happen to a replica. */
public sealed interface ReplicaCommand {

    /** The coordinator made this server the leader, or tells its leader of a new ISR. */
    record BecomeLeader(
            int leaderEpoch, int bucketEpoch, List<Integer> replicas, List<Integer> isr)
            implements ReplicaCommand {
        public BecomeLeader {
            replicas = List.copyOf(replicas);
            isr = List.copyOf(isr);
        }
    }

    /** The coordinator made another server the leader. */
    record BecomeFollower(int leaderEpoch, int bucketEpoch, int leaderId)
            implements ReplicaCommand {}

    /** The replica is taken off this server. */
    record Stop() implements ReplicaCommand {}

    /** The log of this server now ends there. */
    record LocalAppended(long endOffset) implements ReplicaCommand {}

    /** A follower asked for this offset and so holds everything below it. */
    record FollowerFetched(int serverId, long offset) implements ReplicaCommand {}
}
