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
package io.fluss.client.current;

import io.fluss.errors.ErrorReason;
import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * How the rows of buckets are read.
 *
 * @param pageBytes aim for the rows of one page
 * @param leaseTime how long a snapshot stays although there are newer ones
 * @param changesBytesMax memory for the changes that are newer than a snapshot
 * @param temporaryDirectory where the files of snapshots are put while they are read
 */
public record CurrentSettings(
        int pageBytes, Duration leaseTime, long changesBytesMax, String temporaryDirectory) {

    /**
     * Reads the options.
     *
     * @throws io.fluss.errors.FlussException with INVALID_CONFIG naming option, value and remedy
     */
    public static CurrentSettings from(Settings s) {
        long page = s.bytes("client.scanner.kv.fetch.max-bytes", 4 << 20);
        if (page < 1 || page > Integer.MAX_VALUE) {
            throw ErrorReason.INVALID_CONFIG.exception(
                    "option 'client.scanner.kv.fetch.max-bytes' is "
                            + page
                            + " bytes, but must be 1 to 2147483647");
        }
        return new CurrentSettings(
                (int) page,
                s.duration("client.scanner.kv.snapshot.lease-duration", Duration.ofDays(1)),
                s.bytes("client.scanner.kv.changes.memory-size", 256L << 20),
                s.text("client.scanner.io.tmpdir", System.getProperty("java.io.tmpdir", "/tmp")));
    }
}
