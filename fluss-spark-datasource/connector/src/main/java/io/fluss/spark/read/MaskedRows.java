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

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** As {@link MaskedBatches}, for lakes that are read by row. Owned by one task thread. */
final class MaskedRows implements PartitionReader<InternalRow> {
    private final PartitionReader<InternalRow> lake;
    private final LakeMask mask;
    private final @Nullable UnsafeProjection shown;
    private LakeMask.@Nullable Open open;

    /**
     * @param lake with the columns of the scan and those of the mask behind them
     * @param columns of these rows
     */
    MaskedRows(PartitionReader<InternalRow> lake, LakeMask mask, StructType columns) {
        this.lake = lake;
        this.mask = mask;
        this.shown =
                mask.shownColumns() == columns.length()
                        ? null
                        : firstColumns(columns, mask.shownColumns());
    }

    private static UnsafeProjection firstColumns(StructType columns, int count) {
        List<Expression> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StructField f = columns.apply(i);
            out.add(new BoundReference(i, f.dataType(), f.nullable()));
        }
        return UnsafeProjection.create(CollectionConverters.asScala(out).toSeq());
    }

    @Override
    public boolean next() throws IOException {
        LakeMask.Open m = open;
        if (m == null) {
            m = mask.open();
            open = m;
        }
        while (lake.next()) {
            if (m.keeps(lake.get())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public InternalRow get() {
        InternalRow row = lake.get();
        return shown == null ? row : shown.apply(row);
    }

    @Override
    public void close() throws IOException {
        lake.close();
    }
}
