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
package io.fluss.tablet;

import com.google.protobuf.UnsafeByteOperations;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.GetTableStatsRequest;
import io.fluss.protocol.messages.GetTableStatsResponse;
import io.fluss.protocol.messages.InitWriterRequest;
import io.fluss.protocol.messages.InitWriterResponse;
import io.fluss.protocol.messages.LimitScanRequest;
import io.fluss.protocol.messages.LimitScanResponse;
import io.fluss.protocol.messages.ListOffsetsRequest;
import io.fluss.protocol.messages.ListOffsetsResponse;
import io.fluss.protocol.messages.PbListOffsetsRespForBucket;
import io.fluss.protocol.messages.PbTableStatsReqForBucket;
import io.fluss.protocol.messages.PbTableStatsRespForBucket;
import io.fluss.table.TableBucket;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;

/**
 * Requests that are answered from a bucket's snapshot on the calling thread: offsets, statistics,
 * limit scans of log tables; and writer ids. Thread-safe.
 */
final class OffsetHandlers {
    private static final int EARLIEST = 0;
    private static final int LATEST = 1;
    private static final int TIMESTAMP = 2;
    private static final int LEADER_START = 3;

    /** A client that asks for more rows gets fewer. */
    private static final int LIMIT_SCAN_BYTES_MAX = 64 << 20;

    private final ReplicaHost host;

    OffsetHandlers(ReplicaHost host) {
        this.host = host;
    }

    void listOffsets(ListOffsetsRequest request, RequestContext context, Reply reply) {
        if (!needsRemoteRead(request)) {
            reply.success(offsets(request));
            return;
        }
        try {
            host.remoteReads().execute(() -> reply.success(offsets(request)));
        } catch (RejectedExecutionException e) {
            reply.failure(
                    ErrorReason.STORAGE.exception(
                            "too many reads of remote logs wait; try again later", e));
        }
    }

    private boolean needsRemoteRead(ListOffsetsRequest request) {
        if (request.getOffsetType() != TIMESTAMP || !host.hasRemoteLogs()) {
            return false;
        }
        for (int id : request.getBucketIdList()) {
            Optional<Replica> replica =
                    host.led(
                            bucket(
                                    request.getTableId(),
                                    request.hasPartitionId(),
                                    request.getPartitionId(),
                                    id));
            if (replica.isPresent()
                    && replica.get().remote().flatMap(ReplicaRemote::view).isPresent()
                    && RemoteReads.isTimeRemote(replica.get(), request.getStartTimestamp())) {
                return true;
            }
        }
        return false;
    }

    private ListOffsetsResponse offsets(ListOffsetsRequest request) {
        ListOffsetsResponse.Builder all = ListOffsetsResponse.newBuilder();
        for (int id : request.getBucketIdList()) {
            PbListOffsetsRespForBucket.Builder one =
                    PbListOffsetsRespForBucket.newBuilder().setBucketId(id);
            try {
                TableBucket bucket =
                        bucket(
                                request.getTableId(),
                                request.hasPartitionId(),
                                request.getPartitionId(),
                                id);
                one.setOffset(offset(request, host.replica(bucket)));
            } catch (RuntimeException thrown) {
                FlussException e = FlussException.from(thrown);
                one.setErrorCode(ErrorCodes.code(e.reason()));
                one.setErrorMessage(String.valueOf(e.getMessage()));
            }
            all.addBucketsResp(one);
        }
        return all.build();
    }

    private long offset(ListOffsetsRequest request, Replica replica) {
        Replica.Serving s = replica.serving().orElseThrow(replica::notLeader);
        boolean follower = request.getFollowerServerId() >= 0;
        long latest = follower ? s.log().endOffset() : s.highWatermark();
        return switch (request.getOffsetType()) {
            case EARLIEST -> follower ? s.log().startOffset() : RemoteReads.earliest(replica, s);
            case LATEST -> latest;
            case TIMESTAMP -> atTimestamp(request, replica, s, latest);
            case LEADER_START -> s.leaderStartOffset();
            default ->
                    throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                            "offset type " + request.getOffsetType() + " is not known; 0 to 3 are");
        };
    }

    private long atTimestamp(
            ListOffsetsRequest request, Replica replica, Replica.Serving s, long latest) {
        if (!request.hasStartTimestamp()) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    "an offset by timestamp needs startTimestamp");
        }
        long wanted = request.getStartTimestamp();
        long nowMs = host.clock().nowMs();
        if (wanted > nowMs) {
            throw ErrorReason.INVALID_TIMESTAMP.exception(
                    "timestamp " + wanted + " is later than the server's time " + nowMs);
        }
        return Math.min(latest, RemoteReads.offsetAtTime(replica, s, wanted));
    }

    void limitScan(LimitScanRequest request, RequestContext context, Reply reply) {
        try {
            TableBucket bucket =
                    bucket(
                            request.getTableId(),
                            request.hasPartitionId(),
                            request.getPartitionId(),
                            request.getBucketId());
            Replica.Serving s = host.serving(bucket);
            if (s.rows().isPresent()) {
                reply.success(
                        LimitScanResponse.newBuilder()
                                .setIsLogTable(false)
                                .setRecords(
                                        UnsafeByteOperations.unsafeWrap(
                                                s.rows()
                                                        .get()
                                                        .limitScan(
                                                                request.getLimit(),
                                                                LIMIT_SCAN_BYTES_MAX)))
                                .build());
                return;
            }
            long from =
                    Math.max(
                            s.log().startOffset(),
                            s.highWatermark() - Math.max(0, request.getLimit()));
            reply.success(
                    FetchResponse.limitScan(
                            s.log()
                                    .read(from, Integer.MAX_VALUE, true, s.highWatermark())
                                    .toParts()));
        } catch (FlussException e) {
            reply.success(
                    LimitScanResponse.newBuilder()
                            .setErrorCode(ErrorCodes.code(e.reason()))
                            .setErrorMessage(String.valueOf(e.getMessage()))
                            .build());
        }
    }

    void tableStats(GetTableStatsRequest request, RequestContext context, Reply reply) {
        GetTableStatsResponse.Builder all = GetTableStatsResponse.newBuilder();
        for (PbTableStatsReqForBucket q : request.getBucketsReqList()) {
            PbTableStatsRespForBucket.Builder one =
                    PbTableStatsRespForBucket.newBuilder().setBucketId(q.getBucketId());
            if (q.hasPartitionId()) {
                one.setPartitionId(q.getPartitionId());
            }
            try {
                one.setRowCount(
                        rowCount(
                                host.replica(
                                        bucket(
                                                request.getTableId(),
                                                q.hasPartitionId(),
                                                q.getPartitionId(),
                                                q.getBucketId()))));
            } catch (FlussException e) {
                one.setErrorCode(ErrorCodes.code(e.reason()));
                one.setErrorMessage(String.valueOf(e.getMessage()));
            }
            all.addBucketsResp(one);
        }
        reply.success(all.build());
    }

    private static long rowCount(Replica replica) {
        Replica.Serving s = replica.serving().orElseThrow(replica::notLeader);
        if (s.rows().isPresent()) {
            return s.rows()
                    .get()
                    .rowCount()
                    .orElseThrow(
                            () ->
                                    ErrorReason.INVALID_TABLE.exception(
                                            s.table().info().path()
                                                    + ": no row count is kept for changelogs"
                                                    + " without before-images"));
        }
        return s.highWatermark() - RemoteReads.earliest(replica, s);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // both outcomes are answered in the callback
    void initWriter(InitWriterRequest request, RequestContext context, Reply reply) {
        host.writerIds()
                .next()
                .whenComplete(
                        (id, e) -> {
                            if (e == null) {
                                reply.success(
                                        InitWriterResponse.newBuilder().setWriterId(id).build());
                            } else {
                                reply.failure(FlussException.from(e));
                            }
                        });
    }

    private static TableBucket bucket(
            long tableId, boolean hasPartition, long partitionId, int bucket) {
        return TableBucket.of(
                tableId,
                hasPartition ? OptionalLong.of(partitionId) : OptionalLong.empty(),
                bucket);
    }
}
