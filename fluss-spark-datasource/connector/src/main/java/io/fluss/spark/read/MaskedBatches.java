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

import io.fluss.spark.mask.SelectedVector;
import java.io.IOException;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;

/**
 * The lake's columnar reader without the rows that the hot tier replaces. A batch that loses no row
 * is handed out as it came. Owned by one task thread.
 */
final class MaskedBatches implements PartitionReader<ColumnarBatch> {
    private final PartitionReader<ColumnarBatch> lake;
    private final LakeMask mask;
    private LakeMask.@Nullable Open open;
    private @Nullable ColumnarBatch current;
    private int[] kept = new int[0];

    /**
     * @param lake with the columns of the scan and those of the mask behind them
     */
    MaskedBatches(PartitionReader<ColumnarBatch> lake, LakeMask mask) {
        this.lake = lake;
        this.mask = mask;
    }

    @Override
    public boolean next() throws IOException {
        current = null;
        LakeMask.Open m = open;
        if (m == null) {
            m = mask.open();
            open = m;
        }
        while (lake.next()) {
            ColumnarBatch batch = lake.get();
            if (kept.length < batch.numRows()) {
                kept = new int[batch.numRows()];
            }
            int count = m.kept(batch, kept);
            if (count > 0) {
                current = SelectedVector.of(batch, kept, count, mask.shownColumns());
                return true;
            }
        }
        return false;
    }

    @Override
    public ColumnarBatch get() {
        ColumnarBatch batch = current;
        if (batch == null) {
            throw new IllegalStateException("get() without a successful next()");
        }
        return batch;
    }

    @Override
    public void close() throws IOException {
        lake.close();
    }
}
