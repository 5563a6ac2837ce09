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
import io.fluss.coordinator.cluster.SnapshotHolders;
import io.fluss.coordinator.image.TableEntry;
import io.fluss.errors.ErrorReason;
import io.fluss.formats.remote.KvSnapshot;
import io.fluss.metastore.KvSnapshots.Entry;
import io.fluss.metastore.KvSnapshots.OfBucket;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.AcquireKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.AcquireKvSnapshotLeaseResponse;
import io.fluss.protocol.messages.DropKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.DropKvSnapshotLeaseResponse;
import io.fluss.protocol.messages.GetKvSnapshotMetadataRequest;
import io.fluss.protocol.messages.GetKvSnapshotMetadataResponse;
import io.fluss.protocol.messages.GetLatestKvSnapshotsRequest;
import io.fluss.protocol.messages.GetLatestKvSnapshotsResponse;
import io.fluss.protocol.messages.ListKvSnapshotsRequest;
import io.fluss.protocol.messages.ListKvSnapshotsResponse;
import io.fluss.protocol.messages.PbKvSnapshot;
import io.fluss.protocol.messages.PbKvSnapshotLeaseForBucket;
import io.fluss.protocol.messages.PbKvSnapshotLeaseForTable;
import io.fluss.protocol.messages.PbRemotePathAndLocalFile;
import io.fluss.protocol.messages.PbTableBucket;
import io.fluss.protocol.messages.ReleaseKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.ReleaseKvSnapshotLeaseResponse;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Snapshots and leases as clients ask for them (wire protocol document, section 4.15). */
public final class SnapshotApi {
    private final Coordinator coordinator;

    public SnapshotApi(Coordinator coordinator) {
        this.coordinator = coordinator;
    }

    public CompletableFuture<GetLatestKvSnapshotsResponse> latest(GetLatestKvSnapshotsRequest r) {
        TableEntry table = coordinator.image().existing(Wire.path(r.getTablePath()));
        checkHasKey(table);
        Optional<PartitionInfo> partition = partition(table, r);
        long partitionId =
                partition.map(PartitionInfo::partitionId).orElse(TableBucket.NO_PARTITION);
        return coordinator.onIo(
                () -> {
                    GetLatestKvSnapshotsResponse.Builder out =
                            GetLatestKvSnapshotsResponse.newBuilder()
                                    .setTableId(table.info().tableId());
                    partition.ifPresent(p -> out.setPartitionId(p.partitionId()));
                    Map<Integer, OfBucket> known =
                            coordinator.kvSnapshots().all(table.info().tableId(), partitionId);
                    for (int b = 0; b < table.info().bucketCount(); b++) {
                        PbKvSnapshot.Builder one = PbKvSnapshot.newBuilder().setBucketId(b);
                        known.getOrDefault(b, OfBucket.NONE)
                                .latest()
                                .ifPresent(
                                        e -> one.setSnapshotId(e.id()).setLogOffset(e.logOffset()));
                        out.addLatestSnapshots(one);
                    }
                    return out.build();
                });
    }

    private static Optional<PartitionInfo> partition(
            TableEntry table, GetLatestKvSnapshotsRequest r) {
        if (!table.info().isPartitioned()) {
            if (r.hasPartitionName()) {
                throw ErrorReason.TABLE_NOT_PARTITIONED.exception(
                        "table '"
                                + table.info().path()
                                + "' has no partitions, '"
                                + r.getPartitionName()
                                + "' was asked for");
            }
            return Optional.empty();
        }
        if (!r.hasPartitionName()) {
            throw ErrorReason.PARTITION_NOT_EXIST.exception(
                    "table '" + table.info().path() + "' is partitioned: name a partition");
        }
        PartitionInfo found = table.partitions().get(r.getPartitionName());
        if (found == null) {
            throw ErrorReason.PARTITION_NOT_EXIST.exception(
                    "table '"
                            + table.info().path()
                            + "' has no partition '"
                            + r.getPartitionName()
                            + "'");
        }
        return Optional.of(found);
    }

    public CompletableFuture<GetKvSnapshotMetadataResponse> metadata(
            GetKvSnapshotMetadataRequest r) {
        TableBucket bucket =
                TableBucket.of(
                        r.getTableId(),
                        r.hasPartitionId()
                                ? OptionalLong.of(r.getPartitionId())
                                : OptionalLong.empty(),
                        r.getBucketId());
        return coordinator.onIo(
                () -> {
                    KvSnapshot s = coordinator.kvSnapshots().snapshot(bucket, r.getSnapshotId());
                    GetKvSnapshotMetadataResponse.Builder out =
                            GetKvSnapshotMetadataResponse.newBuilder().setLogOffset(s.logOffset());
                    for (KvSnapshot.File f : s.files()) {
                        out.addSnapshotFiles(
                                PbRemotePathAndLocalFile.newBuilder()
                                        .setRemotePath(f.uri())
                                        .setLocalFileName(f.localName()));
                    }
                    return out.build();
                });
    }

    /** All snapshots that are kept. */
    public CompletableFuture<ListKvSnapshotsResponse> list(ListKvSnapshotsRequest r) {
        TableEntry table =
                coordinator
                        .image()
                        .table(r.getTableId())
                        .orElseThrow(
                                () ->
                                        ErrorReason.TABLE_NOT_EXIST.exception(
                                                "table " + r.getTableId() + " does not exist"));
        long partition = r.hasPartitionId() ? r.getPartitionId() : TableBucket.NO_PARTITION;
        if (r.hasPartitionId() && table.partition(partition).isEmpty()) {
            throw ErrorReason.PARTITION_NOT_EXIST.exception(
                    "'" + table.info().path() + "' has no partition with the id " + partition);
        }
        return coordinator.onIo(
                () -> {
                    ListKvSnapshotsResponse.Builder out =
                            ListKvSnapshotsResponse.newBuilder().setTableId(r.getTableId());
                    if (r.hasPartitionId()) {
                        out.setPartitionId(partition);
                    }
                    coordinator
                            .kvSnapshots()
                            .all(r.getTableId(), partition)
                            .forEach(
                                    (bucket, all) -> {
                                        for (Entry e : all.entries()) {
                                            out.addActiveSnapshots(
                                                    PbKvSnapshot.newBuilder()
                                                            .setBucketId(bucket)
                                                            .setSnapshotId(e.id()));
                                        }
                                    });
                    return out.build();
                });
    }

    public CompletableFuture<AcquireKvSnapshotLeaseResponse> acquire(
            AcquireKvSnapshotLeaseRequest r) {
        Map<TableBucket, Long> wanted = new HashMap<>();
        for (PbKvSnapshotLeaseForTable t : r.getSnapshotsToLeaseList()) {
            checkHasKey(leasable(t.getTableId()));
            for (PbKvSnapshotLeaseForBucket b : t.getBucketSnapshotsList()) {
                wanted.put(
                        TableBucket.of(
                                t.getTableId(),
                                b.hasPartitionId()
                                        ? OptionalLong.of(b.getPartitionId())
                                        : OptionalLong.empty(),
                                b.getBucketId()),
                        b.getSnapshotId());
            }
        }
        SnapshotHolders.Request request =
                new SnapshotHolders.Request(r.getLeaseId(), r.getLeaseDurationMs(), wanted);
        return coordinator.onLeases(
                (leases, now) ->
                        message(leases.acquire(request, coordinator.kvSnapshots()::exists, now)));
    }

    private static AcquireKvSnapshotLeaseResponse message(Map<TableBucket, Long> missing) {
        Map<Long, PbKvSnapshotLeaseForTable.Builder> tables = new TreeMap<>();
        missing.forEach(
                (bucket, id) -> {
                    PbKvSnapshotLeaseForBucket.Builder one =
                            PbKvSnapshotLeaseForBucket.newBuilder()
                                    .setBucketId(bucket.bucket())
                                    .setSnapshotId(id);
                    bucket.partition().ifPresent(one::setPartitionId);
                    tables.computeIfAbsent(
                                    bucket.tableId(),
                                    t -> PbKvSnapshotLeaseForTable.newBuilder().setTableId(t))
                            .addBucketSnapshots(one);
                });
        AcquireKvSnapshotLeaseResponse.Builder out = AcquireKvSnapshotLeaseResponse.newBuilder();
        tables.values().forEach(out::addUnavailableSnapshots);
        return out.build();
    }

    public CompletableFuture<ReleaseKvSnapshotLeaseResponse> release(
            ReleaseKvSnapshotLeaseRequest r) {
        Set<TableBucket> buckets = new HashSet<>();
        for (PbTableBucket b : r.getBucketsToReleaseList()) {
            buckets.add(
                    TableBucket.of(
                            b.getTableId(),
                            b.hasPartitionId()
                                    ? OptionalLong.of(b.getPartitionId())
                                    : OptionalLong.empty(),
                            b.getBucketId()));
        }
        return coordinator.onLeases(
                (leases, now) -> {
                    leases.release(r.getLeaseId(), buckets);
                    return ReleaseKvSnapshotLeaseResponse.getDefaultInstance();
                });
    }

    public CompletableFuture<DropKvSnapshotLeaseResponse> drop(DropKvSnapshotLeaseRequest r) {
        return coordinator.onLeases(
                (leases, now) -> {
                    leases.drop(r.getLeaseId());
                    return DropKvSnapshotLeaseResponse.getDefaultInstance();
                });
    }

    private TableEntry leasable(long tableId) {
        return coordinator
                .image()
                .table(tableId)
                .orElseThrow(
                        () ->
                                ErrorReason.UNKNOWN_TABLE_OR_BUCKET.exception(
                                        "table " + tableId + " does not exist"));
    }

    private static void checkHasKey(TableEntry table) {
        if (!table.info().hasPrimaryKey()) {
            throw ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    "table '" + table.info().path() + "' has no primary key, and so no snapshots");
        }
    }
}
