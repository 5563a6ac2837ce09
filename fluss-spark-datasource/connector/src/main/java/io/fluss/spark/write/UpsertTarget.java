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
package io.fluss.spark.write;

import io.fluss.client.append.MergeMode;
import io.fluss.client.append.UpsertOptions;
import io.fluss.spark.FlussOptions.ClientSettings;
import io.fluss.spark.connection.ShippedTable;
import io.fluss.table.Column;
import io.fluss.table.TableInfo;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DeltaWriter;
import org.apache.spark.sql.connector.write.DeltaWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;

/**
 * Where and how a task upserts rows. Immutable, shipped to the tasks.
 *
 * @param columns which columns are written, and where they are in the rows; none if rows are only
 *     deleted
 * @param keyOrdinals where the primary key is in row ids, in key order; empty unless rows are
 *     changed by id
 */
record UpsertTarget(
        ClientSettings settings,
        ShippedTable table,
        Columns columns,
        List<Integer> keyOrdinals,
        MergeMode mode)
        implements DeltaWriterFactory, StreamingDataWriterFactory {
    private static final long serialVersionUID = 1L;

    UpsertTarget {
        keyOrdinals = List.copyOf(keyOrdinals);
    }

    /**
     * The written columns.
     *
     * @param positions in the table
     * @param ordinals in the rows, one for each position
     * @param changeType ordinal of the change type in the rows, or -1: all rows are upserts
     */
    record Columns(List<Integer> positions, List<Integer> ordinals, int changeType)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        Columns {
            positions = List.copyOf(positions);
            ordinals = List.copyOf(ordinals);
        }

        List<Column> of(TableInfo table) {
            return positions.stream().map(table.schema().columns()::get).toList();
        }
    }

    UpsertOptions options(TableInfo info) {
        int count = columns.positions().size();
        boolean isWhole = count == 0 || count == info.schema().columns().size();
        return new UpsertOptions(
                isWhole
                        ? Optional.empty()
                        : Optional.of(columns.of(info).stream().map(Column::name).toList()),
                mode);
    }

    @Override
    public DeltaWriter<InternalRow> createWriter(int partitionId, long taskId) {
        return UpsertTask.open(this);
    }

    @Override
    public DeltaWriter<InternalRow> createWriter(int partitionId, long taskId, long epochId) {
        return UpsertTask.open(this);
    }
}
