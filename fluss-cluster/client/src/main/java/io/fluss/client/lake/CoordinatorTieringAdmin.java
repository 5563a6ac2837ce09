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

import io.fluss.client.cluster.Cluster;
import io.fluss.errors.ErrorReason;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.CommitLakeTableSnapshotRequest;
import io.fluss.protocol.messages.CommitLakeTableSnapshotResponse;
import io.fluss.protocol.messages.LakeTieringHeartbeatRequest;
import io.fluss.protocol.messages.LakeTieringHeartbeatResponse;
import io.fluss.protocol.messages.PbBucketOffset;
import io.fluss.protocol.messages.PbCommitLakeTableSnapshotRespForTable;
import io.fluss.protocol.messages.PbHeartbeatReqForTable;
import io.fluss.protocol.messages.PbHeartbeatRespForTable;
import io.fluss.protocol.messages.PbLakeTableOffsetForBucket;
import io.fluss.protocol.messages.PbLakeTableSnapshotInfo;
import io.fluss.protocol.messages.PbLakeTableSnapshotMetadata;
import io.fluss.protocol.messages.PbLakeTieringTableInfo;
import io.fluss.protocol.messages.PbPrepareLakeTableRespForTable;
import io.fluss.protocol.messages.PbTableOffsets;
import io.fluss.protocol.messages.PbTieringRound;
import io.fluss.protocol.messages.PbTieringStatus;
import io.fluss.protocol.messages.PrepareLakeTableSnapshotRequest;
import io.fluss.protocol.messages.PrepareLakeTableSnapshotResponse;
import io.fluss.protocol.messages.TieringStatusRequest;
import io.fluss.protocol.messages.TieringStatusResponse;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Tiering calls over the wire protocol. Thread-safe, without state of its own. */
public final class CoordinatorTieringAdmin implements TieringAdmin {
    private final Cluster cluster;

    public CoordinatorTieringAdmin(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<HeartbeatAnswer> heartbeat(HeartbeatRequest request) {
        LakeTieringHeartbeatRequest.Builder b =
                LakeTieringHeartbeatRequest.newBuilder()
                        .setRequestTable(request.requestTable())
                        .addAllForceFinishedTables(request.forceFinished())
                        .addAllRequestTableIds(request.requestTableIds());
        if (request.requestNow()) {
            b.setRequestNow(true);
        }
        request.tiering().forEach(t -> b.addTieringTables(reported(t)));
        request.finished().forEach(t -> b.addFinishedTables(reported(t, request.rounds().get(t))));
        request.failed().forEach(t -> b.addFailedTables(reported(t, request.rounds().get(t))));
        return cluster.<LakeTieringHeartbeatResponse>coordinatorOnce(
                        ApiKey.LAKE_TIERING_HEARTBEAT, b.build())
                .thenApply(CoordinatorTieringAdmin::answer);
    }

    private static PbHeartbeatReqForTable reported(TableInWork t) {
        return PbHeartbeatReqForTable.newBuilder()
                .setTableId(t.tableId())
                .setCoordinatorEpoch(t.coordinatorEpoch())
                .setTieringEpoch(t.tieringEpoch())
                .build();
    }

    private static PbHeartbeatReqForTable reported(TableInWork t, @Nullable TieringRound round) {
        return round == null
                ? reported(t)
                : reported(t).toBuilder().setRound(message(round)).build();
    }

    private static PbTieringRound message(TieringRound r) {
        PbTieringRound.Builder out =
                PbTieringRound.newBuilder()
                        .setDurationMs(r.durationMs())
                        .setHasMore(r.hasMore())
                        .setRestMs(r.restMs())
                        .setService(r.service());
        r.sizes()
                .ifPresent(
                        s ->
                                out.setRows(s.rows())
                                        .setFiles(s.files())
                                        .setSizeBytes(s.bytes())
                                        .setLagRecords(s.lagRecords()));
        r.error().ifPresent(out::setError);
        return out.build();
    }

    @Override
    public CompletableFuture<List<TieringState>> status(List<TablePath> tables) {
        TieringStatusRequest.Builder request = TieringStatusRequest.newBuilder();
        tables.forEach(t -> request.addTables(Wire.path(t)));
        return cluster.<TieringStatusResponse>coordinator(ApiKey.TIERING_STATUS, request.build())
                .thenApply(
                        a -> a.getTablesList().stream().map(t -> state(t, a.getNowMs())).toList());
    }

    private static TieringState state(PbTieringStatus t, long nowMs) {
        return new TieringState(
                t.getTableId(),
                Wire.path(t.getTablePath()),
                t.hasState() ? Optional.of(place(t)) : Optional.empty(),
                t.getFailuresInRow(),
                t.getRoundsList().stream().map(CoordinatorTieringAdmin::round).toList(),
                nowMs);
    }

    private static TieringState.Place place(PbTieringStatus t) {
        return new TieringState.Place(
                TieringState.Phase.valueOf(t.getState()),
                t.getSinceMs(),
                t.getFreshnessMs(),
                t.getDueMs(),
                t.getAhead());
    }

    private static TieringRound round(PbTieringRound r) {
        return new TieringRound(
                r.getEndedMs(),
                r.getDurationMs(),
                r.hasRows()
                        ? Optional.of(
                                new TieringRound.Sizes(
                                        r.getRows(),
                                        r.getFiles(),
                                        r.getSizeBytes(),
                                        r.getLagRecords()))
                        : Optional.empty(),
                r.getHasMore(),
                r.hasError() ? Optional.of(r.getError()) : Optional.empty(),
                r.getRestMs(),
                r.getService());
    }

    private static HeartbeatAnswer answer(LakeTieringHeartbeatResponse a) {
        Map<Long, RuntimeException> errors = new HashMap<>();
        for (List<PbHeartbeatRespForTable> results :
                List.of(
                        a.getTieringTableRespList(),
                        a.getFinishedTableRespList(),
                        a.getFailedTableRespList())) {
            for (PbHeartbeatRespForTable r : results) {
                if (r.hasError()) {
                    errors.put(
                            r.getTableId(),
                            ErrorCodes.toException(
                                    r.getError().getErrorCode(),
                                    r.getError().getErrorMessage(),
                                    "tiering heartbeat for table " + r.getTableId()));
                }
            }
        }
        return new HeartbeatAnswer(
                a.getCoordinatorEpoch(),
                a.hasTieringTable()
                        ? Optional.of(assigned(a.getTieringTable(), a.getCoordinatorEpoch()))
                        : Optional.empty(),
                errors);
    }

    private static TableInWork assigned(PbLakeTieringTableInfo t, int coordinatorEpoch) {
        return new TableInWork(
                t.getTableId(), Wire.path(t.getTablePath()), t.getTieringEpoch(), coordinatorEpoch);
    }

    @Override
    public CompletableFuture<String> prepareSnapshot(
            long tableId, TablePath path, Map<TableBucket, Long> endOffsets) {
        return prepare(tableId, path, endOffsets, false);
    }

    @Override
    public CompletableFuture<String> prepareOffsets(
            long tableId, TablePath path, Map<TableBucket, Long> offsets) {
        return prepare(tableId, path, offsets, true);
    }

    private CompletableFuture<String> prepare(
            long tableId, TablePath path, Map<TableBucket, Long> endOffsets, boolean isAlone) {
        PbTableOffsets.Builder table =
                PbTableOffsets.newBuilder().setTableId(tableId).setTablePath(Wire.path(path));
        endOffsets.forEach(
                (bucket, end) -> {
                    PbBucketOffset.Builder o =
                            table.addBucketOffsetsBuilder()
                                    .setBucketId(bucket.bucket())
                                    .setLogEndOffset(end);
                    bucket.partition().ifPresent(o::setPartitionId);
                });
        return cluster.<PrepareLakeTableSnapshotResponse>coordinatorOnce(
                        ApiKey.PREPARE_LAKE_TABLE_SNAPSHOT,
                        PrepareLakeTableSnapshotRequest.newBuilder()
                                .addBucketOffsets(table)
                                .setIgnorePreviousTableOffsets(isAlone)
                                .build())
                .thenApply(a -> prepared(path, a));
    }

    private static String prepared(TablePath path, PrepareLakeTableSnapshotResponse a) {
        requireOne(path, "PREPARE_LAKE_TABLE_SNAPSHOT", a.getPrepareLakeTableRespCount());
        PbPrepareLakeTableRespForTable r = a.getPrepareLakeTableResp(0);
        if (r.hasErrorCode()) {
            throw ErrorCodes.toException(
                    r.getErrorCode(), r.getErrorMessage(), "preparing a lake snapshot of " + path);
        }
        return r.getLakeTableOffsetsPath();
    }

    @Override
    public CompletableFuture<Void> commitSnapshot(SnapshotCommit commit) {
        return cluster.<CommitLakeTableSnapshotResponse>coordinatorOnce(
                        ApiKey.COMMIT_LAKE_TABLE_SNAPSHOT,
                        CommitLakeTableSnapshotRequest.newBuilder()
                                .addTablesReq(offsets(commit))
                                .addLakeTableSnapshotMetadata(metadata(commit))
                                .build())
                .thenApply(
                        a -> {
                            checkCommitted(commit.path(), a);
                            return null;
                        });
    }

    private static PbLakeTableSnapshotInfo offsets(SnapshotCommit commit) {
        PbLakeTableSnapshotInfo.Builder table =
                PbLakeTableSnapshotInfo.newBuilder()
                        .setTableId(commit.tableId())
                        .setSnapshotId(commit.snapshotId())
                        .setTablePath(Wire.path(commit.path()));
        Set<TableBucket> buckets = new HashSet<>(commit.endOffsets().keySet());
        buckets.addAll(commit.maxTimestampsMs().keySet());
        for (TableBucket bucket : buckets) {
            PbLakeTableOffsetForBucket.Builder o =
                    table.addBucketsReqBuilder().setBucketId(bucket.bucket());
            bucket.partition().ifPresent(o::setPartitionId);
            Long end = commit.endOffsets().get(bucket);
            if (end != null) {
                o.setLogEndOffset(end);
            }
            Long timestamp = commit.maxTimestampsMs().get(bucket);
            if (timestamp != null) {
                o.setMaxTimestamp(timestamp);
            }
        }
        return table.build();
    }

    private static PbLakeTableSnapshotMetadata metadata(SnapshotCommit commit) {
        PbLakeTableSnapshotMetadata.Builder m =
                PbLakeTableSnapshotMetadata.newBuilder()
                        .setTableId(commit.tableId())
                        .setSnapshotId(commit.snapshotId())
                        .setTieredBucketOffsetsFilePath(commit.tieredOffsetsPath());
        commit.readableOffsetsPath().ifPresent(m::setReadableBucketOffsetsFilePath);
        commit.earliestSnapshotIdToKeep().ifPresent(m::setEarliestSnapshotIdToKeep);
        return m.build();
    }

    private static void checkCommitted(TablePath path, CommitLakeTableSnapshotResponse a) {
        requireOne(path, "COMMIT_LAKE_TABLE_SNAPSHOT", a.getTableRespCount());
        PbCommitLakeTableSnapshotRespForTable r = a.getTableResp(0);
        if (r.hasErrorCode()) {
            throw ErrorCodes.toException(
                    r.getErrorCode(), r.getErrorMessage(), "committing a lake snapshot of " + path);
        }
    }

    private static void requireOne(TablePath path, String api, int results) {
        if (results != 1) {
            throw ErrorReason.CORRUPT_MESSAGE.exception(
                    path + ": " + api + " was answered with " + results + " results, not 1");
        }
    }
}
