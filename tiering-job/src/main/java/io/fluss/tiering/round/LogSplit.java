package io.fluss.tiering.round;

import io.fluss.table.TableBucket;
import java.io.Serializable;

/**
 * Log offsets {@code [from, to)} of one bucket, the work of one task. Travels to the task.
 *
 * @param partitionName values joined with {@code $}; empty text if the table is not partitioned
 */
public record LogSplit(
        int taskId, TableBucket bucket, String partitionName, long from, long to)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public LogSplit {
        if (from < 0 || from >= to) {
            throw new IllegalArgumentException(bucket + ": no split [" + from + ", " + to + ")");
        }
    }
}
