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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicaStateTest {
    private ReplicaState state = ReplicaState.opened("b", 1, 10);

    private void on(ReplicaCommand command) {
        state = state.apply(state.decide(command));
    }

    private void lead(int leaderEpoch, int bucketEpoch, Integer... isr) {
        on(
                new ReplicaCommand.BecomeLeader(
                        leaderEpoch, bucketEpoch, List.of(1, 2, 3), List.of(isr)));
    }

    private void refuses(ReplicaCommand command, ErrorReason reason) {
        assertThatThrownBy(() -> state.decide(command))
                .isInstanceOfSatisfying(
                        FlussException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void aloneCommitsAtOnce() {
        lead(0, 0, 1);
        assertThat(state.highWatermark()).isEqualTo(10);
        on(new ReplicaCommand.LocalAppended(15));
        assertThat(state.highWatermark()).isEqualTo(15);
    }

    @Test
    void waitsForAllInSync() {
        lead(0, 0, 1, 2);
        on(new ReplicaCommand.LocalAppended(15));
        assertThat(state.highWatermark()).isZero();
        on(new ReplicaCommand.FollowerFetched(3, 15));
        assertThat(state.highWatermark()).isZero();
        on(new ReplicaCommand.FollowerFetched(2, 12));
        assertThat(state.highWatermark()).isEqualTo(12);
        lead(0, 1, 1);
        assertThat(state.highWatermark()).isEqualTo(15);
        lead(0, 2, 1, 2);
        assertThat(state.highWatermark()).as("never back").isEqualTo(15);
    }

    @Test
    void fencesOldEpochs() {
        lead(3, 5, 1);
        refuses(
                new ReplicaCommand.BecomeLeader(2, 9, List.of(1), List.of(1)),
                ErrorReason.FENCED_LEADER_EPOCH);
        refuses(new ReplicaCommand.BecomeFollower(2, 9, 2), ErrorReason.FENCED_LEADER_EPOCH);
        refuses(
                new ReplicaCommand.BecomeLeader(3, 4, List.of(1), List.of(1)),
                ErrorReason.INVALID_UPDATE_VERSION);
        refuses(
                new ReplicaCommand.BecomeLeader(4, 5, List.of(1, 2), List.of(2)),
                ErrorReason.INELIGIBLE_REPLICA);
        on(new ReplicaCommand.BecomeFollower(4, 5, 2));
        assertThat(state.role()).isEqualTo(new Role.Follower(4, 5, 2));
        refuses(new ReplicaCommand.FollowerFetched(2, 1), ErrorReason.NOT_LEADER_OR_FOLLOWER);
        on(new ReplicaCommand.Stop());
        assertThat(state.role()).isEqualTo(new Role.NoRole());
    }

    @Test
    void remembersWhereLeadershipBegan() {
        lead(0, 0, 1);
        on(new ReplicaCommand.LocalAppended(15));
        lead(0, 1, 1);
        assertThat(((Role.Leader) state.role()).startEndOffset()).isEqualTo(10);
        lead(1, 1, 1);
        assertThat(((Role.Leader) state.role()).startEndOffset()).isEqualTo(15);
    }

    @Test
    void releasesWaitingWritersByOffset() {
        PendingAcks<String> acks = new PendingAcks<>();
        acks.add(5, "a");
        acks.add(8, "b");
        acks.add(3, "c");
        assertThat(acks.reached(5)).containsExactly("a", "c");
        assertThat(acks.remove("a")).isFalse();
        assertThat(acks.drain()).containsExactly("b");
        assertThat(acks.size()).isZero();
    }
}
