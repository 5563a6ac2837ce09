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
package io.fluss.client.append;

import com.google.protobuf.MessageLite;
import com.google.protobuf.UnsafeByteOperations;
import io.fluss.formats.kv.KvBatchWriter;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.PbPutKvReqForBucket;
import io.fluss.protocol.messages.PbPutKvRespForBucket;
import io.fluss.protocol.messages.PutKvRequest;
import io.fluss.protocol.messages.PutKvResponse;
import io.fluss.table.TableBucket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/**
 * Batches of upserts and deletes to a table with a primary key.
 *
 * @param targetColumns positions of the columns that are written; empty for all
 */
record KvWrites(long tableId, int acks, int timeoutMs, List<Integer> targetColumns, MergeMode mode)
        implements WriteApi {
    private static final int OVERWRITE = 1;

    @Override
    public ApiKey key() {
        return ApiKey.PUT_KV;
    }

    @Override
    public String verb() {
        return "upsert";
    }

    @Override
    public void stamp(ByteBuffer batch, long writerId, int sequence) {
        KvBatchWriter.stamp(batch, writerId, sequence);
    }

    @Override
    public MessageLite request(List<Part> parts) {
        PutKvRequest.Builder request =
                PutKvRequest.newBuilder()
                        .setAcks(acks)
                        .setTableId(tableId)
                        .setTimeoutMs(timeoutMs)
                        .addAllTargetColumns(targetColumns);
        if (mode == MergeMode.OVERWRITE) {
            request.setAggMode(OVERWRITE);
        }
        for (Part p : parts) {
            PbPutKvReqForBucket.Builder b =
                    request.addBucketsReqBuilder()
                            .setBucketId(p.bucket().bucket())
                            .setRecords(UnsafeByteOperations.unsafeWrap(p.records()));
            p.bucket().partition().ifPresent(b::setPartitionId);
        }
        return request.build();
    }

    @Override
    public List<Answer> answers(MessageLite response) {
        return ((PutKvResponse) response).getBucketsRespList().stream().map(this::answer).toList();
    }

    private Answer answer(PbPutKvRespForBucket b) {
        OptionalLong partition =
                b.hasPartitionId() ? OptionalLong.of(b.getPartitionId()) : OptionalLong.empty();
        return new Answer(
                TableBucket.of(tableId, partition, b.getBucketId()),
                b.getErrorCode(),
                b.getErrorMessage(),
                b.hasLogEndOffset() ? b.getLogEndOffset() : AppendResult.UNKNOWN_OFFSET);
    }
}
