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
import java.util.Map;

/**
 * The role of a replica on this server. Legal changes: every role to every role, by a command with
 * a leader epoch that is not older; only {@link NoRole} comes without an epoch, by stopping.
 */
public sealed interface Role {

    /** Not told yet, or stopped. */
    record NoRole() implements Role {}

    /**
     * Takes writes and answers reads.
     *
     * @param bucketEpoch raised with each change of {@code isr}
     * @param isr replicas that the high watermark waits for, this server included
     * @param followerEndOffsets log ends of the other replicas as far as they were told; absent
     *     means 0
     * @param startEndOffset log end when this server became leader
     */
    record Leader(
            int leaderEpoch,
            int bucketEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            Map<Integer, Long> followerEndOffsets,
            long startEndOffset)
            implements Role {
        public Leader {
            replicas = List.copyOf(replicas);
            isr = List.copyOf(isr);
            followerEndOffsets = Map.copyOf(followerEndOffsets);
        }
    }

    /** Copies the leader's log. */
    record Follower(int leaderEpoch, int bucketEpoch, int leaderId) implements Role {}
}
