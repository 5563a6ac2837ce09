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
package io.fluss.client.scan;

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * How the log is fetched.
 *
 * @param fetchBytesMax records in one answer of a server
 * @param bucketBytesMax records of one bucket in one answer
 * @param fetchBytesMin a server may wait until so many bytes are there
 * @param waitMax longest wait of a server for data
 * @param pollRecordsMax a poll returns batches until it has so many records
 * @param prefetchBytesMax nothing more is fetched while so much waits to be handed out
 * @param outOfRange what happens at an offset that is not in the log
 */
public record ScannerSettings(
        int fetchBytesMax,
        int bucketBytesMax,
        int fetchBytesMin,
        Duration waitMax,
        int pollRecordsMax,
        long prefetchBytesMax,
        OutOfRange outOfRange) {

    /**
     * Where reading goes on if the wanted offset is not in the log, for example because it expired.
     */
    public enum OutOfRange {
        /** Nowhere: the poll fails. */
        ERROR,
        /** At the first record there is; what is between is skipped. */
        EARLIEST,
        /** Behind the last record. */
        LATEST
    }

    /**
     * Reads the options.
     *
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG naming option, value and remedy
     */
    public static ScannerSettings from(Settings s) {
        return new ScannerSettings(
                size(s, "client.scanner.log.fetch.max-bytes", 16 << 20),
                size(s, "client.scanner.log.fetch.max-bytes-for-bucket", 1 << 20),
                size(s, "client.scanner.log.fetch.min-bytes", 1),
                s.duration("client.scanner.log.fetch.wait-max-time", Duration.ofMillis(500)),
                s.integer("client.scanner.log.max-poll-records", 500),
                s.bytes("client.scanner.log.prefetch.memory-size", 128L << 20),
                s.choice("client.scanner.log.out-of-range", OutOfRange.ERROR));
    }

    private static int size(Settings s, String key, int defaultBytes) {
        long bytes = s.bytes(key, defaultBytes);
        if (bytes < 1 || bytes > Integer.MAX_VALUE) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option '" + key + "' is " + bytes + " bytes, but must be 1 to 2147483647");
        }
        return (int) bytes;
    }
}
