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
 * Opens readers of the rows of a table with a primary key, in both tiers. All partitions of a scan
 * are columnar or none is, because Spark does not mix them.
 *
 * @param lake how the lake is read, if it is
 * @param tails what changed behind the lake
 */
record KeyedReaderFactory(LogSource source, @Nullable LakeReaders lake, @Nullable Tails tails)
        implements PartitionReaderFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean supportColumnarReads(InputPartition partition) {
        return lake == null || lake.isColumnar();
    }

    @Override
    public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
        if (partition instanceof LakePartition p && lake != null) {
            return lake.batches(p);
        }
        if (partition instanceof LogRangePartition p && tails != null) {
            return TailReader.open(source, tails, p);
        }
        return partition instanceof LookupPartition p
                ? LookupReader.open(source, p)
                : BucketRowsReader.open(source, (BucketRowsPartition) partition);
    }

    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
        if (partition instanceof LakePartition p && lake != null) {
            return lake.rows(p);
        }
        return new RowsOfBatches(createColumnarReader(partition));
    }
}
