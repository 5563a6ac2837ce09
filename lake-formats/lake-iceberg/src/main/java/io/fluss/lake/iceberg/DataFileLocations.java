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

import io.fluss.lake.LakeWriterFactory.WriteTask;
import java.util.Locale;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;

/**
 * Names the files of one writer: {@code <bucket>-<round>-<task>-<attempt>-<counter>.<format>},
 * under what the table's location provider says, in the directory of the partition if there is one.
 */
final class DataFileLocations {
    private final Table table;
    private final StructLike partition;
    private final WriteTask task;
    private final FileFormat format;
    private int counter;

    DataFileLocations(Table table, StructLike partition, WriteTask task, FileFormat format) {
        this.table = table;
        this.partition = partition;
        this.task = task;
        this.format = format;
    }

    StructLike partition() {
        return partition;
    }

    FileFormat format() {
        return format;
    }

    /** Of the next data file. */
    String next() {
        return next(format);
    }

    /** Of the next file, which may hold deletes. */
    String next(FileFormat of) {
        String name =
                of.addExtension(
                        String.format(
                                Locale.ROOT,
                                "%05d-%s-%d-%d-%05d",
                                task.bucket().bucket(),
                                task.roundId(),
                                task.taskId(),
                                task.attemptId(),
                                counter++));
        return table.spec().isPartitioned()
                ? table.locationProvider().newDataLocation(table.spec(), partition, name)
                : table.locationProvider().newDataLocation(name);
    }
}
