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

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * How lookups are collected and sent.
 *
 * @param queueSize keys that are not answered; beyond it lookups block
 * @param batchSize keys of a bucket in one request
 * @param inflightMax requests that are not answered
 * @param batchWait how long keys wait for others; those that come while no more requests may be
 *     sent go together all the same
 * @param retries how often keys are sent again after retriable errors
 * @param timeout how long keys are tried
 */
public record LookupSettings(
        int queueSize,
        int batchSize,
        int inflightMax,
        Duration batchWait,
        int retries,
        Duration timeout) {

    /**
     * Reads the options.
     *
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG naming option, value and remedy
     */
    public static LookupSettings from(Settings s) {
        int queueSize = positive(s, "client.lookup.queue-size", 25_600);
        Duration timeout = s.duration("client.lookup.timeout", Duration.ofMinutes(2));
        if (timeout.isNegative() || timeout.isZero()) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option 'client.lookup.timeout' is "
                            + timeout.toMillis()
                            + " ms, but must be positive");
        }
        return new LookupSettings(
                queueSize,
                Math.min(queueSize, positive(s, "client.lookup.max-batch-size", 128)),
                positive(s, "client.lookup.max-inflight-requests", 128),
                s.duration("client.lookup.batch-timeout", Duration.ZERO),
                s.integer("client.lookup.max-retries", Integer.MAX_VALUE),
                timeout);
    }

    private static int positive(Settings s, String key, int defaultValue) {
        int value = s.integer(key, defaultValue);
        if (value < 1) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + value + ", but must be at least 1");
        }
        return value;
    }
}
