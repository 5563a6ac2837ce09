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
package io.fluss.metastore;

import java.util.List;
import java.util.OptionalInt;

/**
 * Assignment and leadership of one bucket.
 *
 * @param bucket from 0
 * @param leader server id of the elected leader; empty: none can lead
 * @param leaderEpoch grows by one with each election
 * @param bucketEpoch grows with each change of this state
 * @param replicas server ids, preferred leader first
 * @param isr replicas that have everything committed
 */
public record BucketState(
        int bucket,
        OptionalInt leader,
        int leaderEpoch,
        int bucketEpoch,
        List<Integer> replicas,
        List<Integer> isr) {
    public BucketState {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
    }

    /** This bucket after an election; both epochs grow. */
    public BucketState elected(OptionalInt newLeader) {
        return new BucketState(bucket, newLeader, leaderEpoch + 1, bucketEpoch + 1, replicas, isr);
    }
}
