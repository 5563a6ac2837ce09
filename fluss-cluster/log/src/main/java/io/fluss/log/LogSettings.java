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
package io.fluss.log;

import io.fluss.settings.Settings;
import java.time.Duration;

/**
 * Limits of a log; keys and defaults are those of the server behaviour document, section 18.2.
 *
 * @param segmentSizeMaxBytes a segment that would grow beyond it is rolled
 * @param indexIntervalBytes about one index entry for so many bytes of log
 * @param indexSizeMaxBytes a segment whose offset index would grow beyond it is rolled
 * @param flushIntervalRecords a checkpoint is due after so many records
 * @param writerExpiry a writer without batches for this long is forgotten
 */
public record LogSettings(
        int segmentSizeMaxBytes,
        int indexIntervalBytes,
        int indexSizeMaxBytes,
        long flushIntervalRecords,
        Duration writerExpiry) {

    public static LogSettings from(Settings settings) {
        return new LogSettings(
                Math.toIntExact(settings.bytes("log.segment.file-size", 1L << 30)),
                Math.toIntExact(settings.bytes("log.index.interval-size", 4L << 10)),
                Math.toIntExact(settings.bytes("log.index.file-size", 10L << 20)),
                settings.number("log.flush.interval-messages", Long.MAX_VALUE),
                settings.duration("server.writer-id.expiration-time", Duration.ofDays(7)));
    }
}
