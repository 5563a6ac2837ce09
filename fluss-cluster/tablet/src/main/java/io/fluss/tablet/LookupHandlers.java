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

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.fluss.errors.ErrorReason;
import io.fluss.errors.FlussException;
import io.fluss.kv.BucketRows;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.LookupRequest;
import io.fluss.protocol.messages.LookupResponse;
import io.fluss.protocol.messages.PbLookupReqForBucket;
import io.fluss.protocol.messages.PbLookupRespForBucket;
import io.fluss.protocol.messages.PbPrefixLookupReqForBucket;
import io.fluss.protocol.messages.PbPrefixLookupRespForBucket;
import io.fluss.protocol.messages.PbValue;
import io.fluss.protocol.messages.PbValueList;
import io.fluss.protocol.messages.PrefixLookupRequest;
import io.fluss.protocol.messages.PrefixLookupResponse;
import io.fluss.table.TableBucket;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** LOOKUP and PREFIX_LOOKUP, answered on the calling thread, off the bucket's loop. Thread-safe. */
final class LookupHandlers {
    private static final long PREFIX_ANSWER_BYTES_MAX = 64L << 20;

    private final ReplicaHost host;

    LookupHandlers(ReplicaHost host) {
        this.host = host;
    }

    void lookup(LookupRequest request, RequestContext context, Reply reply) {
        if (request.getInsertIfNotExists()) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    "lookups that insert what is missing are not supported yet by this cluster");
        }
        LookupResponse.Builder all = LookupResponse.newBuilder();
        for (PbLookupReqForBucket q : request.getBucketsReqList()) {
            PbLookupRespForBucket.Builder one =
                    PbLookupRespForBucket.newBuilder().setBucketId(q.getBucketId());
            if (q.hasPartitionId()) {
                one.setPartitionId(q.getPartitionId());
            }
            try {
                for (byte[] value : rows(request, q, context).lookup(keys(q.getKeysList()))) {
                    one.addValues(
                            value == null
                                    ? PbValue.getDefaultInstance()
                                    : PbValue.newBuilder()
                                            .setValues(UnsafeByteOperations.unsafeWrap(value))
                                            .build());
                }
            } catch (FlussException e) {
                one.clearValues();
                one.setErrorCode(ErrorCodes.code(e.reason()));
                one.setErrorMessage(String.valueOf(e.getMessage()));
            }
            all.addBucketsResp(one);
        }
        reply.success(all.build());
    }

    private BucketRows rows(LookupRequest request, PbLookupReqForBucket q, RequestContext context) {
        return rows(
                request.getTableId(),
                q.hasPartitionId() ? OptionalLong.of(q.getPartitionId()) : OptionalLong.empty(),
                q.getBucketId(),
                context);
    }

    private BucketRows rows(
            long tableId, OptionalLong partitionId, int bucketId, RequestContext context) {
        Replica replica = host.replica(TableBucket.of(tableId, partitionId, bucketId));
        KeyVersion.check(replica, context.apiVersion());
        return replica.serving().orElseThrow(replica::notLeader).rowsByKey();
    }

    private static List<byte[]> keys(List<ByteString> sent) {
        List<byte[]> keys = new ArrayList<>(sent.size());
        for (ByteString k : sent) {
            keys.add(k.toByteArray());
        }
        return keys;
    }

    void prefixLookup(PrefixLookupRequest request, RequestContext context, Reply reply) {
        PrefixLookupResponse.Builder all = PrefixLookupResponse.newBuilder();
        for (PbPrefixLookupReqForBucket q : request.getBucketsReqList()) {
            PbPrefixLookupRespForBucket.Builder one =
                    PbPrefixLookupRespForBucket.newBuilder().setBucketId(q.getBucketId());
            OptionalLong partition = OptionalLong.empty();
            if (q.hasPartitionId()) {
                partition = OptionalLong.of(q.getPartitionId());
                one.setPartitionId(q.getPartitionId());
            }
            try {
                BucketRows rows = rows(request.getTableId(), partition, q.getBucketId(), context);
                for (ByteString prefix : q.getKeysList()) {
                    PbValueList.Builder values = PbValueList.newBuilder();
                    rows.prefixLookup(prefix.toByteArray(), PREFIX_ANSWER_BYTES_MAX)
                            .forEach(v -> values.addValues(UnsafeByteOperations.unsafeWrap(v)));
                    one.addValueLists(values);
                }
            } catch (FlussException e) {
                one.clearValueLists();
                one.setErrorCode(ErrorCodes.code(e.reason()));
                one.setErrorMessage(String.valueOf(e.getMessage()));
            }
            all.addBucketsResp(one);
        }
        reply.success(all.build());
    }
}
