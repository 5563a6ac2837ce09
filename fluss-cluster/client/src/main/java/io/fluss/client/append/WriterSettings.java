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

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;
import java.util.Locale;

/**
 * How rows are collected and sent.
 *
 * @param batching sizes and times of batches
 * @param acks -1 all in-sync replicas, 1 the leader, 0 as 1
 * @param retries how often a batch is sent again after retriable errors
 * @param isIdempotent whether batches carry writer id and sequence, so that a batch that is sent
 *     again is stored once
 * @param inflightPerBucketMax batches of a bucket that are sent before the first is acknowledged
 * @param canCreatePartitions whether partitions are created when rows for them arrive
 * @param deliveryTimeout how long a batch is tried to be sent before it fails
 * @param assigner picks the bucket of rows without a bucket key
 */
public record WriterSettings(
        Batching batching,
        int acks,
        int retries,
        boolean isIdempotent,
        int inflightPerBucketMax,
        boolean canCreatePartitions,
        Duration deliveryTimeout,
        BucketAssigner assigner) {
    private static final int IDEMPOTENT_INFLIGHT_MAX = 5;

    /** Long enough for a cluster to be restarted, short enough to learn that it is gone. */
    private static final Duration WAIT_MAX = Duration.ofMinutes(5);

    /**
     * Sizes and times of batches.
     *
     * @param bufferBytesMax memory for rows that are not acknowledged; beyond it appends block
     * @param batchBytes aim for the size of a batch before compression
     * @param batchTimeout longest time a row waits for others
     * @param requestBytesMax largest write request
     * @param bufferWait how long an append waits for memory before it fails
     */
    public record Batching(
            long bufferBytesMax,
            int batchBytes,
            Duration batchTimeout,
            int requestBytesMax,
            Duration bufferWait) {}

    /** How the bucket of a row without bucket key is picked. */
    public enum BucketAssigner {
        /** One bucket until a batch is full, then any other. */
        STICKY,
        /** One after the other, row by row. */
        ROUND_ROBIN
    }

    /**
     * Reads the options.
     *
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG naming option, value and remedy
     */
    public static WriterSettings from(Settings s) {
        int acks = acks(s.text("client.writer.acks", "all"));
        int retries = s.integer("client.writer.retries", Integer.MAX_VALUE);
        boolean idempotent = s.flag("client.writer.enable-idempotence", true);
        int inflight =
                s.integer(
                        "client.writer.max-inflight-requests-per-bucket", IDEMPOTENT_INFLIGHT_MAX);
        if (inflight < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option 'client.writer.max-inflight-requests-per-bucket' is "
                            + inflight
                            + ", but must be at least 1");
        }
        if (idempotent && (acks != -1 || retries == 0 || inflight > IDEMPOTENT_INFLIGHT_MAX)) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "'client.writer.enable-idempotence' needs client.writer.acks=all,"
                            + " client.writer.retries above 0 and at most "
                            + IDEMPOTENT_INFLIGHT_MAX
                            + " for client.writer.max-inflight-requests-per-bucket; set it to false"
                            + " to use other values");
        }
        Batching batching =
                new Batching(
                        s.bytes("client.writer.buffer.memory-size", 64L << 20),
                        size(s, "client.writer.batch-size", 2 << 20),
                        s.duration("client.writer.batch-timeout", Duration.ofMillis(100)),
                        size(s, "client.writer.request-max-size", 10 << 20),
                        positive(s, "client.writer.buffer.wait-timeout"));
        return new WriterSettings(
                batching,
                acks,
                retries,
                idempotent,
                inflight,
                s.flag("client.writer.dynamic-create-partition.enabled", true),
                positive(s, "client.writer.delivery-timeout"),
                s.choice("client.writer.bucket.no-key-assigner", BucketAssigner.STICKY));
    }

    private static Duration positive(Settings s, String key) {
        Duration value = s.duration(key, WAIT_MAX);
        if (value.isNegative() || value.isZero()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + value.toMillis() + " ms, but must be positive");
        }
        return value;
    }

    private static int size(Settings s, String key, int defaultBytes) {
        long bytes = s.bytes(key, defaultBytes);
        if (bytes < 1 || bytes > Integer.MAX_VALUE) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + bytes + " bytes, but must be 1 to 2147483647");
        }
        return (int) bytes;
    }

    private static int acks(String text) {
        return switch (text.trim().toLowerCase(Locale.ROOT)) {
            case "all", "-1" -> -1;
            case "1" -> 1;
            case "0" -> 0;
            default ->
                    throw ErrorReason.INVALID_CONFIG.exception(
                            "option 'client.writer.acks' has the value '"
                                    + text
                                    + "', but must be all, 1 or 0");
        };
    }
}
