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
package io.fluss.lake.paimon;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.paimon.Snapshot;
import org.apache.paimon.data.BinaryRow;
import org.apache.paimon.io.CompactIncrement;
import org.apache.paimon.io.DataFileMeta;
import org.apache.paimon.io.DataIncrement;
import org.apache.paimon.manifest.ManifestEntry;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.sink.CommitMessageImpl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes an append table by {@link ColumnFiles}, rolled at the target size. Rows of a bucket are
 * numbered on from its files, as Paimon's writer does.
 */
final class ColumnWriter implements LakeWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ColumnWriter.class);

    private final FileStoreTable table;
    private final LayoutGeneration generation;
    private final BinaryRow partition;
    private final int lakeBucket;
    private final WriteTask task;
    private final ColumnFiles files;
    private final long targetBytes;
    private final List<DataFileMeta> ended = new ArrayList<>();
    private ColumnFiles.@Nullable OpenFile current;
    private long nextSequence;
    private long rows;
    private boolean isComplete;

    ColumnWriter(
            FileStoreTable table,
            LayoutGeneration generation,
            BinaryRow partition,
            int lakeBucket,
            WriteTask task,
            boolean isBucketAware) {
        this.table = table;
        this.generation = generation;
        this.partition = partition;
        this.lakeBucket = lakeBucket;
        this.task = task;
        this.files = new ColumnFiles(table, partition, lakeBucket);
        this.targetBytes = table.coreOptions().targetFileSize(false);
        this.nextSequence = isBucketAware ? lastSequence() + 1 : 0;
    }

    private long lastSequence() {
        Snapshot latest = table.snapshotManager().latestSnapshot();
        return latest == null
                ? -1
                : table
                        .store()
                        .newScan()
                        .withSnapshot(latest)
                        .withPartitionBucket(partition, lakeBucket)
                        .plan()
                        .files()
                        .stream()
                        .map(ManifestEntry::file)
                        .mapToLong(DataFileMeta::maxSequenceNumber)
                        .max()
                        .orElse(-1);
    }

    @Override
    public void write(LakeRows batch) {
        if (isComplete) {
            throw new IllegalStateException("the writer is complete");
        }
        if (batch.count() == 0) {
            return;
        }
        try {
            ColumnFiles.OpenFile file = current;
            if (file == null) {
                file = files.open();
                current = file;
            }
            if (generation == LayoutGeneration.LEGACY) {
                try (SystemColumns with = new SystemColumns(batch, task.bucket().bucket())) {
                    file.writer().write(with.rows());
                }
            } else {
                VectorSchemaRoot plain = batch.rows();
                file.writer().write(plain);
            }
            rows += batch.count();
            if (file.writer().sizeBytes() >= targetBytes) {
                endFile();
            }
        } catch (IOException e) {
            throw failed("writing rows from offset " + batch.baseOffset(), e);
        }
    }

    private void endFile() throws IOException {
        ColumnFiles.OpenFile file = current;
        if (file != null) {
            DataFileMeta meta = files.end(file, nextSequence);
            current = null;
            nextSequence = meta.maxSequenceNumber() + 1;
            ended.add(meta);
        }
    }

    @Override
    public Result complete() {
        try {
            endFile();
        } catch (IOException e) {
            throw failed("ending a file", e);
        }
        PaimonWriteResult result =
                PaimonWriteResult.of(
                        List.of(
                                new CommitMessageImpl(
                                        partition,
                                        lakeBucket,
                                        table.coreOptions().bucket(),
                                        new DataIncrement(ended, List.of(), List.of()),
                                        CompactIncrement.emptyIncrement())),
                        rows);
        isComplete = true;
        return result;
    }

    private RuntimeException failed(String what, IOException cause) {
        return ErrorReason.STORAGE.exception(
                what
                        + " of "
                        + task.bucket()
                        + " in Paimon table "
                        + table.fullName()
                        + ": "
                        + cause.getMessage(),
                cause);
    }

    @Override
    public void close() {
        if (isComplete) {
            return;
        }
        isComplete = true;
        ColumnFiles.OpenFile file = current;
        current = null;
        if (file != null) {
            try {
                file.writer().close();
            } catch (IOException | RuntimeException e) {
                LOG.warn("Closing the unfinished data file {}", file.path(), e);
            }
            files.delete(file.path());
        }
        ended.forEach(f -> files.delete(files.path(f)));
        ended.clear();
    }
}
