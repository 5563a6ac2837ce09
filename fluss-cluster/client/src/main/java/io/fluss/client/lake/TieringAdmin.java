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
package io.fluss.client.lake;

import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * The calls of a tiering service to the coordinator (lakehouse document, section 5). Thread-safe.
 * Never retried here.
 */
public interface TieringAdmin {

    /**
     * Reports tables in work and asks for one more. An empty request only learns the coordinator
     * epoch.
     */
    CompletableFuture<HeartbeatAnswer> heartbeat(HeartbeatRequest request);

    /**
     * Has the coordinator write the offsets file of a round.
     *
     * @param endOffsets of the round's buckets; merged over those of the latest snapshot
     * @return URI of the file
     */
    CompletableFuture<String> prepareSnapshot(
            long tableId, TablePath path, Map<TableBucket, Long> endOffsets);

    /**
     * Has the coordinator write an offsets file with exactly these offsets.
     *
     * @return URI of the file
     */
    CompletableFuture<String> prepareOffsets(
            long tableId, TablePath path, Map<TableBucket, Long> offsets);

    /** Registers a lake snapshot. */
    CompletableFuture<Void> commitSnapshot(SnapshotCommit commit);

    /**
     * What the coordinator knows of the tiering of tables.
     *
     * @param tables empty for all that have a lake
     * @return fails with UNSUPPORTED_VERSION against published servers, TABLE_NOT_EXIST if one of
     *     the named tables does not exist
     */
    CompletableFuture<List<TieringState>> status(List<TablePath> tables);

    /**
     * What a tiering service reports and asks for.
     *
     * @param forceFinished ids among the finished that were stopped for taking too long
     * @param requestTableIds hand out only one of these tables; empty for any. Published servers
     *     ignore it, so the answer may name another table
     * @param requestNow the tables of {@code requestTableIds} need not wait for their freshness;
     *     published servers ignore it
     * @param rounds what the rounds of finished and failed tables did; published servers ignore it
     */
    record HeartbeatRequest(
            List<TableInWork> tiering,
            List<TableInWork> finished,
            List<TableInWork> failed,
            List<Long> forceFinished,
            boolean requestTable,
            List<Long> requestTableIds,
            boolean requestNow,
            Map<TableInWork, TieringRound> rounds) {
        public HeartbeatRequest {
            rounds = Map.copyOf(rounds);
        }

        public HeartbeatRequest(
                List<TableInWork> tiering,
                List<TableInWork> finished,
                List<TableInWork> failed,
                List<Long> forceFinished,
                boolean requestTable) {
            this(
                    tiering,
                    finished,
                    failed,
                    forceFinished,
                    requestTable,
                    List.of(),
                    false,
                    Map.of());
        }
    }

    /** A table that was handed to this service. */
    record TableInWork(long tableId, TablePath path, long tieringEpoch, int coordinatorEpoch) {}

    /**
     * What the coordinator answers.
     *
     * @param assigned a table to tier now
     * @param errors by table id: why a reported table is not this service's any more
     */
    record HeartbeatAnswer(
            int coordinatorEpoch,
            Optional<TableInWork> assigned,
            Map<Long, RuntimeException> errors) {}

    /**
     * A snapshot that is in the lake and is to be registered.
     *
     * @param readableOffsetsPath present if the snapshot can be read at once
     * @param earliestSnapshotIdToKeep absent: keep only this one; -1: keep all
     * @param endOffsets and {@code maxTimestampsMs}: passed on to the tablet servers
     */
    record SnapshotCommit(
            long tableId,
            TablePath path,
            long snapshotId,
            String tieredOffsetsPath,
            Optional<String> readableOffsetsPath,
            OptionalLong earliestSnapshotIdToKeep,
            Map<TableBucket, Long> endOffsets,
            Map<TableBucket, Long> maxTimestampsMs) {}
}
