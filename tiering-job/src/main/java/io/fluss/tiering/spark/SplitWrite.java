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
package io.fluss.tiering.spark;

import io.fluss.client.Connection;
import io.fluss.client.current.BucketRows;
import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory;
import io.fluss.table.TableInfo;
import io.fluss.tiering.round.BucketSplit;
import io.fluss.tiering.round.SplitResult;
import io.fluss.time.SystemClock;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.jspecify.annotations.Nullable;

/**
 * The work of a task: copies splits into lake files, Arrow batch by Arrow batch. Travels to the
 * executors. The scanner fetches the next batches while a batch is written.
 *
 * <p>Past {@code deadlineMs} a running split ends at the batch it has reached, and a split that was
 * not started is left alone; the first one always moves, so that no round is cut to nothing. The
 * changes of a table with a primary key are taken batch by batch, too, so that no update is torn;
 * rows of a bucket are finished whatever the time, since half of them stand for no offset.
 */
final class SplitWrite implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What rows have whose changes are not known (lakehouse document, section 4.1). */
    private static final long SNAPSHOT_TIMESTAMP_MS = -1;

    private final HashMap<String, String> clientSettings;
    private final ShippedTable table;
    private final LakeWriterFactory writers;
    private final String roundId;
    private final long deadlineMs;
    private final long recordsMax;

    /**
     * @param recordsMax a split of a table with a primary key ends behind so many; 0 for no limit
     */
    SplitWrite(
            Map<String, String> clientSettings,
            TableInfo table,
            LakeWriterFactory writers,
            String roundId,
            long deadlineMs,
            long recordsMax) {
        this.clientSettings = new HashMap<>(clientSettings);
        this.table = ShippedTable.of(table);
        this.writers = writers;
        this.roundId = roundId;
        this.deadlineMs = deadlineMs;
        this.recordsMax = recordsMax;
    }

    /** The splits of a task; if one fails, nothing of the task stays. */
    @SuppressWarnings("NonApiType") // serializable, which a list need not be
    ArrayList<SplitResult> run(List<BucketSplit> splits) {
        ArrayList<SplitResult> done = new ArrayList<>();
        boolean isWhole = false;
        try {
            for (BucketSplit split : splits) {
                done.add(run(split));
            }
            isWhole = true;
            return done;
        } finally {
            if (!isWhole) {
                // Nobody hears of the files of splits that ended well.
                List<LakeWriter.Result> files = new ArrayList<>();
                done.stream().map(SplitResult::files).filter(Objects::nonNull).forEach(files::add);
                writers.abort(files);
            }
        }
    }

    private SplitResult run(BucketSplit split) {
        boolean mustMove = split.taskId() == 0;
        if (!mustMove && isOver()) {
            return new SplitResult(split, split.from(), -1, null);
        }
        try (BufferAllocator allocator = new RootAllocator();
                Copy copy = new Copy(split)) {
            return split.source() == BucketSplit.Source.ROWS
                    ? copy.rows(allocator)
                    : copy.log(allocator);
        }
    }

    private boolean isOver() {
        return SystemClock.INSTANCE.nowMs() >= deadlineMs;
    }

    /** One split on its way into the lake; its writer is opened with the first row. */
    private final class Copy implements AutoCloseable {
        private final BucketSplit split;
        private final TaskContext task = TaskContext.get();
        private final TableInfo info = table.table();
        private long maxTimestampMs = -1;
        private @Nullable LakeWriter writer;

        Copy(BucketSplit split) {
            this.split = split;
        }

        SplitResult rows(BufferAllocator allocator) {
            try (BucketRows rows =
                    connection().snapshot(info, split.bucket(), Optional.empty(), allocator)) {
                if (rows.logOffset() > 0) {
                    for (Optional<VectorSchemaRoot> next = rows.next();
                            next.isPresent();
                            next = rows.next()) {
                        checkAlive();
                        try (VectorSchemaRoot page = next.get()) {
                            if (page.getRowCount() > 0) {
                                writer().write(LakeRows.snapshot(page, SNAPSHOT_TIMESTAMP_MS));
                            }
                        }
                    }
                    return result(rows.logOffset());
                }
            }
            // The cluster has made no snapshot yet, so the log is all there.
            return log(allocator);
        }

        SplitResult log(BufferAllocator allocator) {
            long end = split.from();
            long records = 0;
            try (LogRangeReader reader =
                    connection()
                            .logRange(
                                    info,
                                    split.bucket(),
                                    split.from(),
                                    split.to(),
                                    Optional.empty(),
                                    allocator)) {
                boolean isFull = false;
                while (!isFull) {
                    checkAlive();
                    Optional<ScanBatch> next = reader.next();
                    if (next.isEmpty()) {
                        break;
                    }
                    try (ScanBatch batch = next.get()) {
                        // Before the writer takes the rows over.
                        records += batch.rows().getRowCount();
                        write(batch);
                    }
                    isFull = isOver() || (info.hasPrimaryKey() && isLong(records));
                }
                // Offsets may belong to empty batches, so rows do not tell how far it is done.
                end = Math.min(split.to(), Math.max(end, reader.consumedUpTo()));
            }
            return result(end);
        }

        private void write(ScanBatch batch) {
            if (batch.rows().getRowCount() == 0) {
                return;
            }
            writer().write(
                            info.hasPrimaryKey()
                                    ? new LakeRows(
                                            batch.rows(),
                                            Optional.of(batch.changeTypes()),
                                            batch.baseOffset(),
                                            batch.commitTimestampMs())
                                    : LakeRows.appended(
                                            batch.rows(),
                                            batch.baseOffset(),
                                            batch.commitTimestampMs()));
            maxTimestampMs = Math.max(maxTimestampMs, batch.commitTimestampMs());
        }

        private SplitResult result(long end) {
            return new SplitResult(
                    split, end, maxTimestampMs, writer == null ? null : writer.complete());
        }

        private void checkAlive() {
            if (task.isInterrupted()) {
                throw new TaskKilledException("round " + roundId + " was cancelled");
            }
        }

        private LakeWriter writer() {
            LakeWriter open = writer;
            if (open == null) {
                open = open(split, task.taskAttemptId());
                writer = open;
            }
            return open;
        }

        @Override
        public void close() {
            if (writer != null) {
                writer.close();
            }
        }
    }

    private boolean isLong(long records) {
        return recordsMax > 0 && records >= recordsMax;
    }

    private Connection connection() {
        return ProcessConnection.of(clientSettings);
    }

    private LakeWriter open(BucketSplit split, long attemptId) {
        return writers.open(
                new LakeWriterFactory.WriteTask(
                        split.bucket(),
                        split.partitionName().isEmpty()
                                ? Optional.empty()
                                : Optional.of(split.partitionName()),
                        roundId,
                        split.taskId(),
                        attemptId));
    }
}
