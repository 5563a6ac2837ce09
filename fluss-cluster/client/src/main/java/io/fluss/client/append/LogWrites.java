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
import io.fluss.formats.log.LogBatch;
import io.fluss.protocol.ApiKey;
import io.fluss.protocol.messages.PbProduceLogReqForBucket;
import io.fluss.protocol.messages.PbProduceLogRespForBucket;
import io.fluss.protocol.messages.ProduceLogRequest;
import io.fluss.protocol.messages.ProduceLogResponse;
import io.fluss.table.TableBucket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/** Log batches to a log table. */
record LogWrites(long tableId, int acks, int timeoutMs) implements WriteApi {
    @Override
    public ApiKey key() {
        return ApiKey.PRODUCE_LOG;
    }

    @Override
    public String verb() {
        return "append";
    }

    @Override
    public void stamp(ByteBuffer batch, long writerId, int sequence) {
        batch.putLong(LogBatch.WRITER_ID_OFFSET, writerId);
        batch.putInt(LogBatch.SEQUENCE_OFFSET, sequence);
        batch.putInt(LogBatch.CRC_OFFSET, (int) LogBatch.at(batch, 0).computedCrc());
    }

    @Override
    public MessageLite request(List<Part> parts) {
        ProduceLogRequest.Builder request =
                ProduceLogRequest.newBuilder()
                        .setAcks(acks)
                        .setTableId(tableId)
                        .setTimeoutMs(timeoutMs);
        for (Part p : parts) {
            PbProduceLogReqForBucket.Builder b =
                    request.addBucketsReqBuilder()
                            .setBucketId(p.bucket().bucket())
                            .setRecords(UnsafeByteOperations.unsafeWrap(p.records()));
            p.bucket().partition().ifPresent(b::setPartitionId);
        }
        return request.build();
    }

    @Override
    public List<Answer> answers(MessageLite response) {
        return ((ProduceLogResponse) response)
                .getBucketsRespList().stream().map(this::answer).toList();
    }

    private Answer answer(PbProduceLogRespForBucket b) {
        OptionalLong partition =
                b.hasPartitionId() ? OptionalLong.of(b.getPartitionId()) : OptionalLong.empty();
        return new Answer(
                TableBucket.of(tableId, partition, b.getBucketId()),
                b.getErrorCode(),
                b.getErrorMessage(),
                b.hasBaseOffset() ? b.getBaseOffset() : AppendResult.UNKNOWN_OFFSET);
    }
}
