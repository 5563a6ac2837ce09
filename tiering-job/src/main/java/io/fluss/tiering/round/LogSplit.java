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
 * Log offsets {@code [from, to)} of one bucket, the work of one task. Travels to the task.
 *
 * @param partitionName values joined with {@code $}; empty text if the table is not partitioned
 */
public record LogSplit(int taskId, TableBucket bucket, String partitionName, long from, long to)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public LogSplit {
        if (from < 0 || from >= to) {
            throw new IllegalArgumentException(bucket + ": no split [" + from + ", " + to + ")");
        }
    }
}
