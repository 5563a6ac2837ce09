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
import java.io.IOException;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * The lake's columnar reader with the table's columns. Its metrics are not passed on: Spark fails
 * on metrics that the scan did not declare.
 */
final class LakeBatches implements PartitionReader<ColumnarBatch> {
    private final PartitionReader<ColumnarBatch> lake;
    private final LakeUse of;
    private final LakeColumns columns;
    private final boolean isIdentity;

    LakeBatches(PartitionReader<ColumnarBatch> lake, LakeColumns columns, LakeUse of) {
        this.lake = lake;
        this.of = of;
        this.columns = columns;
        this.isIdentity = columns.isIdentity();
    }

    @Override
    public boolean next() throws IOException {
        try {
            return lake.next();
        } catch (IOException | RuntimeException e) {
            LakeFiles.refuseMissing(of, e);
            throw e;
        }
    }

    @Override
    public ColumnarBatch get() {
        ColumnarBatch batch = lake.get();
        return isIdentity ? batch : columns.adapt(batch);
    }

    @Override
    public void close() throws IOException {
        lake.close();
    }
}
