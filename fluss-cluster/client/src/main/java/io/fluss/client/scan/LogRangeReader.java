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

import io.fluss.formats.filter.Predicate;
import java.util.Optional;

/**
 * Reads a fixed range of offsets of one bucket and ends. Not thread-safe. Waits for data as long as
 * needed, with retries; fails if the range is not in the log.
 */
public interface LogRangeReader extends AutoCloseable {
    /**
     * Tells which rows are wanted, before the first {@link #next}: see {@link LogScanner#filter}.
     * Batches in the range without a wanted row may be missing then.
     */
    void filter(Predicate wanted);

    /**
     * The next records, exactly those in the range; empty at the end. The caller closes the batch.
     */
    Optional<ScanBatch> next();

    /** Offset up to which (exclusive) everything was handed out, is empty or is not wanted. */
    long consumedUpTo();

    @Override
    void close();
}
