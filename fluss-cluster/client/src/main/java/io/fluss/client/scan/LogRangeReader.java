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

import java.util.Optional;

/**
 * Reads a fixed range of offsets of one bucket and ends. Not thread-safe. Waits for data as long as
 * needed, with retries; fails if the range is not in the log.
 */
public interface LogRangeReader extends AutoCloseable {
    /**
     * The next records, exactly those in the range; empty at the end. The caller closes the batch.
     */
    Optional<ScanBatch> next();

    /** Offset up to which (exclusive) everything was handed out or is empty. */
    long consumedUpTo();

    @Override
    void close();
}
