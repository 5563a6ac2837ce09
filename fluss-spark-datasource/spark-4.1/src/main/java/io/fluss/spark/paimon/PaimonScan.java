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
package io.fluss.spark.paimon;

import io.fluss.table.TablePath;
import java.util.List;
import java.util.OptionalLong;
import org.apache.paimon.table.source.ReadBuilder;
import org.apache.paimon.table.source.Split;
import org.apache.paimon.types.RowType;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** One snapshot of a table; each of Paimon's splits is a partition. Driver only. */
final class PaimonScan implements SupportsReportStatistics, Batch {
    private final TablePath path;
    private final long snapshotId;
    private final ReadBuilder builder;
    private final RowType columns;
    private @Nullable List<Split> splits;

    PaimonScan(TablePath path, long snapshotId, ReadBuilder builder, RowType columns) {
        this.path = path;
        this.snapshotId = snapshotId;
        this.builder = builder;
        this.columns = columns;
    }

    /** Of some splits of the snapshot. */
    PaimonScan(
            TablePath path,
            long snapshotId,
            ReadBuilder builder,
            RowType columns,
            List<? extends Split> splits) {
        this(path, snapshotId, builder, columns);
        this.splits = List.copyOf(splits);
    }

    @Override
    public StructType readSchema() {
        return PaimonTypes.schema(columns);
    }

    @Override
    public String description() {
        return "Paimon " + path + " at snapshot " + snapshotId;
    }

    @Override
    public Batch toBatch() {
        return this;
    }

    @Override
    public InputPartition[] planInputPartitions() {
        return splits().stream().map(PaimonPartition::new).toArray(InputPartition[]::new);
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
        return new PaimonReaderFactory(builder, columns);
    }

    @Override
    public Statistics estimateStatistics() {
        long rows = splits().stream().mapToLong(Split::rowCount).sum();
        return new Size(OptionalLong.of(rows), columns.getFieldCount());
    }

    private List<Split> splits() {
        List<Split> known = splits;
        if (known == null) {
            // The manifests' own statistics are not needed any more and would only travel.
            known = builder.dropStats().newScan().plan().splits();
            splits = known;
        }
        return known;
    }

    private record Size(OptionalLong numRows, int columns) implements Statistics {
        private static final long WIDTH_GUESS = 16;

        @Override
        public OptionalLong sizeInBytes() {
            return OptionalLong.of(numRows.orElse(0) * WIDTH_GUESS * Math.max(columns, 1));
        }
    }

    /** A split on its way to a task. */
    record PaimonPartition(Split split) implements InputPartition {
        private static final long serialVersionUID = 1L;
    }
}
