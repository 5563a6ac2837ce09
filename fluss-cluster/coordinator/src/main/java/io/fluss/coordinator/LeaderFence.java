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
package io.fluss.coordinator;

import io.fluss.coordinator.image.Bucket;
import io.fluss.coordinator.image.ClusterImage;
import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import java.util.List;
import java.util.function.Supplier;

/**
 * Hears a leader only while it is the one that was elected last. Used on the coordinator's loop.
 */
final class LeaderFence {
    private final Supplier<ClusterImage> image;

    LeaderFence(Supplier<ClusterImage> image) {
        this.image = image;
    }

    /**
     * Passes the current leader.
     *
     * @param what it keeps, for the message
     * @throws io.fluss.errors.FlussException with FENCED_LEADER_EPOCH or UNKNOWN_TABLE_OR_BUCKET
     */
    void check(TableBucket b, int leaderEpoch, String what) {
        List<Bucket> buckets =
                image.get()
                        .table(b.tableId())
                        .map(t -> t.buckets().getOrDefault(b.partitionId(), List.of()))
                        .orElse(List.of());
        int current =
                buckets.stream()
                        .filter(known -> known.state().bucket() == b.bucket())
                        .mapToInt(known -> known.state().leaderEpoch())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        ErrorReason.UNKNOWN_TABLE_OR_BUCKET.exception(
                                                "bucket " + b + " does not exist"));
        if (leaderEpoch != current) {
            throw ErrorReason.FENCED_LEADER_EPOCH.exception(
                    "bucket "
                            + b
                            + ": leader epoch is "
                            + current
                            + ", "
                            + what
                            + " is kept by a leader of epoch "
                            + leaderEpoch);
        }
    }
}
