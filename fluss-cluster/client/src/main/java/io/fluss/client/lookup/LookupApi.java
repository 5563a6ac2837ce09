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
package io.fluss.client.lookup;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.fluss.protocol.ApiKey;
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;

/** What lookups by key and by prefix do not share. Immutable. */
sealed interface LookupApi {
    ApiKey key();

    /** One request for keys of different buckets. */
    MessageLite request(List<Part> parts);

    List<Answer> answers(MessageLite response);

    /** The keys of a bucket in one request. */
    record Part(TableBucket bucket, List<ByteString> keys) {}

    /**
     * What a bucket answers.
     *
     * @param errorCode 0 for none
     * @param values for each key those that were found
     */
    record Answer(
            TableBucket bucket,
            int errorCode,
            String errorMessage,
            List<List<ByteBuffer>> values) {}

    private static OptionalLong partition(boolean isThere, long id) {
        return isThere ? OptionalLong.of(id) : OptionalLong.empty();
    }

    private static ByteBuffer value(ByteString bytes) {
        return bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Of whole keys.
     *
     * @param insertsMissing whether rows are made for keys that have none
     */
    record ByKey(long tableId, boolean insertsMissing, int timeoutMs) implements LookupApi {
        private static final int ALL_REPLICAS = -1;

        @Override
        public ApiKey key() {
            return ApiKey.LOOKUP;
        }

        @Override
        public MessageLite request(List<Part> parts) {
            LookupRequest.Builder request = LookupRequest.newBuilder().setTableId(tableId);
            if (insertsMissing) {
                request.setInsertIfNotExists(true).setAcks(ALL_REPLICAS).setTimeoutMs(timeoutMs);
            }
            for (Part p : parts) {
                PbLookupReqForBucket.Builder b =
                        request.addBucketsReqBuilder()
                                .setBucketId(p.bucket().bucket())
                                .addAllKeys(p.keys());
                p.bucket().partition().ifPresent(b::setPartitionId);
            }
            return request.build();
        }

        @Override
        public List<Answer> answers(MessageLite response) {
            return ((LookupResponse) response)
                    .getBucketsRespList().stream().map(this::answer).toList();
        }

        private Answer answer(PbLookupRespForBucket b) {
            OptionalLong partition = partition(b.hasPartitionId(), b.getPartitionId());
            return new Answer(
                    TableBucket.of(tableId, partition, b.getBucketId()),
                    b.getErrorCode(),
                    b.getErrorMessage(),
                    b.getValuesList().stream().map(ByKey::found).toList());
        }

        private static List<ByteBuffer> found(PbValue v) {
            return v.hasValues() ? List.of(value(v.getValues())) : List.of();
        }
    }

    /** Of leading parts of keys. */
    record ByPrefix(long tableId) implements LookupApi {
        @Override
        public ApiKey key() {
            return ApiKey.PREFIX_LOOKUP;
        }

        @Override
        public MessageLite request(List<Part> parts) {
            PrefixLookupRequest.Builder request =
                    PrefixLookupRequest.newBuilder().setTableId(tableId);
            for (Part p : parts) {
                PbPrefixLookupReqForBucket.Builder b =
                        request.addBucketsReqBuilder()
                                .setBucketId(p.bucket().bucket())
                                .addAllKeys(p.keys());
                p.bucket().partition().ifPresent(b::setPartitionId);
            }
            return request.build();
        }

        @Override
        public List<Answer> answers(MessageLite response) {
            return ((PrefixLookupResponse) response)
                    .getBucketsRespList().stream().map(this::answer).toList();
        }

        private Answer answer(PbPrefixLookupRespForBucket b) {
            OptionalLong partition = partition(b.hasPartitionId(), b.getPartitionId());
            return new Answer(
                    TableBucket.of(tableId, partition, b.getBucketId()),
                    b.getErrorCode(),
                    b.getErrorMessage(),
                    b.getValueListsList().stream().map(ByPrefix::found).toList());
        }

        private static List<ByteBuffer> found(PbValueList list) {
            return list.getValuesList().stream().map(LookupApi::value).toList();
        }
    }
}
