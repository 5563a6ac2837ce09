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
import io.fluss.protocol.messages.PbProduceLogReqForBucket;
import io.fluss.protocol.messages.PbProduceLogRespForBucket;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.protocol.messages.ProduceLogResponse;
import io.fluss.table.TableBucket;
import io.fluss.transport.Reply;
import io.fluss.transport.RequestContext;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;

/** PRODUCE_LOG: each bucket on its loop, one answer when the last one is settled. Thread-safe. */
final class ProduceHandler {
    private final ReplicaHost host;

    ProduceHandler(ReplicaHost host) {
        this.host = host;
    }

    void handle(ProduceLogRequest request, RequestContext context, Reply reply) {
        int acks = request.getAcks();
        PutHandler.checkAcks(acks);
        int n = request.getBucketsReqCount();
        if (n == 0) {
            reply.success(ProduceLogResponse.getDefaultInstance());
            return;
        }
        WriteResults answers =
                new WriteResults(n, results -> reply.success(response(request, results)));
        for (int i = 0; i < n; i++) {
            int index = i;
            PbProduceLogReqForBucket q = request.getBucketsReq(i);
            try {
                Replica replica = host.replica(bucketOf(request, q));
                replica.loop()
                        .execute(
                                () ->
                                        append(
                                                replica,
                                                q,
                                                acks,
                                                request.getTimeoutMs(),
                                                index,
                                                answers));
            } catch (FlussException e) {
                answers.settle(index, Replica.AppendResult.failed(e));
            } catch (RejectedExecutionException e) {
                answers.settle(
                        index,
                        Replica.AppendResult.failed(
                                ErrorReason.LOG_STORAGE.exception(
                                        "the server is closing or overloaded; try again", e)));
            }
        }
    }

    private static void append(
            Replica replica,
            PbProduceLogReqForBucket q,
            int acks,
            int timeoutMs,
            int index,
            WriteResults answers) {
        try {
            replica.append(q.getRecords(), acks, timeoutMs, r -> answers.settle(index, r));
        } catch (RuntimeException e) {
            answers.settle(index, Replica.AppendResult.failed(FlussException.from(e)));
            throw e;
        }
    }

    private static TableBucket bucketOf(ProduceLogRequest request, PbProduceLogReqForBucket q) {
        return TableBucket.of(
                request.getTableId(),
                q.hasPartitionId() ? OptionalLong.of(q.getPartitionId()) : OptionalLong.empty(),
                q.getBucketId());
    }

    private static ProduceLogResponse response(ProduceLogRequest request, WriteResults results) {
        ProduceLogResponse.Builder all = ProduceLogResponse.newBuilder();
        for (int i = 0; i < results.size(); i++) {
            PbProduceLogReqForBucket q = request.getBucketsReq(i);
            Replica.AppendResult r = results.get(i);
            PbProduceLogRespForBucket.Builder one =
                    PbProduceLogRespForBucket.newBuilder().setBucketId(q.getBucketId());
            if (q.hasPartitionId()) {
                one.setPartitionId(q.getPartitionId());
            }
            if (r.error().isPresent()) {
                FlussException e = r.error().get();
                one.setErrorCode(ErrorCodes.code(e.reason()));
                one.setErrorMessage(String.valueOf(e.getMessage()));
            } else {
                one.setBaseOffset(r.baseOffset());
            }
            all.addBucketsResp(one);
        }
        return all.build();
    }
}
