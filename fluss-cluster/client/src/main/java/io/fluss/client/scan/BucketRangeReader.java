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
import io.fluss.formats.filter.Predicate;
import io.fluss.table.TableBucket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Reads a range with a scanner of its own. Not thread-safe. */
public final class BucketRangeReader implements LogRangeReader {
    private static final Duration POLL = Duration.ofSeconds(1);

    private final LogScanner scanner;
    private final TableBucket bucket;
    private final long to;
    private final Deque<ScanBatch> fetched = new ArrayDeque<>();
    private long consumedUpTo;

    private BucketRangeReader(LogScanner scanner, TableBucket bucket, long from, long to) {
        this.scanner = scanner;
        this.bucket = bucket;
        this.consumedUpTo = from;
        this.to = to;
    }

    /**
     * Reads a range of one bucket.
     *
     * @param scanner without buckets; closed by the reader
     * @param from first offset
     * @param to behind the last offset
     */
    public static BucketRangeReader open(
            LogScanner scanner, TableBucket bucket, long from, long to) {
        BucketRangeReader reader = new BucketRangeReader(scanner, bucket, from, to);
        if (from < to && to > 0) {
            scanner.subscribe(bucket, from);
        }
        return reader;
    }

    @Override
    public void filter(Predicate wanted) {
        scanner.filter(wanted);
    }

    @Override
    public Optional<ScanBatch> next() {
        while (consumedUpTo < to && to > 0) {
            if (fetched.isEmpty()) {
                fetched.addAll(scanner.poll(POLL));
            }
            ScanBatch batch = fetched.poll();
            if (batch == null) {
                // Nothing but empty or unwanted batches, or nothing at all yet.
                consumedUpTo = Math.max(consumedUpTo, scanner.position(bucket));
                continue;
            }
            if (batch.baseOffset() >= to) {
                batch.close();
                consumedUpTo = Math.max(consumedUpTo, batch.baseOffset());
                break;
            }
            checkNoGap(batch);
            consumedUpTo = Math.max(consumedUpTo, batch.nextOffset());
            return Optional.of(withinRange(batch));
        }
        return Optional.empty();
    }

    private void checkNoGap(ScanBatch batch) {
        if (consumedUpTo >= 0 && batch.baseOffset() < consumedUpTo) {
            batch.close();
            throw ErrorReason.CORRUPT_RECORD.exception(
                    "bucket "
                            + bucket
                            + ": a batch at offset "
                            + batch.baseOffset()
                            + " follows offset "
                            + consumedUpTo);
        }
    }

    private ScanBatch withinRange(ScanBatch batch) {
        long end = batch.baseOffset() + batch.rows().getRowCount();
        if (end <= to) {
            return batch;
        }
        return new ScanBatch(
                batch.bucket(),
                batch.baseOffset(),
                to,
                batch.commitTimestampMs(),
                BatchReader.cut(batch.rows(), 0, (int) (to - batch.baseOffset())),
                batch.changeTypes());
    }

    @Override
    public long consumedUpTo() {
        return Math.min(consumedUpTo, to);
    }

    @Override
    public void close() {
        fetched.forEach(ScanBatch::close);
        fetched.clear();
        scanner.close();
    }
}
