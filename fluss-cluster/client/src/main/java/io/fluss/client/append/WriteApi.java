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
import io.fluss.protocol.ApiKey;
import io.fluss.table.TableBucket;
import java.nio.ByteBuffer;
import java.util.List;

/** What appends and upserts do not share: how a batch is stamped, sent and answered. Immutable. */
interface WriteApi {
    ApiKey key();

    /** What is done to a bucket, for error messages. */
    String verb();

    /** Puts writer id, sequence and checksum into a batch. */
    void stamp(ByteBuffer batch, long writerId, int sequence);

    /** One request for batches of different buckets. */
    MessageLite request(List<Part> parts);

    List<Answer> answers(MessageLite response);

    /** One batch of a request. */
    record Part(TableBucket bucket, ByteBuffer records) {}

    /**
     * What became of a batch.
     *
     * @param errorCode 0 for none
     * @param offset see {@link Stored}
     */
    record Answer(TableBucket bucket, int errorCode, String errorMessage, long offset) {}
}
