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

import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * Limits of scans of all rows.
 *
 * @param perBucketMax open scans of one bucket
 * @param perServerMax open scans of this server
 * @param ttl a scan without a call for this long ends
 * @param batchBytesMax size of an answer
 */
record ScanSettings(int perBucketMax, int perServerMax, Duration ttl, int batchBytesMax) {
    static ScanSettings of(Settings settings) {
        return new ScanSettings(
                settings.integer("kv.scanner.max-per-bucket", 8),
                settings.integer("kv.scanner.max-per-server", 200),
                settings.duration("kv.scanner.ttl", Duration.ofMinutes(10)),
                Math.toIntExact(settings.bytes("kv.scanner.max-batch-size", 10L << 20)));
    }
}
