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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.util.StructLikeWrapper;

/** A data file of a snapshot with the delete files that apply to it. */
record LiveFile(DataFile file, List<DeleteFile> deletes) {
    LiveFile {
        deletes = List.copyOf(deletes);
    }

    /** Those of them that name positions. */
    List<DeleteFile> positionDeletes() {
        return deletes.stream().filter(d -> d.content() == FileContent.POSITION_DELETES).toList();
    }

    /** The files of one partition, which in a table with buckets is one bucket of a partition. */
    static List<LiveFile> of(Table table, long snapshotId, StructLike partition) {
        PartitionSpec spec = table.spec();
        StructLikeWrapper wanted = StructLikeWrapper.forType(spec.partitionType()).set(partition);
        StructLikeWrapper actual = StructLikeWrapper.forType(spec.partitionType());
        List<LiveFile> found = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan()
                        .useSnapshot(snapshotId)
                        .filter(inPartition(spec, partition))
                        .ignoreResiduals()
                        .planFiles()) {
            for (FileScanTask task : tasks) {
                checkSpec(table, task.file());
                if (actual.set(task.file().partition()).equals(wanted)) {
                    found.add(new LiveFile(task.file(), task.deletes()));
                }
            }
        } catch (IOException e) {
            throw ErrorReason.STORAGE.exception(
                    table.name() + ": reading the files of a snapshot: " + e.getMessage(), e);
        }
        return found;
    }

    private static void checkSpec(Table table, DataFile file) {
        if (file.specId() != table.spec().specId()) {
            throw ErrorReason.INVALID_TABLE.exception(
                    table.name()
                            + ": data file "
                            + file.location()
                            + " was written with another partitioning; rewrite the data files"
                            + " with the table's own");
        }
    }

    private static Expression inPartition(PartitionSpec spec, StructLike partition) {
        Expression all = Expressions.alwaysTrue();
        for (int i = 0; i < spec.fields().size(); i++) {
            PartitionField field = spec.fields().get(i);
            Transform<?, ?> transform = field.transform();
            if (transform.isIdentity()) {
                String column = spec.schema().findColumnName(field.sourceId());
                all =
                        Expressions.and(
                                all, Expressions.equal(column, partition.get(i, Object.class)));
            }
        }
        return all;
    }
}
