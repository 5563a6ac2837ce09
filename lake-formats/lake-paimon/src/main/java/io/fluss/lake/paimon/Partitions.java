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
import io.fluss.formats.keys.PartitionNames;
import io.fluss.formats.row.RowValues;
import io.fluss.lake.LakeWriterFactory.WriteTask;
import io.fluss.types.DataType;
import java.util.List;
import org.apache.paimon.data.BinaryRow;
import org.apache.paimon.data.serializer.InternalRowSerializer;
import org.apache.paimon.types.RowType;

/** Typed partitions of a Paimon table from the names of ours. */
final class Partitions {
    private Partitions() {}

    /**
     * The partition of a task; the empty row for a table without partitions.
     *
     * @param columns of the Fluss table
     * @param lake the partition columns of the lake table
     */
    static BinaryRow of(WriteTask task, DataType.RowType columns, List<String> keys, RowType lake) {
        if (task.partitionName().isPresent() == keys.isEmpty()) {
            throw ErrorReason.PARTITION_SPEC_INVALID.exception(
                    "partition name "
                            + task.partitionName()
                            + " of bucket "
                            + task.bucket()
                            + " does not have the values of the partition keys "
                            + keys);
        }
        if (keys.isEmpty()) {
            return BinaryRow.EMPTY_ROW;
        }
        RowValues values = PartitionNames.values(columns, keys, task.partitionName().orElseThrow());
        return new InternalRowSerializer(lake)
                .toBinaryRow(ValuesView.row(values, keys.size()))
                .copy();
    }
}
