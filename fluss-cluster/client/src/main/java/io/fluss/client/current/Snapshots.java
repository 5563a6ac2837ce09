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
package io.fluss.client.current;

import io.fluss.client.Admin;
import io.fluss.client.cluster.Blocking;
import io.fluss.client.cluster.Cluster;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.filestore.FileStore;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.Wire;
import io.fluss.protocol.messages.AcquireKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.AcquireKvSnapshotLeaseResponse;
import io.fluss.protocol.messages.DropKvSnapshotLeaseRequest;
import io.fluss.protocol.messages.GetKvSnapshotMetadataRequest;
import io.fluss.protocol.messages.GetKvSnapshotMetadataResponse;
import io.fluss.protocol.messages.GetLatestKvSnapshotsRequest;
import io.fluss.protocol.messages.GetLatestKvSnapshotsResponse;
import io.fluss.protocol.messages.PbKvSnapshot;
import io.fluss.protocol.messages.PbKvSnapshotLeaseForBucket;
import io.fluss.table.PartitionInfo;
import io.fluss.table.TableBucket;
import io.fluss.table.TableInfo;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the latest snapshots of buckets and keeps them while they are read. Thread-safe. */
final class Snapshots {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    /** A snapshot may go between being named and being leased. */
    private static final int ATTEMPTS = 3;

    private final Cluster cluster;
    private final Admin admin;
    private final FileStore store;
    private final CurrentSettings settings;

    Snapshots(Cluster cluster, Admin admin, FileStore store, CurrentSettings settings) {
        this.cluster = cluster;
        this.admin = admin;
        this.store = store;
        this.settings = settings;
    }

    /** A snapshot that stays until it is closed. */
    record Held(long logOffset, SnapshotFiles files, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            try {
                files.close();
            } finally {
                release.run();
            }
        }
    }

    /** The latest snapshot of a bucket, copied and open; empty if it has none. */
    Optional<Held> latest(TableInfo table, TableBucket bucket) {
        for (int attempt = 1; ; attempt++) {
            Optional<PbKvSnapshot> named = named(table, bucket);
            if (named.isEmpty()) {
                return Optional.empty();
            }
            Runnable release = lease(bucket, named.get().getSnapshotId());
            boolean isHeld = false;
            try {
                GetKvSnapshotMetadataResponse about = about(bucket, named.get().getSnapshotId());
                SnapshotFiles files = open(table, about);
                isHeld = true;
                return Optional.of(new Held(about.getLogOffset(), files, release));
            } catch (FlussException e) {
                if (e.reason() != ErrorReason.KV_SNAPSHOT_NOT_EXIST || attempt == ATTEMPTS) {
                    throw e;
                }
            } finally {
                if (!isHeld) {
                    release.run();
                }
            }
        }
    }

    private SnapshotFiles open(TableInfo table, GetKvSnapshotMetadataResponse about) {
        try {
            return SnapshotFiles.open(
                    store, about.getSnapshotFilesList(), settings.temporaryDirectory());
        } catch (NoClassDefFoundError e) {
            throw ErrorReason.UNSUPPORTED_VERSION.exception(
                    table.path()
                            + ": the server has no scan of rows, so that the files of a snapshot are"
                            + " read; that needs org.rocksdb:rocksdbjni on the class path",
                    e);
        }
    }

    private Optional<PbKvSnapshot> named(TableInfo table, TableBucket bucket) {
        GetLatestKvSnapshotsRequest.Builder request =
                GetLatestKvSnapshotsRequest.newBuilder().setTablePath(Wire.path(table.path()));
        if (bucket.isPartitioned()) {
            request.setPartitionName(partitionName(table, bucket.partitionId()));
        }
        GetLatestKvSnapshotsResponse answer;
        try {
            answer =
                    Blocking.await(
                            cluster.<GetLatestKvSnapshotsResponse>read(
                                    ApiKey.GET_LATEST_KV_SNAPSHOTS, request.build()),
                            "the snapshots of " + table.path());
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.UNSUPPORTED_VERSION) {
                // A cluster that makes no snapshots keeps the whole log.
                return Optional.empty();
            }
            throw e;
        }
        if (answer.getTableId() != table.tableId()) {
            throw ErrorReason.TABLE_NOT_EXIST.exception(
                    table.path()
                            + " with id "
                            + table.tableId()
                            + " was dropped: look the table up again");
        }
        return answer.getLatestSnapshotsList().stream()
                .filter(s -> s.getBucketId() == bucket.bucket() && s.hasSnapshotId())
                .findFirst();
    }

    private String partitionName(TableInfo table, long id) {
        return Blocking.await(
                        admin.listPartitions(table.path()), "the partitions of " + table.path())
                .stream()
                .filter(p -> p.partitionId() == id)
                .map(PartitionInfo::name)
                .findFirst()
                .orElseThrow(
                        () ->
                                ErrorReason.PARTITION_NOT_EXIST.exception(
                                        table.path() + " has no partition with id " + id));
    }

    private GetKvSnapshotMetadataResponse about(TableBucket bucket, long snapshotId) {
        GetKvSnapshotMetadataRequest.Builder request =
                GetKvSnapshotMetadataRequest.newBuilder()
                        .setTableId(bucket.tableId())
                        .setBucketId(bucket.bucket())
                        .setSnapshotId(snapshotId);
        bucket.partition().ifPresent(request::setPartitionId);
        return Blocking.await(
                cluster.<GetKvSnapshotMetadataResponse>read(
                        ApiKey.GET_KV_SNAPSHOT_METADATA, request.build()),
                "snapshot " + snapshotId + " of bucket " + bucket);
    }

    /** Has a snapshot kept, if the cluster can do that; the result gives it up again. */
    private Runnable lease(TableBucket bucket, long snapshotId) {
        String id = "client-" + UUID.randomUUID();
        PbKvSnapshotLeaseForBucket.Builder what =
                PbKvSnapshotLeaseForBucket.newBuilder()
                        .setBucketId(bucket.bucket())
                        .setSnapshotId(snapshotId);
        bucket.partition().ifPresent(what::setPartitionId);
        AcquireKvSnapshotLeaseRequest.Builder request =
                AcquireKvSnapshotLeaseRequest.newBuilder()
                        .setLeaseId(id)
                        .setLeaseDurationMs(settings.leaseTime().toMillis());
        request.addSnapshotsToLeaseBuilder().setTableId(bucket.tableId()).addBucketSnapshots(what);
        try {
            Blocking.await(
                    cluster.<AcquireKvSnapshotLeaseResponse>coordinator(
                            ApiKey.ACQUIRE_KV_SNAPSHOT_LEASE, request.build()),
                    "a lease of snapshot " + snapshotId + " of bucket " + bucket);
        } catch (FlussException e) {
            if (e.reason() == ErrorReason.UNSUPPORTED_VERSION) {
                return () -> {};
            }
            throw e;
        }
        return () -> drop(id);
    }

    /** Not waited for: what is not dropped expires. */
    private void drop(String leaseId) {
        var unused =
                cluster.coordinator(
                                ApiKey.DROP_KV_SNAPSHOT_LEASE,
                                DropKvSnapshotLeaseRequest.newBuilder().setLeaseId(leaseId).build())
                        .whenComplete(
                                (done, failure) -> {
                                    if (failure != null) {
                                        LOG.info("lease {} is left to expire", leaseId, failure);
                                    }
                                });
    }
}
