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
package io.fluss.lake.iceberg;

import io.fluss.errors.ErrorReason;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rolls data files at the target size. Offsets and times are stored in the legacy layout only. */
final class IcebergWriter implements LakeWriter {
    private static final Logger LOG = LoggerFactory.getLogger(IcebergWriter.class);

    private final FileIO io;
    private final DataFileOpener opener;
    private final long targetFileBytes;
    private final LayoutGeneration generation;
    private final int bucket;
    private final List<DataFile> finished = new ArrayList<>();
    private DataFileOpener.@Nullable OpenFile current;
    private boolean isComplete;

    IcebergWriter(
            FileIO io,
            DataFileOpener opener,
            long targetFileBytes,
            LayoutGeneration generation,
            int bucket) {
        this.io = io;
        this.opener = opener;
        this.targetFileBytes = targetFileBytes;
        this.generation = generation;
        this.bucket = bucket;
    }

    @Override
    public void write(LakeRows batch) {
        VectorSchemaRoot rows = batch.rows();
        if (isComplete) {
            throw new IllegalStateException("the writer is complete");
        }
        if (rows.getRowCount() == 0) {
            return;
        }
        try {
            DataFileOpener.OpenFile file = current;
            if (file == null) {
                file = opener.open();
                current = file;
            }
            if (generation == LayoutGeneration.LEGACY) {
                try (SystemColumns with =
                        new SystemColumns(
                                rows, bucket, batch.baseOffset(), batch.commitTimestampMs())) {
                    file.write(with.rows());
                }
            } else {
                file.write(rows);
            }
            if (file.sizeBytes() >= targetFileBytes) {
                finishFile();
            }
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    "writing rows from offset "
                            + batch.baseOffset()
                            + " to data file "
                            + location()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public Result complete() {
        try {
            finishFile();
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    "ending data file " + location() + ": " + e.getMessage(), e);
        }
        isComplete = true;
        return new IcebergWriteResult(finished);
    }

    @Override
    public void close() {
        if (isComplete) {
            return;
        }
        isComplete = true;
        DataFileOpener.OpenFile file = current;
        current = null;
        if (file != null) {
            try {
                file.close();
            } catch (IOException | RuntimeException e) {
                LOG.warn("Closing the unfinished data file {}", file.location(), e);
            }
            IcebergLakeCommitter.delete(io, file.location());
        }
        finished.forEach(f -> IcebergLakeCommitter.delete(io, f.location()));
        finished.clear();
    }

    private void finishFile() throws IOException {
        DataFileOpener.OpenFile file = current;
        if (file != null) {
            finished.add(file.complete());
            current = null;
        }
    }

    private String location() {
        DataFileOpener.OpenFile file = current;
        return file == null ? "(not created)" : file.location();
    }
}
