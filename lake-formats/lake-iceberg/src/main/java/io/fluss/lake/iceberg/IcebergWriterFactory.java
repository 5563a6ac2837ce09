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
import io.fluss.lake.LakeWriter;
import io.fluss.lake.LakeWriterFactory;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Opens writers on a copy of the table that travels to the tasks. */
final class IcebergWriterFactory implements LakeWriterFactory {
    private static final long serialVersionUID = 1L;

    private final Table table;
    private final Schema schema;
    private final LayoutGeneration generation;
    private final int partitionKeyCount;
    private final boolean hasNestedColumns;
    private final @Nullable KeyedTable keyed;

    /**
     * @param schema columns of the files, with the ids of the table
     * @param keyed null for a log table
     */
    IcebergWriterFactory(
            Table table,
            Schema schema,
            LayoutGeneration generation,
            int partitionKeyCount,
            boolean hasNestedColumns,
            @Nullable KeyedTable keyed) {
        this.table = table;
        this.schema = schema;
        this.generation = generation;
        this.partitionKeyCount = partitionKeyCount;
        this.hasNestedColumns = hasNestedColumns;
        this.keyed = keyed;
    }

    @Override
    public LakeWriter open(WriteTask task) {
        FileFormat format =
                FileFormat.fromString(
                        table.properties()
                                .getOrDefault(
                                        TableProperties.DEFAULT_FILE_FORMAT,
                                        TableProperties.DEFAULT_FILE_FORMAT_DEFAULT));
        DataFileLocations locations = new DataFileLocations(table, partition(task), task, format);
        DataFileOpener opener =
                format == FileFormat.PARQUET && !hasNestedColumns
                        ? new ColumnFileOpener(table, schema, locations)
                        : new RecordFileOpener(table, schema, locations, format);
        long targetBytes =
                Long.parseLong(
                        table.properties()
                                .getOrDefault(
                                        TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
                                        Long.toString(
                                                TableProperties
                                                        .WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT)));
        if (keyed != null) {
            return new KeyedIcebergWriter(
                    table,
                    keyed,
                    new KeyedIcebergWriter.Target(
                            locations, opener, targetBytes, generation, task.bucket().bucket()));
        }
        return new IcebergWriter(
                table.io(), opener, targetBytes, generation, task.bucket().bucket());
    }

    @Override
    public void abort(List<LakeWriter.Result> results) {
        IcebergLakeCommitter.delete(table.io(), results);
    }

    /** From the partition's name and the bucket's number, not from the rows. */
    private StructLike partition(WriteTask task) {
        PartitionSpec spec = table.spec();
        List<String> values =
                task.partitionName().map(n -> List.of(n.split("\\$", -1))).orElse(List.of());
        if (values.size() != partitionKeyCount) {
            throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                    table.name()
                            + ": partition name "
                            + task.partitionName()
                            + " of bucket "
                            + task.bucket()
                            + " does not have the "
                            + partitionKeyCount
                            + " values of the partition keys");
        }
        List<Object> tuple = new ArrayList<>(values);
        if (spec.fields().size() > partitionKeyCount) {
            tuple.add(task.bucket().bucket());
        }
        GenericRecord partition = GenericRecord.create(spec.partitionType());
        List<PartitionField> fields = spec.fields();
        for (int i = 0; i < fields.size(); i++) {
            partition.set(i, tuple.get(i));
        }
        return partition;
    }
}
