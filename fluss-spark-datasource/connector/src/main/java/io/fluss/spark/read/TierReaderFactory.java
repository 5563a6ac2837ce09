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
package io.fluss.spark.read;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * Opens readers of both tiers in tasks. All partitions of a scan are columnar or none is, because
 * Spark does not mix them.
 */
public final class TierReaderFactory implements PartitionReaderFactory {
    private static final long serialVersionUID = 1L;

    private final LogSource log;
    private final @Nullable LakeReaders lake;

    private TierReaderFactory(LogSource log, @Nullable LakeReaders lake) {
        this.log = log;
        this.lake = lake;
    }

    /** Only log ranges. */
    public static TierReaderFactory logOnly(LogSource log) {
        return new TierReaderFactory(log, null);
    }

    static TierReaderFactory union(LogSource log, LakeReaders lake) {
        return new TierReaderFactory(log, lake);
    }

    @Override
    public boolean supportColumnarReads(InputPartition partition) {
        return lake == null || lake.isColumnar();
    }

    @Override
    public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
        if (partition instanceof LakePartition p && lake != null) {
            return lake.batches(p);
        }
        return partition instanceof RowsAtPartition p
                ? BucketRowsReader.open(log, p)
                : LogReader.open(log, (LogRangePartition) partition);
    }

    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
        if (partition instanceof LakePartition p && lake != null) {
            return lake.rows(p);
        }
        return new RowsOfBatches(createColumnarReader(partition));
    }
}
