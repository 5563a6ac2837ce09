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

import io.fluss.spark.hold.LakeUse;
import java.io.Serializable;
import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * Opens readers of the lake in tasks.
 *
 * @param columns as the mask wants them, if there is one
 * @param mask absent if all rows of the lake count
 * @param use what is read; whoever has these readers can read it
 */
record LakeReaders(
        PartitionReaderFactory factory,
        LakeColumns columns,
        boolean isColumnar,
        @Nullable LakeMask mask,
        LakeUse use)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    PartitionReader<ColumnarBatch> batches(LakePartition p) {
        PartitionReader<ColumnarBatch> all =
                new LakeBatches(open(() -> factory.createColumnarReader(p.inner())), columns, use);
        return mask == null ? all : new MaskedBatches(all, mask);
    }

    PartitionReader<InternalRow> rows(LakePartition p) {
        PartitionReader<InternalRow> all =
                new LakeRows(open(() -> factory.createReader(p.inner())), columns, use);
        return mask == null ? all : new MaskedRows(all, mask, columns.wanted());
    }

    LakeReaders masked(LakeMask by) {
        return new LakeReaders(factory, columns, isColumnar, by, use);
    }

    private <T> T open(Supplier<T> reader) {
        try {
            return reader.get();
        } catch (RuntimeException e) {
            LakeFiles.refuseMissing(use, e);
            throw e;
        }
    }
}
