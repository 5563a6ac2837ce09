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
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.jspecify.annotations.Nullable;

/** The lake's row reader with the table's columns. */
final class LakeRows implements PartitionReader<InternalRow> {
    private final PartitionReader<InternalRow> lake;
    private final LakeUse of;
    private final @Nullable UnsafeProjection projection;

    LakeRows(PartitionReader<InternalRow> lake, LakeColumns columns, LakeUse of) {
        this.lake = lake;
        this.of = of;
        this.projection = columns.isIdentity() ? null : columns.rowProjection();
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
    public InternalRow get() {
        InternalRow row = lake.get();
        return projection == null ? row : projection.apply(row);
    }

    @Override
    public void close() throws IOException {
        lake.close();
    }
}
