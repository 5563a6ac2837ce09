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
package io.fluss.replication;

import java.util.List;

/** What can happen to a replica. */
public sealed interface ReplicaCommand {

    /** The coordinator made this server the leader, or tells its leader of a new ISR. */
    record BecomeLeader(int leaderEpoch, int bucketEpoch, List<Integer> replicas, List<Integer> isr)
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
