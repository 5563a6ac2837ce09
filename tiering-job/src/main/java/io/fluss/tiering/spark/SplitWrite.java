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

import io.fluss.client.scan.LogRangeReader;
import io.fluss.client.scan.ScanBatch;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory;
import io.fluss.table.TableInfo;
import io.fluss.tiering.round.LogSplit;
import io.fluss.tiering.round.SplitResult;
import io.fluss.time.Clock;
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
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.jspecify.annotations.Nullable;

/**
 * The work of a task: copies splits into lake files, Arrow batch by Arrow batch. Travels to the
 * executors. The scanner fetches the next batches while a batch is written.
 *
 * <p>Past {@code deadlineMs} a running split ends at the batch it has reached, and a split that was
 * not started is left alone; the first one always moves, so that no round is cut to nothing.
 */
final class SplitWrite implements Serializable {
    private static final long serialVersionUID = 1L;

    private final HashMap<String, String> clientSettings;
    private final ShippedTable table;
    private final LakeWriterFactory writers;
    private final String roundId;
    private final long deadlineMs;

    SplitWrite(
            Map<String, String> clientSettings,
            TableInfo table,
            LakeWriterFactory writers,
            String roundId,
            long deadlineMs) {
        this.clientSettings = new HashMap<>(clientSettings);
        this.table = ShippedTable.of(table);
        this.writers = writers;
        this.roundId = roundId;
        this.deadlineMs = deadlineMs;
    }

    /** The splits of a task; if one fails, nothing of the task stays. */
    @SuppressWarnings("NonApiType") // serializable, which a list need not be
    ArrayList<SplitResult> run(List<LogSplit> splits) {
        ArrayList<SplitResult> done = new ArrayList<>();
        boolean isWhole = false;
        try {
            for (LogSplit split : splits) {
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

    private SplitResult run(LogSplit split) {
        Clock clock = SystemClock.INSTANCE;
        boolean mustMove = split.taskId() == 0;
        if (!mustMove && clock.nowMs() >= deadlineMs) {
            return new SplitResult(split, split.from(), -1, null);
        }
        TaskContext task = TaskContext.get();
        TableInfo info = table.table();
        long end = split.from();
        long maxTimestampMs = -1;
        @Nullable LakeWriter writer = null;
        try (BufferAllocator allocator = new RootAllocator();
                LogRangeReader reader =
                        ProcessConnection.of(clientSettings)
                                .logRange(
                                        info,
                                        split.bucket(),
                                        split.from(),
                                        split.to(),
                                        Optional.empty(),
                                        allocator)) {
            while (true) {
                if (task.isInterrupted()) {
                    throw new TaskKilledException("round " + roundId + " was cancelled");
                }
                Optional<ScanBatch> next = reader.next();
                if (next.isEmpty()) {
                    break;
                }
                try (ScanBatch batch = next.get()) {
                    if (batch.rows().getRowCount() > 0) {
                        if (writer == null) {
                            writer = open(split, task.taskAttemptId());
                        }
                        writer.write(
                                LakeRows.appended(
                                        batch.rows(),
                                        batch.baseOffset(),
                                        batch.commitTimestampMs()));
                        maxTimestampMs = Math.max(maxTimestampMs, batch.commitTimestampMs());
                    }
                }
                if (clock.nowMs() >= deadlineMs) {
                    break;
                }
            }
            // Offsets may belong to empty batches, so rows do not tell how far the split is done.
            end = Math.min(split.to(), Math.max(end, reader.consumedUpTo()));
            return new SplitResult(
                    split, end, maxTimestampMs, writer == null ? null : writer.complete());
        } finally {
            if (writer != null) {
                writer.close();
            }
        }
    }

    private LakeWriter open(LogSplit split, long attemptId) {
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
