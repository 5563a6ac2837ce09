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
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeRows;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import java.util.List;
import org.apache.paimon.disk.IOManager;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.sink.CommitMessage;
import org.apache.paimon.table.sink.TableCommitImpl;
import org.apache.paimon.table.sink.TableWriteImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands rows to Paimon's own writer of the bucket, one view at a time. It numbers the rows of a key
 * on from the bucket's files and merges, so all changes are handed over, with their kinds.
 */
final class RowWriter implements LakeWriter {
    private static final Logger LOG = LoggerFactory.getLogger(RowWriter.class);

    private final FileStoreTable table;
    private final LayoutGeneration generation;
    private final int lakeBucket;
    private final WriteTask task;
    private final IOManager spill;
    private final TableWriteImpl<?> write;
    private long rows;
    private boolean isComplete;

    /**
     * @param lakeBucket bucket of the Paimon table
     */
    RowWriter(FileStoreTable table, LayoutGeneration generation, int lakeBucket, WriteTask task) {
        this.table = table;
        this.generation = generation;
        this.lakeBucket = lakeBucket;
        this.task = task;
        this.spill = IOManager.create(System.getProperty("java.io.tmpdir"));
        this.write = table.newWrite(LakeCommitter.COMMIT_USER).withIOManager(spill);
    }

    @Override
    public void write(LakeRows batch) {
        if (isComplete) {
            throw new IllegalStateException("the writer is complete");
        }
        LakeRowView row =
                new LakeRowView(
                        batch, generation, table.rowType().getFieldCount(), task.bucket().bucket());
        try {
            for (int i = 0; i < batch.count(); i++) {
                write.write(row.at(i), lakeBucket);
            }
        } catch (Exception e) {
            throw ErrorReason.STORAGE.exception(
                    "writing rows from offset "
                            + batch.baseOffset()
                            + " of "
                            + task.bucket()
                            + " to Paimon table "
                            + table.fullName()
                            + ": "
                            + e.getMessage(),
                    e);
        }
        rows += batch.count();
    }

    @Override
    public Result complete() {
        PaimonWriteResult result = PaimonWriteResult.of(prepare(), rows);
        isComplete = true;
        return result;
    }

    private List<CommitMessage> prepare() {
        try {
            return write.prepareCommit(true, Long.MAX_VALUE);
        } catch (Exception e) {
            throw ErrorReason.STORAGE.exception(
                    "ending the files of Paimon table " + table.fullName() + ": " + e.getMessage(),
                    e);
        }
    }

    @Override
    public void close() {
        if (!isComplete) {
            isComplete = true;
            discard();
        }
        release(write);
        release(spill);
    }

    /** Files that were ended already are known to Paimon only by what a commit would be told. */
    // Only the interface of closing says that it can be interrupted.
    @SuppressWarnings("try")
    private void discard() {
        if (rows == 0) {
            return;
        }
        try (TableCommitImpl commit = table.newCommit(LakeCommitter.COMMIT_USER)) {
            commit.abort(prepare());
        } catch (Exception e) {
            LOG.warn("Files of an unfinished writer of {} may be orphans", table.fullName(), e);
        }
    }

    private void release(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("Closing a writer of {}", table.fullName(), e);
        }
    }
}
