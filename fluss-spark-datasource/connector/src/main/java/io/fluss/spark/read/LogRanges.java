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
package io.fluss.spark.read;

import io.fluss.errors.ErrorReason;
import io.fluss.table.TableBucket;
import io.fluss.table.TablePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Which log ranges a bounded read takes. Pure functions. */
final class LogRanges {
    private LogRanges() {}

    /**
     * Per bucket: from the lake's end offset, or from the start of the log where the lake has none,
     * up to the stop offset.
     *
     * @param starts first offset that the log still holds
     * @param stops exclusive
     * @param lakeEnds exclusive; a bucket without entry has no rows in the lake
     * @throws io.fluss.errors.FlussException with LOG_OFFSET_OUT_OF_RANGE if records between lake
     *     and log are in neither
     */
    static List<LogRangePartition> behindLake(
            TablePath path,
            Map<TableBucket, Long> starts,
            Map<TableBucket, Long> stops,
            Map<TableBucket, Long> lakeEnds,
            OptionalLong recordsMax) {
        List<LogRangePartition> out = new ArrayList<>();
        new TreeMap<>(stops)
                .forEach(
                        (bucket, stop) -> {
                            long start = starts.getOrDefault(bucket, 0L);
                            Long lakeEnd = lakeEnds.get(bucket);
                            if (lakeEnd != null && lakeEnd < start) {
                                throw gap(path, bucket, lakeEnd, start);
                            }
                            long from = lakeEnd == null ? start : lakeEnd;
                            split(new LogRangePartition(bucket, from, stop), recordsMax, out);
                        });
        return out;
    }

    /** Cuts a range into parts of at most so many offsets; an empty range gives no part. */
    static void split(
            LogRangePartition range, OptionalLong recordsMax, List<LogRangePartition> out) {
        long length = range.to() - range.from();
        if (length <= 0) {
            return;
        }
        long parts = recordsMax.isEmpty() ? 1 : ceilDiv(length, recordsMax.getAsLong());
        for (long i = 0; i < parts; i++) {
            out.add(
                    new LogRangePartition(
                            range.bucket(),
                            range.from() + length / parts * i + Math.min(i, length % parts),
                            range.from()
                                    + length / parts * (i + 1)
                                    + Math.min(i + 1, length % parts)));
        }
    }

    private static long ceilDiv(long a, long b) {
        return (a - 1) / b + 1;
    }

    private static RuntimeException gap(
            TablePath path, TableBucket bucket, long lakeEnd, long start) {
        return ErrorReason.LOG_OFFSET_OUT_OF_RANGE.exception(
                path
                        + ": offsets ["
                        + lakeEnd
                        + ", "
                        + start
                        + ") of bucket "
                        + bucket
                        + " are neither in the lake snapshot nor in the log any more. To read what"
                        + " is left, use option read.mode = lake or hot");
    }
}
