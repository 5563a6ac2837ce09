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
package io.fluss.tiering.round;

import io.fluss.table.TableBucket;
import java.io.Serializable;

/**
 * What one task copies of a bucket. Travels to the task.
 *
 * @param partitionName values joined with {@code $}; empty text if the table is not partitioned
 * @param from first log offset
 * @param to end of the log when the round was planned
 */
public record BucketSplit(
        int taskId, TableBucket bucket, String partitionName, Source source, long from, long to)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Where the rows come from. */
    public enum Source {
        /** The log offsets {@code [from, to)}. */
        LOG,
        /**
         * The rows that a bucket of a table with a primary key has, as of an offset that is known
         * when they are read; they stand for the log up to there. The log itself if the cluster has
         * no rows to give.
         */
        ROWS
    }

    public BucketSplit {
        if (from < 0 || from >= to) {
            throw new IllegalArgumentException(bucket + ": no split [" + from + ", " + to + ")");
        }
    }

    /** Offsets of the log. */
    public static BucketSplit log(
            int taskId, TableBucket bucket, String partitionName, long from, long to) {
        return new BucketSplit(taskId, bucket, partitionName, Source.LOG, from, to);
    }
}
