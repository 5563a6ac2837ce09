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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** LOOKUP and PREFIX_LOOKUP, answered on the calling thread, off the bucket's loop. Thread-safe. */
final class LookupHandlers {
    private static final long PREFIX_ANSWER_BYTES_MAX = 64L << 20;

    private final ReplicaHost host;

    LookupHandlers(ReplicaHost host) {
        this.host = host;
    }

    void lookup(LookupRequest request, RequestContext context, Reply reply) {
        if (request.getInsertIfNotExists()) {
            insertingLookup(request, context, reply);
            return;
        }
        LookupResponse.Builder all = LookupResponse.newBuilder();
        for (PbLookupReqForBucket q : request.getBucketsReqList()) {
            try {
                BucketRows rows = rows(bucket(request, q), context);
                all.addBucketsResp(found(q, rows.lookup(keys(q.getKeysList()))));
            } catch (FlussException e) {
                all.addBucketsResp(refused(q, e));
            }
        }
        reply.success(all.build());
    }

    private BucketRows rows(TableBucket bucket, RequestContext context) {
        Replica replica = host.replica(bucket);
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

    private static TableBucket bucket(LookupRequest request, PbLookupReqForBucket q) {
        return TableBucket.of(
                request.getTableId(),
                q.hasPartitionId() ? OptionalLong.of(q.getPartitionId()) : OptionalLong.empty(),
                q.getBucketId());
    }

    private static PbLookupRespForBucket.Builder answerTo(PbLookupReqForBucket q) {
        PbLookupRespForBucket.Builder one =
                PbLookupRespForBucket.newBuilder().setBucketId(q.getBucketId());
        if (q.hasPartitionId()) {
            one.setPartitionId(q.getPartitionId());
        }
        return one;
    }

    private static PbLookupRespForBucket refused(PbLookupReqForBucket q, FlussException e) {
        return answerTo(q)
                .setErrorCode(ErrorCodes.code(e.reason()))
                .setErrorMessage(String.valueOf(e.getMessage()))
                .build();
    }

    private static PbLookupRespForBucket found(
            PbLookupReqForBucket q, List<byte @Nullable []> values) {
        PbLookupRespForBucket.Builder one = answerTo(q);
        for (byte[] value : values) {
            one.addValues(
                    value == null
                            ? PbValue.getDefaultInstance()
                            : PbValue.newBuilder()
                                    .setValues(UnsafeByteOperations.unsafeWrap(value))
                                    .build());
        }
        return one.build();
    }

    // ---- lookups that insert what is missing

    private void insertingLookup(LookupRequest request, RequestContext context, Reply reply) {
        if (!request.hasAcks() || !request.hasTimeoutMs()) {
            throw ErrorReason.UNKNOWN_SERVER_ERROR.exception(
                    "a lookup that inserts what is missing needs acks and timeout_ms");
        }
        PutHandler.checkAcks(request.getAcks());
        int n = request.getBucketsReqCount();
        if (n == 0) {
            reply.success(LookupResponse.getDefaultInstance());
            return;
        }
        AtomicReferenceArray<PbLookupRespForBucket> answers = new AtomicReferenceArray<>(n);
        AtomicInteger open = new AtomicInteger(n);
        for (int i = 0; i < n; i++) {
            int index = i;
            PbLookupReqForBucket q = request.getBucketsReq(i);
            insertMissing(
                    request,
                    q,
                    context,
                    answer -> {
                        if (answers.compareAndSet(index, null, answer)
                                && open.decrementAndGet() == 0) {
                            reply.success(joined(answers));
                        }
                    });
        }
    }

    private static LookupResponse joined(AtomicReferenceArray<PbLookupRespForBucket> answers) {
        LookupResponse.Builder all = LookupResponse.newBuilder();
        for (int i = 0; i < answers.length(); i++) {
            all.addBucketsResp(answers.get(i));
        }
        return all.build();
    }

    private void insertMissing(
            LookupRequest request,
            PbLookupReqForBucket q,
            RequestContext context,
            Consumer<PbLookupRespForBucket> answered) {
        try {
            Replica replica = host.replica(bucket(request, q));
            KeyVersion.check(replica, context.apiVersion());
            List<byte[]> keys = keys(q.getKeysList());
            replica.loop().execute(() -> insertMissing(replica, keys, request, q, answered));
        } catch (FlussException e) {
            answered.accept(refused(q, e));
        } catch (RejectedExecutionException e) {
            answered.accept(
                    refused(
                            q,
                            ErrorReason.KV_STORAGE.exception(
                                    "the server is closing or overloaded; try again", e)));
        }
    }

    private static void insertMissing(
            Replica replica,
            List<byte[]> keys,
            LookupRequest request,
            PbLookupReqForBucket q,
            Consumer<PbLookupRespForBucket> answered) {
        try {
            replica.insertMissing(
                    keys,
                    request.getAcks(),
                    request.getTimeoutMs(),
                    (values, error) ->
                            answered.accept(
                                    error.map(e -> refused(q, e))
                                            .orElseGet(() -> found(q, values))));
        } catch (FlussException e) {
            answered.accept(refused(q, e));
        } catch (RuntimeException e) {
            answered.accept(refused(q, FlussException.from(e)));
            throw e;
        }
    }

    // ---- prefixes

    /** Goes to the store, so not on the thread of a connection. */
    void prefixLookup(PrefixLookupRequest request, RequestContext context, Reply reply) {
        try {
            host.storeReads().execute(() -> reply.success(withPrefixes(request, context)));
        } catch (RejectedExecutionException e) {
            reply.failure(
                    ErrorReason.KV_STORAGE.exception(
                            "too many reads of rows wait; try again later", e));
        }
    }

    private PrefixLookupResponse withPrefixes(PrefixLookupRequest request, RequestContext context) {
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
                BucketRows rows =
                        rows(
                                TableBucket.of(request.getTableId(), partition, q.getBucketId()),
                                context);
                for (ByteString prefix : q.getKeysList()) {
                    PbValueList.Builder values = PbValueList.newBuilder();
                    rows.prefixLookup(prefix.toByteArray(), PREFIX_ANSWER_BYTES_MAX)
                            .forEach(v -> values.addValues(UnsafeByteOperations.unsafeWrap(v)));
                    one.addValueLists(values);
                }
            } catch (RuntimeException thrown) {
                FlussException e = FlussException.from(thrown);
                one.clearValueLists();
                one.setErrorCode(ErrorCodes.code(e.reason()));
                one.setErrorMessage(String.valueOf(e.getMessage()));
            }
            all.addBucketsResp(one);
        }
        return all.build();
    }
}
