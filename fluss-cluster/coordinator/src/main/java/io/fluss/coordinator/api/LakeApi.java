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
package io.fluss.coordinator.api;

import io.fluss.coordinator.Coordinator;
import io.fluss.coordinator.image.TableEntry;
import io.fluss.coordinator.lake.LakeRegistry;
import io.fluss.coordinator.lake.TieringSchedule;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.formats.json.BucketOffsets;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.CommitLakeTableSnapshotRequest;
import io.fluss.protocol.messages.CommitLakeTableSnapshotResponse;
import io.fluss.protocol.messages.GetLakeSnapshotRequest;
import io.fluss.protocol.messages.GetLakeSnapshotResponse;
import io.fluss.protocol.messages.LakeTieringHeartbeatRequest;
import io.fluss.protocol.messages.LakeTieringHeartbeatResponse;
import io.fluss.protocol.messages.PbCommitLakeTableSnapshotRespForTable;
import io.fluss.protocol.messages.PbHeartbeatReqForTable;
import io.fluss.protocol.messages.PbHeartbeatRespForTable;
import io.fluss.protocol.messages.PbLakeSnapshotForBucket;
import io.fluss.protocol.messages.PbLakeTableSnapshotInfo;
import io.fluss.protocol.messages.PbLakeTableSnapshotMetadata;
import io.fluss.protocol.messages.PbLakeTieringTableInfo;
import io.fluss.protocol.messages.PbPrepareLakeTableRespForTable;
import io.fluss.protocol.messages.PbTableOffsets;
import io.fluss.protocol.messages.PrepareLakeTableSnapshotRequest;
import io.fluss.protocol.messages.PrepareLakeTableSnapshotResponse;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Lake snapshots and tiering (wire protocol document, section 4.21). Thread-safe, never blocks. */
public final class LakeApi {
    private final Coordinator coordinator;

    public LakeApi(Coordinator coordinator) {
        this.coordinator = coordinator;
    }

    public CompletableFuture<GetLakeSnapshotResponse> lakeSnapshot(GetLakeSnapshotRequest r) {
        if (r.hasSnapshotId() && r.getReadable()) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    "ask for a lake snapshot by id or for the readable one, not both");
        }
        TableEntry table = coordinator.image().existing(Wire.path(r.getTablePath()));
        LakeRegistry lake = coordinator.lake();
        return coordinator.onIo(
                () ->
                        message(
                                table,
                                r.hasSnapshotId()
                                        ? lake.snapshot(table.info(), r.getSnapshotId())
                                        : lake.snapshot(
                                                table.info(),
                                                r.getReadable()
                                                        ? LakeRegistry.Which.LATEST_READABLE
                                                        : LakeRegistry.Which.LATEST)));
    }

    private static GetLakeSnapshotResponse message(
            TableEntry table, LakeRegistry.Snapshot snapshot) {
        GetLakeSnapshotResponse.Builder out =
                GetLakeSnapshotResponse.newBuilder()
                        .setTableId(table.info().tableId())
                        .setSnapshotId(snapshot.snapshotId());
        snapshot.offsets()
                .offsets()
                .forEach(
                        (b, offset) -> {
                            PbLakeSnapshotForBucket.Builder message =
                                    PbLakeSnapshotForBucket.newBuilder()
                                            .setBucketId(b.bucket())
                                            .setLogOffset(offset);
                            b.partition().ifPresent(message::setPartitionId);
                            table.partition(b.partitionId())
                                    .map(PartitionInfo::name)
                                    .ifPresent(message::setPartitionName);
                            out.addBucketSnapshots(message);
                        });
        return out.build();
    }

    /** Failed ones first, then renewals, then finished ones, then at most one new table. */
    public CompletableFuture<LakeTieringHeartbeatResponse> heartbeat(
            LakeTieringHeartbeatRequest r) {
        return coordinator.onTiering((schedule, epoch, now) -> decide(r, schedule, epoch, now));
    }

    private LakeTieringHeartbeatResponse decide(
            LakeTieringHeartbeatRequest r, TieringSchedule schedule, int epoch, long now) {
        LakeTieringHeartbeatResponse.Builder out =
                LakeTieringHeartbeatResponse.newBuilder().setCoordinatorEpoch(epoch);
        for (PbHeartbeatReqForTable t : r.getFailedTablesList()) {
            out.addFailedTableResp(report(t, epoch, () -> fail(t, schedule, now)));
        }
        for (PbHeartbeatReqForTable t : r.getTieringTablesList()) {
            out.addTieringTableResp(
                    report(
                            t,
                            epoch,
                            () -> schedule.renew(t.getTableId(), t.getTieringEpoch(), now)));
        }
        Set<Long> forced = new HashSet<>(r.getForceFinishedTablesList());
        for (PbHeartbeatReqForTable t : r.getFinishedTablesList()) {
            boolean isForced = forced.contains(t.getTableId());
            out.addFinishedTableResp(report(t, epoch, () -> finish(t, schedule, isForced, now)));
        }
        if (r.getRequestTable()) {
            List<Long> wanted = r.getRequestTableIdsList();
            if (r.getRequestNow()) {
                schedule.expedite(wanted);
            }
            (wanted.isEmpty() ? schedule.assign(now) : schedule.assign(new HashSet<>(wanted), now))
                    .flatMap(this::assigned)
                    .ifPresent(out::setTieringTable);
        }
        return out.build();
    }

    private static void fail(PbHeartbeatReqForTable t, TieringSchedule schedule, long now) {
        if (t.hasRound() && t.getRound().hasError()) {
            schedule.fail(t.getTableId(), t.getTieringEpoch(), TieringApi.round(t.getRound(), now));
        } else {
            schedule.fail(t.getTableId(), t.getTieringEpoch());
        }
    }

    private static void finish(
            PbHeartbeatReqForTable t, TieringSchedule schedule, boolean isForced, long now) {
        if (t.hasRound() && !t.getRound().hasError()) {
            schedule.finish(
                    t.getTableId(),
                    t.getTieringEpoch(),
                    isForced,
                    now,
                    TieringApi.round(t.getRound(), now));
        } else {
            schedule.finish(t.getTableId(), t.getTieringEpoch(), isForced, now);
        }
    }

    private Optional<PbLakeTieringTableInfo> assigned(TieringSchedule.Assigned a) {
        return coordinator
                .image()
                .table(a.tableId())
                .map(
                        t ->
                                PbLakeTieringTableInfo.newBuilder()
                                        .setTableId(a.tableId())
                                        .setTablePath(Wire.path(t.info().path()))
                                        .setTieringEpoch(a.tieringEpoch())
                                        .build());
    }

    private static PbHeartbeatRespForTable report(
            PbHeartbeatReqForTable t, int epoch, Runnable step) {
        PbHeartbeatRespForTable.Builder out =
                PbHeartbeatRespForTable.newBuilder().setTableId(t.getTableId());
        try {
            if (t.getCoordinatorEpoch() != epoch) {
                throw ErrorReason.INVALID_COORDINATOR.exception(
                        "coordinator epoch is "
                                + epoch
                                + ", the report carries "
                                + t.getCoordinatorEpoch());
            }
            step.run();
        } catch (FlussException e) {
            out.setError(ErrorCodes.toResponse(e));
        }
        return out.build();
    }

    public CompletableFuture<PrepareLakeTableSnapshotResponse> prepare(
            PrepareLakeTableSnapshotRequest r) {
        List<CompletableFuture<PbPrepareLakeTableRespForTable>> answers = new ArrayList<>();
        for (PbTableOffsets t : r.getBucketOffsetsList()) {
            PbPrepareLakeTableRespForTable.Builder out =
                    PbPrepareLakeTableRespForTable.newBuilder().setTableId(t.getTableId());
            answers.add(
                    coordinator
                            .prepareLakeSnapshot(offsets(t), r.getIgnorePreviousTableOffsets())
                            .handle(
                                    (uri, failure) ->
                                            failure == null
                                                    ? out.setLakeTableOffsetsPath(uri).build()
                                                    : failed(out, FlussException.from(failure))));
        }
        return all(answers)
                .thenApply(
                        list ->
                                PrepareLakeTableSnapshotResponse.newBuilder()
                                        .addAllPrepareLakeTableResp(list)
                                        .build());
    }

    private static PbPrepareLakeTableRespForTable failed(
            PbPrepareLakeTableRespForTable.Builder out, FlussException e) {
        return out.setErrorCode(ErrorCodes.code(e.reason()))
                .setErrorMessage(String.valueOf(e.getMessage()))
                .build();
    }

    private static BucketOffsets offsets(PbTableOffsets t) {
        Map<TableBucket, Long> out = new HashMap<>();
        t.getBucketOffsetsList().stream()
                .filter(b -> b.hasLogEndOffset())
                .forEach(
                        b ->
                                out.put(
                                        new TableBucket(
                                                t.getTableId(),
                                                b.hasPartitionId()
                                                        ? b.getPartitionId()
                                                        : TableBucket.NO_PARTITION,
                                                b.getBucketId()),
                                        b.getLogEndOffset()));
        return new BucketOffsets(t.getTableId(), out);
    }

    /** By offsets files; without them (before 0.9) the offsets in the request are the commit. */
    public CompletableFuture<CommitLakeTableSnapshotResponse> commit(
            CommitLakeTableSnapshotRequest r) {
        List<CompletableFuture<PbCommitLakeTableSnapshotRespForTable>> answers = new ArrayList<>();
        Map<Long, CompletableFuture<Void>> byTable = new java.util.LinkedHashMap<>();
        for (PbLakeTableSnapshotMetadata m : r.getLakeTableSnapshotMetadataList()) {
            // Entries of one table are registered in the order of the request.
            byTable.merge(
                    m.getTableId(),
                    CompletableFuture.completedFuture(null),
                    (before, unused) -> before);
            byTable.computeIfPresent(
                    m.getTableId(),
                    (id, before) ->
                            before.thenCompose(
                                    done -> coordinator.commitLakeSnapshot(id, entry(m))));
        }
        if (r.getLakeTableSnapshotMetadataCount() == 0) {
            for (PbLakeTableSnapshotInfo t : r.getTablesReqList()) {
                byTable.put(t.getTableId(), commitOffsets(t));
            }
        }
        byTable.forEach(
                (id, done) -> answers.add(done.handle((ok, failure) -> committed(id, failure))));
        return all(answers)
                .thenApply(
                        list ->
                                CommitLakeTableSnapshotResponse.newBuilder()
                                        .addAllTableResp(list)
                                        .build());
    }

    private CompletableFuture<Void> commitOffsets(PbLakeTableSnapshotInfo t) {
        Map<TableBucket, Long> offsets = new HashMap<>();
        t.getBucketsReqList().stream()
                .filter(b -> b.hasLogEndOffset())
                .forEach(
                        b ->
                                offsets.put(
                                        new TableBucket(
                                                t.getTableId(),
                                                b.hasPartitionId()
                                                        ? b.getPartitionId()
                                                        : TableBucket.NO_PARTITION,
                                                b.getBucketId()),
                                        b.getLogEndOffset()));
        return coordinator
                .prepareLakeSnapshot(new BucketOffsets(t.getTableId(), offsets), false)
                .thenCompose(
                        uri ->
                                coordinator.commitLakeSnapshot(
                                        t.getTableId(),
                                        new LakeRegistry.Commit(
                                                t.getSnapshotId(),
                                                uri,
                                                Optional.of(uri),
                                                OptionalLong.empty())));
    }

    private static LakeRegistry.Commit entry(PbLakeTableSnapshotMetadata m) {
        return new LakeRegistry.Commit(
                m.getSnapshotId(),
                m.getTieredBucketOffsetsFilePath(),
                m.hasReadableBucketOffsetsFilePath()
                        ? Optional.of(m.getReadableBucketOffsetsFilePath())
                        : Optional.empty(),
                m.hasEarliestSnapshotIdToKeep()
                        ? OptionalLong.of(m.getEarliestSnapshotIdToKeep())
                        : OptionalLong.empty());
    }

    private static PbCommitLakeTableSnapshotRespForTable committed(
            long tableId, @org.jspecify.annotations.Nullable Throwable failure) {
        PbCommitLakeTableSnapshotRespForTable.Builder out =
                PbCommitLakeTableSnapshotRespForTable.newBuilder().setTableId(tableId);
        if (failure != null) {
            FlussException e = FlussException.from(failure);
            out.setErrorCode(ErrorCodes.code(e.reason()))
                    .setErrorMessage(String.valueOf(e.getMessage()));
        }
        return out.build();
    }

    private static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                .thenApply(done -> futures.stream().map(CompletableFuture::join).toList());
    }
}
