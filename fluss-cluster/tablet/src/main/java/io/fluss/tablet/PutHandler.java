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
import io.fluss.kv.MergeMode;
import io.fluss.protocol.ErrorCodes;
import io.fluss.protocol.messages.PbPutKvReqForBucket;
import io.fluss.protocol.messages.PbPutKvRespForBucket;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.PutKvResponse;
import io.fluss.table.TableBucket;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;

/** PUT_KV: each bucket on its loop, one answer when the last one is settled. Thread-safe. */
final class PutHandler {
    private static final int OVERWRITE = 1;

    private final ReplicaHost host;

    PutHandler(ReplicaHost host) {
        this.host = host;
    }

    void handle(PutKvRequest request, RequestContext context, Reply reply) {
        checkAcks(request.getAcks());
        int n = request.getBucketsReqCount();
        if (n == 0) {
            reply.success(PutKvResponse.getDefaultInstance());
            return;
        }
        List<Integer> targets = request.getTargetColumnsList();
        MergeMode mode =
                request.getAggMode() == OVERWRITE ? MergeMode.OVERWRITE : MergeMode.DEFAULT;
        WriteResults answers =
                new WriteResults(n, results -> reply.success(response(request, results)));
        for (int i = 0; i < n; i++) {
            int index = i;
            PbPutKvReqForBucket q = request.getBucketsReq(i);
            try {
                Replica replica = host.replica(bucketOf(request, q));
                KeyVersion.check(replica, context.apiVersion());
                replica.loop()
                        .execute(
                                () ->
                                        upsert(
                                                replica,
                                                q,
                                                targets,
                                                mode,
                                                request,
                                                r -> answers.settle(index, r)));
            } catch (FlussException e) {
                answers.settle(index, Replica.AppendResult.failed(e));
            } catch (RejectedExecutionException e) {
                answers.settle(
                        index,
                        Replica.AppendResult.failed(
                                ErrorReason.KV_STORAGE.exception(
                                        "the server is closing or overloaded; try again", e)));
            }
        }
    }

    static void checkAcks(int acks) {
        if (acks < -1 || acks > 1) {
            throw ErrorReason.INVALID_REQUIRED_ACKS.exception(
                    "acks is " + acks + ", but must be 0, 1 or -1");
        }
    }

    private static void upsert(
            Replica replica,
            PbPutKvReqForBucket q,
            List<Integer> targets,
            MergeMode mode,
            PutKvRequest request,
            java.util.function.Consumer<Replica.AppendResult> done) {
        try {
            replica.upsert(
                    q.getRecords(), targets, mode, request.getAcks(), request.getTimeoutMs(), done);
        } catch (RuntimeException e) {
            done.accept(Replica.AppendResult.failed(FlussException.from(e)));
            throw e;
        }
    }

    private static TableBucket bucketOf(PutKvRequest request, PbPutKvReqForBucket q) {
        return TableBucket.of(
                request.getTableId(),
                q.hasPartitionId() ? OptionalLong.of(q.getPartitionId()) : OptionalLong.empty(),
                q.getBucketId());
    }

    private static PutKvResponse response(PutKvRequest request, WriteResults results) {
        PutKvResponse.Builder all = PutKvResponse.newBuilder();
        for (int i = 0; i < results.size(); i++) {
            PbPutKvReqForBucket q = request.getBucketsReq(i);
            Replica.AppendResult r = results.get(i);
            PbPutKvRespForBucket.Builder one =
                    PbPutKvRespForBucket.newBuilder().setBucketId(q.getBucketId());
            if (q.hasPartitionId()) {
                one.setPartitionId(q.getPartitionId());
            }
            if (r.error().isPresent()) {
                FlussException e = r.error().get();
                one.setErrorCode(ErrorCodes.code(e.reason()));
                one.setErrorMessage(String.valueOf(e.getMessage()));
            } else {
                one.setLogEndOffset(r.endOffset());
            }
            all.addBucketsResp(one);
        }
        return all.build();
    }
}
