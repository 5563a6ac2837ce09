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

import io.fluss.errors.ErrorReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * State of one replica on one server. Immutable: {@link #decide} judges a command, {@link #apply}
 * gives the state behind an event. The leader's high watermark is the smallest log end among the
 * in-sync replicas and never goes back.
 *
 * @param bucket for messages
 * @param endOffset end of this server's log
 * @param highWatermark everything below it is on all in-sync replicas
 * @param inSyncMin the high watermark stands still while there are fewer in-sync replicas
 */
public record ReplicaState(
        String bucket, int serverId, Role role, long endOffset, long highWatermark, int inSyncMin) {

    /** A replica whose log was opened and that has no role yet. */
    public static ReplicaState opened(String bucket, int serverId, long endOffset) {
        return new ReplicaState(bucket, serverId, new Role.NoRole(), endOffset, 0, 1);
    }

    /**
     * What a command comes to.
     *
     * @throws io.fluss.errors.FlussException with FENCED_LEADER_EPOCH for an older leader epoch,
     *     INVALID_UPDATE_VERSION for an older bucket epoch of the same leader epoch,
     *     NOT_LEADER_OR_FOLLOWER if only a leader can do it
     */
    public Decision decide(ReplicaCommand command) {
        if (command instanceof ReplicaCommand.BecomeLeader c) {
            return becomeLeader(c);
        } else if (command instanceof ReplicaCommand.BecomeFollower c) {
            checkEpochs(c.leaderEpoch(), c.bucketEpoch());
            return new Decision(
                    List.of(
                            new ReplicaEvent.RoleChanged(
                                    new Role.Follower(
                                            c.leaderEpoch(), c.bucketEpoch(), c.leaderId()))));
        } else if (command instanceof ReplicaCommand.Stop) {
            return new Decision(List.of(new ReplicaEvent.RoleChanged(new Role.NoRole())));
        } else if (command instanceof ReplicaCommand.LocalAppended c) {
            ReplicaEvent moved = new ReplicaEvent.EndOffsetMoved(c.endOffset());
            return apply(moved).withHighWatermark(highWatermark, moved);
        }
        return followerFetched((ReplicaCommand.FollowerFetched) command);
    }

    private Decision becomeLeader(ReplicaCommand.BecomeLeader c) {
        checkEpochs(c.leaderEpoch(), c.bucketEpoch());
        if (!c.isr().contains(serverId)) {
            throw ErrorReason.INELIGIBLE_REPLICA.exception(
                    bucket + ": server " + serverId + " cannot lead, the ISR is " + c.isr());
        }
        boolean same = role instanceof Role.Leader l && l.leaderEpoch() == c.leaderEpoch();
        Role.Leader before = same ? (Role.Leader) role : null;
        ReplicaEvent changed =
                new ReplicaEvent.RoleChanged(
                        new Role.Leader(
                                c.leaderEpoch(),
                                c.bucketEpoch(),
                                c.replicas(),
                                c.isr(),
                                before == null ? Map.of() : before.followerEndOffsets(),
                                before == null ? endOffset : before.startEndOffset()));
        return apply(changed).withHighWatermark(highWatermark, changed);
    }

    private Decision followerFetched(ReplicaCommand.FollowerFetched c) {
        if (!(role instanceof Role.Leader l)) {
            throw ErrorReason.NOT_LEADER_OR_FOLLOWER.exception(
                    bucket + ": server " + serverId + " does not lead it");
        }
        if (!l.replicas().contains(c.serverId()) || c.serverId() == serverId) {
            return new Decision(List.of());
        }
        Map<Integer, Long> ends = new HashMap<>(l.followerEndOffsets());
        ends.put(c.serverId(), Math.min(c.offset(), endOffset));
        ReplicaEvent changed =
                new ReplicaEvent.RoleChanged(
                        new Role.Leader(
                                l.leaderEpoch(),
                                l.bucketEpoch(),
                                l.replicas(),
                                l.isr(),
                                ends,
                                l.startEndOffset()));
        return apply(changed).withHighWatermark(highWatermark, changed);
    }

    /** The decision of an event that leads to this state, and the high watermark that follows. */
    private Decision withHighWatermark(long before, ReplicaEvent event) {
        List<ReplicaEvent> events = new ArrayList<>(2);
        events.add(event);
        long candidate = candidate();
        boolean isHeld = role instanceof Role.Leader && inSyncCount() < inSyncMin;
        // What a new leader has in its log was committed before, or will be: nobody else has more.
        boolean isNewLeader = event instanceof ReplicaEvent.RoleChanged && before == 0;
        if (candidate > before && (!isHeld || isNewLeader)) {
            events.add(new ReplicaEvent.HighWatermarkMoved(candidate));
        }
        return new Decision(events);
    }

    private long candidate() {
        if (!(role instanceof Role.Leader l)) {
            // A follower takes its own log end: it must not forget records when it is promoted.
            return role instanceof Role.Follower ? endOffset : highWatermark;
        }
        long min = endOffset;
        for (int id : l.isr()) {
            if (id != serverId) {
                min = Math.min(min, l.followerEndOffsets().getOrDefault(id, 0L));
            }
        }
        return min;
    }

    private void checkEpochs(int leaderEpoch, int bucketEpoch) {
        int currentLeaderEpoch = -1;
        int currentBucketEpoch = -1;
        if (role instanceof Role.Leader l) {
            currentLeaderEpoch = l.leaderEpoch();
            currentBucketEpoch = l.bucketEpoch();
        } else if (role instanceof Role.Follower f) {
            currentLeaderEpoch = f.leaderEpoch();
            currentBucketEpoch = f.bucketEpoch();
        }
        if (leaderEpoch < currentLeaderEpoch) {
            throw ErrorReason.FENCED_LEADER_EPOCH.exception(
                    bucket
                            + ": leader epoch "
                            + leaderEpoch
                            + " is older than "
                            + currentLeaderEpoch);
        }
        if (leaderEpoch == currentLeaderEpoch && bucketEpoch < currentBucketEpoch) {
            throw ErrorReason.INVALID_UPDATE_VERSION.exception(
                    bucket
                            + ": bucket epoch "
                            + bucketEpoch
                            + " is older than "
                            + currentBucketEpoch);
        }
    }

    /** The state behind an event. */
    public ReplicaState apply(ReplicaEvent event) {
        if (event instanceof ReplicaEvent.RoleChanged e) {
            return new ReplicaState(
                    bucket, serverId, e.role(), endOffset, highWatermark, inSyncMin);
        } else if (event instanceof ReplicaEvent.EndOffsetMoved e) {
            return new ReplicaState(
                    bucket, serverId, role, e.endOffset(), highWatermark, inSyncMin);
        }
        long moved = ((ReplicaEvent.HighWatermarkMoved) event).highWatermark();
        return new ReplicaState(bucket, serverId, role, endOffset, moved, inSyncMin);
    }

    /** With another minimum of in-sync replicas; counts from the next command on. */
    public ReplicaState withInSyncMin(int min) {
        return new ReplicaState(bucket, serverId, role, endOffset, highWatermark, min);
    }

    /** The state behind all events of a decision. */
    public ReplicaState apply(Decision decision) {
        ReplicaState s = this;
        for (ReplicaEvent e : decision.events()) {
            s = s.apply(e);
        }
        return s;
    }

    /** Number of in-sync replicas as the leader sees it; 0 without that role. */
    public int inSyncCount() {
        return role instanceof Role.Leader l ? l.isr().size() : 0;
    }
}
