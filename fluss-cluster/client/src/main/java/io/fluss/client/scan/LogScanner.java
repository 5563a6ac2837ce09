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
import io.fluss.table.TableBucket;
import java.time.Duration;
import java.util.List;

/**
 * Follows the logs of some buckets. Not thread-safe, except {@link #wakeup()}. Fetches ahead,
 * bounded by bytes; a bucket at its end never holds up one that has data.
 */
public interface LogScanner extends AutoCloseable {
    /** Stands for the earliest available offset. */
    long EARLIEST = -2;

    /** Starts to read a bucket at an offset, or moves it there. */
    void subscribe(TableBucket bucket, long offset);

    void unsubscribe(TableBucket bucket);

    /**
     * Tells which rows are wanted, before the first {@link #poll}. A hint: servers that can do it
     * leave out batches without a wanted row, positions move over them, and all rows of the other
     * batches come. The caller filters rows.
     */
    void filter(Predicate wanted);

    /**
     * What has arrived, at most {@code timeout} later; empty if nothing has, or if only positions
     * have moved. The caller closes the batches.
     *
     * @throws io.fluss.errors.FlussException with LOG_OFFSET_OUT_OF_RANGE if a position is not in
     *     the log any more
     */
    List<ScanBatch> poll(Duration timeout);

    /**
     * Offset behind what was handed out of a bucket, including empty batches; EARLIEST if nothing
     * is known yet.
     */
    long position(TableBucket bucket);

    /** Makes a waiting {@link #poll} return. */
    void wakeup();

    @Override
    void close();
}
