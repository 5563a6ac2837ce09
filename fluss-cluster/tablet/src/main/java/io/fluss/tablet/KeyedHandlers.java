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

import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.LookupRequest;
import io.fluss.protocol.messages.LookupResponse;
import io.fluss.protocol.messages.PbLookupRespForBucket;
import io.fluss.protocol.messages.PbPrefixLookupRespForBucket;
import io.fluss.protocol.messages.PbPutKvRespForBucket;
import io.fluss.protocol.messages.PrefixLookupRequest;
import io.fluss.protocol.messages.PrefixLookupResponse;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.PutKvResponse;
import io.fluss.table.TableBucket;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import java.util.OptionalLong;

/**
 * Requests that need a primary key. All tables of this server are log tables, so that each bucket
 * is answered with an error: of the bucket if it is not led here, else that it has no primary key.
 * Thread-safe.
 */
final class KeyedHandlers {
    private final ReplicaHost host;

    KeyedHandlers(ReplicaHost host) {
        this.host = host;
    }

    void putKv(PutKvRequest request, RequestContext context, Reply reply) {
        if (request.getAcks() < -1 || request.getAcks() > 1) {
            throw ErrorReason.INVALID_REQUIRED_ACKS.exception(
                    "acks is " + request.getAcks() + ", but must be 0, 1 or -1");
        }
        PutKvResponse.Builder out = PutKvResponse.newBuilder();
        for (var q : request.getBucketsReqList()) {
            FlussException e =
                    refusal(
                            request.getTableId(),
                            q.hasPartitionId(),
                            q.getPartitionId(),
                            q.getBucketId());
            PbPutKvRespForBucket.Builder one =
                    PbPutKvRespForBucket.newBuilder()
                            .setBucketId(q.getBucketId())
                            .setErrorCode(ErrorCodes.code(e.reason()))
                            .setErrorMessage(String.valueOf(e.getMessage()));
            if (q.hasPartitionId()) {
                one.setPartitionId(q.getPartitionId());
            }
            out.addBucketsResp(one);
        }
        reply.success(out.build());
    }

    void lookup(LookupRequest request, RequestContext context, Reply reply) {
        LookupResponse.Builder out = LookupResponse.newBuilder();
        for (var q : request.getBucketsReqList()) {
            FlussException e =
                    refusal(
                            request.getTableId(),
                            q.hasPartitionId(),
                            q.getPartitionId(),
                            q.getBucketId());
            PbLookupRespForBucket.Builder one =
                    PbLookupRespForBucket.newBuilder()
                            .setBucketId(q.getBucketId())
                            .setErrorCode(ErrorCodes.code(e.reason()))
                            .setErrorMessage(String.valueOf(e.getMessage()));
            if (q.hasPartitionId()) {
                one.setPartitionId(q.getPartitionId());
            }
            out.addBucketsResp(one);
        }
        reply.success(out.build());
    }

    void prefixLookup(PrefixLookupRequest request, RequestContext context, Reply reply) {
        PrefixLookupResponse.Builder out = PrefixLookupResponse.newBuilder();
        for (var q : request.getBucketsReqList()) {
            FlussException e =
                    refusal(
                            request.getTableId(),
                            q.hasPartitionId(),
                            q.getPartitionId(),
                            q.getBucketId());
            PbPrefixLookupRespForBucket.Builder one =
                    PbPrefixLookupRespForBucket.newBuilder()
                            .setBucketId(q.getBucketId())
                            .setErrorCode(ErrorCodes.code(e.reason()))
                            .setErrorMessage(String.valueOf(e.getMessage()));
            if (q.hasPartitionId()) {
                one.setPartitionId(q.getPartitionId());
            }
            out.addBucketsResp(one);
        }
        reply.success(out.build());
    }

    private FlussException refusal(
            long tableId, boolean hasPartition, long partitionId, int bucket) {
        try {
            Replica.Serving s =
                    host.serving(
                            TableBucket.of(
                                    tableId,
                                    hasPartition
                                            ? OptionalLong.of(partitionId)
                                            : OptionalLong.empty(),
                                    bucket));
            return ErrorReason.NON_PRIMARY_KEY_TABLE.exception(
                    "table '"
                            + s.table().info().path()
                            + "' has no primary key: append to it and scan it");
        } catch (FlussException e) {
            return e;
        }
    }
}
