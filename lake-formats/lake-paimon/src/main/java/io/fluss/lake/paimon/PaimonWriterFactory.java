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

import io.fluss.formats.json.DataTypeJson;
import io.fluss.lake.LakeCommitter;
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory;
import io.fluss.types.DataType;
import java.util.List;
import org.apache.paimon.data.BinaryRow;
import org.apache.paimon.table.BucketMode;
import org.apache.paimon.table.FileStoreTable;
import org.apache.paimon.table.sink.TableCommitImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens writers on a copy of the table that travels to the tasks. */
final class PaimonWriterFactory implements LakeWriterFactory {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(PaimonWriterFactory.class);

    private final FileStoreTable table;
    private final LayoutGeneration generation;

    /** Types do not travel by Java serialization; this is their JSON. */
    private final byte[] columns;

    private final boolean isColumnar;

    /**
     * @param columns of the Fluss table
     */
    PaimonWriterFactory(
            FileStoreTable table, LayoutGeneration generation, DataType.RowType columns) {
        this.table = table;
        this.generation = generation;
        this.columns = DataTypeJson.write(columns);
        // A column that the lake table has more is filled by the row path.
        this.isColumnar =
                ColumnFiles.areFor(table)
                        && columns.fields().size() + generation.systemColumns(0).size()
                                == table.rowType().getFieldCount();
    }

    @Override
    public LakeWriter open(WriteTask task) {
        BinaryRow partition =
                Partitions.of(
                        task,
                        (DataType.RowType) DataTypeJson.read(columns),
                        table.partitionKeys(),
                        table.schema().logicalPartitionType());
        boolean isBucketAware = table.bucketMode() != BucketMode.BUCKET_UNAWARE;
        int lakeBucket = isBucketAware ? task.bucket().bucket() : 0;
        return isColumnar
                ? new ColumnWriter(table, generation, partition, lakeBucket, task, isBucketAware)
                : new RowWriter(table, generation, lakeBucket, task);
    }

    @Override
    public void abort(List<LakeWriter.Result> results) {
        abort(table, results);
    }

    /** Deletes the files; those that stay are orphans and do no harm. */
    // Only the interface of closing says that it can be interrupted.
    @SuppressWarnings("try")
    static void abort(FileStoreTable table, List<LakeWriter.Result> results) {
        try (TableCommitImpl commit = table.newCommit(LakeCommitter.COMMIT_USER)) {
            commit.abort(PaimonWriteResult.messages(results));
        } catch (Exception e) {
            LOG.warn("Files of {} could not be deleted and are orphans now", table.fullName(), e);
        }
    }
}
