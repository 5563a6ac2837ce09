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

import io.fluss.spark.paimon.PaimonScan.PaimonPartition;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.paimon.disk.IOManager;
import org.apache.paimon.table.source.ReadBuilder;
import org.apache.paimon.types.RowType;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Opens readers in tasks; all of them read batches. */
record PaimonReaderFactory(ReadBuilder builder, RowType columns) implements PartitionReaderFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean supportColumnarReads(InputPartition partition) {
        return true;
    }

    @Override
    public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
        IOManager spill = IOManager.create(System.getProperty("java.io.tmpdir"));
        try {
            return new PaimonReader(
                    builder.newRead()
                            .withIOManager(spill)
                            .createReader(((PaimonPartition) partition).split()),
                    spill,
                    columns);
        } catch (IOException e) {
            throw new UncheckedIOException("opening a split of " + builder.tableName(), e);
        }
    }

    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
        throw new UnsupportedOperationException("this reader hands out batches");
    }
}
